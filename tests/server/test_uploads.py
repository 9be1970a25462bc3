"""Bounds for uploads, on a real server."""

import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.components.shared import uploaded
from pages.server import uploads
from tests.browser.server import App
from tests.load.visitor import Visitor
from tests.waiting import in_own_loop


@pytest.fixture
def manager(monkeypatch):
    manager = MemoryUploadedFileManager("/upload")
    monkeypatch.setattr(uploads, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager))
    return manager


def test_files_that_no_widget_takes_are_removed(manager, monkeypatch):
    for visitor, file in (("a", "taken"), ("a", "stray"), ("b", "stray")):
        manager.add_file(visitor, UploadedFileRec(file, f"{file}.png", "image/png", b"xyz"))
    monkeypatch.setattr(uploaded, "_wanted", {"a": frozenset({"taken"})})
    assert uploads.stored_bytes() == {"a": 6, "b": 3}
    unwanted = uploads.UnwantedUploads()
    unwanted.remove()  # not yet: a page run that takes them may come
    assert uploads.stored_bytes() == {"a": 6, "b": 3}
    unwanted.remove(after_seconds=0)
    assert uploads.stored_bytes() == {"a": 3, "b": 0}


def gate(length, *, visitor="a", body=b""):
    """What the gate does with an upload that says it has so many bytes: the status, and what came through."""
    came, sent = [], []

    async def app(scope, receive, send):
        came.append(await receive())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run():
        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        headers = [] if length is None else [(b"content-length", str(length).encode())]
        path = f"/_stcore/upload_file/{visitor}/x"
        await uploads.UploadGate(app)(
            {"type": "http", "method": "PUT", "path": path, "headers": headers}, receive, send
        )

    in_own_loop(run())
    return sent[0]["status"], came


def test_bounds(manager, monkeypatch):
    assert gate(3, body=b"xyz") == (204, [{"type": "http.request", "body": b"xyz", "more_body": False}])
    assert gate(None)[0] == 411
    assert gate(2, body=b"xyz") == (204, [{"type": "http.disconnect"}])  # longer than it says
    assert gate(uploads.MAX_VISITOR_BYTES + 1)[0] == 413
    monkeypatch.setattr(uploads, "max_total_bytes", lambda: 10)
    manager.add_file("b", UploadedFileRec("f", "f.png", "image/png", b"12345678"))
    assert gate(2)[0] == 204
    assert gate(3)[0] == 413


@pytest.mark.browser
def test_a_real_server_refuses_too_much_and_sends_headers():
    app = App(KMEANS_READER_MB="300")
    try:

        def put(length: int) -> int:
            request = urllib.request.Request(
                f"{app.url}/_stcore/upload_file/a/b", b"x" * 10, {"Content-Length": str(length)}, method="PUT"
            )
            try:
                return urllib.request.urlopen(request, timeout=10).status
            except urllib.error.HTTPError as error:
                return error.code

        assert put(10**9) == 413
        assert put(10) in (400, 403)  # no such visitor
        with urllib.request.urlopen(app.url, timeout=10) as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]

        async def visit():
            async with Visitor.visit(app.url) as visitor:
                first = await visitor.run()
                visitor.set("colors", 7)
                return first, await visitor.run()

        first, second = in_own_loop(visit())
        assert (first.headings, second.headings) == (["Raccoon in 5 colors"], ["Raccoon in 7 colors"])
    finally:
        app.close()
