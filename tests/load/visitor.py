"""One visitor: a web socket, the widgets that the page has, and what they are set to."""

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

    def __init__(self, socket: ClientConnection, page: str, query: str) -> None:
        self._socket, self._page, self._query = socket, page, query
        self._states: dict[str, WidgetState] = {}
        self.widgets: dict[str, str] = {}

    @classmethod
    @asynccontextmanager
    async def visit(cls, url: str, page: str = "", query: str = "") -> "AsyncIterator[Visitor]":
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(address, subprotocols=["streamlit"], origin=url, max_size=None) as socket:
            yield cls(socket, page, query)

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
            if kind == "delta":
                _note(found, answer.delta.new_element)


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
