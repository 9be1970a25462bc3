"""The app's style sheet in the page itself: with the first run of a script it would come too late to keep
room for what is on its way."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kmeans_core.locations import ASSETS

_PLACE = b"</head>"


class WithStyle:
    """ASGI middleware that puts `assets/theme.css` into the head of every HTML page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._style = b"<style>" + (ASSETS / "theme.css").read_bytes() + b"</style>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_with_style(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    styled = body.replace(_PLACE, self._style + _PLACE, 1)
                    await send(_with_length(start, len(styled)))
                    await send({"type": "http.response.body", "body": styled})

        await self.app(scope, receive, send_with_style)


def _is_page(start: Message) -> bool:
    headers = dict(start.get("headers", []))
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers


def _with_length(start: Message, length: int) -> Message:
    # A browser that has kept the page asks whether Streamlit's file is newer, and not whether the style is.
    changed = (b"content-length", b"etag", b"last-modified")
    kept = [one for one in start.get("headers", []) if one[0].lower() not in changed]
    return {**start, "headers": [*kept, (b"content-length", str(length).encode())]}
