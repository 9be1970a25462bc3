"""What is done every few seconds: nothing that a visitor has left stays here for long."""

import asyncio
import logging

from streamlit.runtime import get_instance
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from pages.components.shared.kept import forget_unused
from pages.components.shared.uploaded import forget_visitors
from pages.server.allocator import give_back
from pages.server.uploads import UnwantedUploads

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 10.0
# How long results are kept that nobody asks for: with visitors here, and with none.
_KEPT_SECONDS, _KEPT_ALONE_SECONDS = 900.0, 120.0


async def keep_house() -> None:
    """Tidies up until it is cancelled. Sessions belong to the server's loop, in which this runs."""
    uploads, n_before = UnwantedUploads(), 0
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            visitors = _remaining_visitors()
            forget_visitors(visitors)
            uploads.remove()
            dropped = forget_unused(_KEPT_SECONDS if visitors else _KEPT_ALONE_SECONDS)
            if dropped or len(visitors) < n_before:
                # Also what makes Streamlit let go of uploads: it does when a session's object goes.
                await asyncio.to_thread(give_back)
            n_before = len(visitors)
        except Exception:  # noqa: BLE001 - the next time may go better
            _log.exception("tidying up failed")


def _remaining_visitors() -> set[str]:
    """Lets go of sessions whose browser has been gone for two minutes: Streamlit by itself does so only when
    another visitor leaves. Returns the others."""
    manager = get_instance()._session_mgr
    assert isinstance(manager, WebsocketSessionManager)
    storage = manager._session_storage
    assert isinstance(storage, MemorySessionStorage)
    len(storage._cache)  # a question that drops what has expired
    return {info.session.id for info in manager.list_sessions()}
