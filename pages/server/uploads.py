"""How much visitors may leave here: bounds for uploads, each visitor's and all together."""

import re
import threading
from time import monotonic

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from kmeans_core.host import memory_bytes
from pages.components.shared.uploaded import wanted_files

# A batch of 300 MB, and a picture and a table beside it.
MAX_VISITOR_BYTES = 400_000_000
# Of the machine's memory, for what all visitors have uploaded; a host with 1 GB has 250 MB.
_SHARE, _MIN_TOTAL_BYTES = 0.25, 120_000_000
# A page run that takes the file may wait for its turn.
_UNWANTED_SECONDS = 300.0
_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")


def max_total_bytes() -> int:
    """What all uploads together may take."""
    return max(int(_SHARE * memory_bytes()), _MIN_TOTAL_BYTES)


class UploadGate:
    """ASGI middleware that refuses uploads beyond the bounds, before their bytes are read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lock = threading.Lock()
        # Of requests that are under way: visitor → bytes.
        self._coming: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.search(scope.get("path", "")) if scope["type"] == "http" else None
        if match is None or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        visitor, length = match[1], _content_length(scope)
        if length is None:
            await PlainTextResponse("Give a Content-Length.", 411)(scope, receive, send)
            return
        with self._lock:
            refusal = self._refusal(visitor, length)
            if not refusal:
                self._coming[visitor] = self._coming.get(visitor, 0) + length
        if refusal:
            await PlainTextResponse(refusal, 413)(scope, receive, send)
            return
        try:
            await self.app(scope, _bounded(receive, length), send)
        finally:
            with self._lock:
                self._coming[visitor] -= length
                if self._coming[visitor] <= 0:
                    del self._coming[visitor]

    def _refusal(self, visitor: str, length: int) -> str:
        stored = stored_bytes()
        own = stored.get(visitor, 0) + self._coming.get(visitor, 0)
        if own + length > MAX_VISITOR_BYTES:
            return f"One visitor may have {MAX_VISITOR_BYTES / 1e6:,.0f} MB here; remove a file first."
        total = sum(stored.values()) + sum(self._coming.values())
        if total + length > max_total_bytes():
            return "This server has no room for it now; try again in a few minutes, or a smaller file."
        return ""


def stored_bytes() -> dict[str, int]:
    """What each visitor has uploaded and not removed: visitor → bytes."""
    manager = _manager()
    with manager._lock:
        return {
            visitor: sum(len(file.data) for file in files.values())
            for visitor, files in manager.file_storage.items()
        }


class UnwantedUploads:
    """Removes files that no widget has taken. when: since when each is known."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], float] = {}

    def remove(self, after_seconds: float = _UNWANTED_SECONDS) -> None:
        manager, now = _manager(), monotonic()
        with manager._lock:
            stored = {(visitor, file) for visitor, files in manager.file_storage.items() for file in files}
        unwanted = {entry for entry in stored if entry[1] not in wanted_files(entry[0])}
        self._since = {entry: self._since.get(entry, now) for entry in unwanted}
        for entry, since in self._since.items():
            if now - since >= after_seconds:
                manager.remove_file(*entry)


def _manager() -> MemoryUploadedFileManager:
    manager = get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return manager


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:20])
    return None


def _bounded(receive: Receive, length: int) -> Receive:
    """A body that claims to be shorter than it is ends where it should."""
    left = length

    async def receive_bounded() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            if len(body) > left:
                return {"type": "http.disconnect"}
            left -= len(body)
        return message

    return receive_bounded
