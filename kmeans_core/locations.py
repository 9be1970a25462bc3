"""Where the project's own files lie: around this package in a checkout, inside it where it is installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_app"

# The folder of the web app: streamlit_app.py, pages, assets and .streamlit.
APP = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
ASSETS = APP / "assets"
