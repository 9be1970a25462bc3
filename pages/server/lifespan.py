"""What the server starts with, and what it ends when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.middleware import Middleware
from streamlit.starlette import App

from kmeans_core.temporary import remove_leftovers
from pages.server.allocator import keep_little
from pages.server.headers import WithHeaders, security_headers
from pages.server.housekeeping import keep_house
from pages.server.style import WithStyle
from pages.server.uploads import UploadGate

MIDDLEWARE = [
    Middleware(WithHeaders, headers=security_headers()),
    Middleware(UploadGate),
    Middleware(WithStyle),
]


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Tidies up, before and as long as the server runs."""
    keep_little()
    remove_leftovers()
    housekeeping = asyncio.create_task(keep_house())
    try:
        yield
    finally:
        housekeeping.cancel()
