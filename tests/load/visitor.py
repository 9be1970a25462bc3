"""One visitor: a web socket, the widgets that the page has, and what they are set to."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect


@dataclass
class PageRun:
    """What a run of a page has sent. headings, errors: texts. widgets: key → id."""

    headings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    widgets: dict[str, str] = field(default_factory=dict)
    n_bytes: int = 0


class Visitor:
    """A browser tab without a browser. url: "http://127.0.0.1:8501". page: its name in the address."""

    def __init__(self, socket: ClientConnection, url: str, page: str, query: str) -> None:
        self._socket, self._url, self._page, self._query = socket, url, page, query
        self._session = ""
        self._states: dict[str, WidgetState] = {}
        self.widgets: dict[str, str] = {}

    @classmethod
    @asynccontextmanager
    async def visit(cls, url: str, page: str = "", query: str = "") -> "AsyncIterator[Visitor]":
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(address, subprotocols=["streamlit"], origin=url, max_size=None) as socket:
            yield cls(socket, url, page, query)

    async def upload(self, key: str, name: str, data: bytes) -> int:
        """Puts a file into an uploader, for a server without protection against forged requests. Returns the
        status of the answer."""
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.session_id = self._session
        message.file_urls_request.file_names.append(name)
        await self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self._socket.recv())
            if answer.WhichOneof("type") == "file_urls_response":
                break
        (urls,) = answer.file_urls_response.file_urls
        status = await asyncio.to_thread(_put, self._url + urls.upload_url, name, data)
        state = WidgetState(id=self.widgets[key])
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, name, len(data)
        info.file_urls.CopyFrom(urls)
        self._states[key] = state
        return status

    def set(self, key: str, value: int | str) -> None:
        """Sets a widget by its key."""
        state = WidgetState(id=self.widgets[key])
        if isinstance(value, int):
            state.int_value = value
        else:
            state.string_value = value
        self._states[key] = state

    async def run(self) -> PageRun:
        """Has the page run, and waits for its end."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_name = self._page
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        await self._socket.send(message.SerializeToString())
        found = PageRun()
        while True:
            data = await self._socket.recv()
            found.n_bytes += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if kind == "script_finished":
                self.widgets |= found.widgets
                return found
            if kind == "new_session":
                self._session = answer.new_session.initialize.session_id
            if kind == "delta":
                _note(found, answer.delta.new_element)


def _put(url: str, name: str, data: bytes) -> int:
    """Sends a file as a form does."""
    edge = "----------------edge"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, kind, method="PUT"), timeout=60
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return 413  # refused while it was still being sent


def _note(found: PageRun, element: Any) -> None:
    kind = element.WhichOneof("type")
    if kind is None:
        return
    content = getattr(element, kind)
    body = getattr(content, "body", "")
    if kind == "heading":
        found.headings.append(body)
    elif kind == "alert":
        found.errors.append(body)
    elif kind == "markdown":
        found.texts.append(body)
    # "$$ID-<hash>-<key>"
    parts = getattr(content, "id", "").split("-", 2)
    if len(parts) == 3:
        found.widgets[parts[2]] = content.id
