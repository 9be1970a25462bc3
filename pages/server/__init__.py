"""What the web server does around the pages: headers, bounds for uploads, and tidying up.

`streamlit_app.py` puts it together. It may use the shared components; no page or component imports it.
"""
