"""The pages of the app, one file each, which `streamlit_app.py` puts into its menu.

Nothing may import a page.
"""
