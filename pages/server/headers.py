"""Headers that keep a browser from doing what this app never asks of it."""

import os
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Who may show the app in a frame: hosts do, around it.
FRAMES_VARIABLE = "KMEANS_FRAME_ANCESTORS"
_FRAMES = "'self' https://huggingface.co https://*.hf.space https://*.streamlit.app"


def content_security_policy(frames: str) -> str:
    """What the browser may load, and from where: everything from here alone, whatever a link or the name of a
    file makes of Markdown.

    Streamlit's own pages have one inline script and many inline styles, and its charts and components compile
    scripts from texts. frames: who may show the app in a frame.
    """
    allowed = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": frames,
    }
    return "; ".join(f"{kind} {sources}" for kind, sources in allowed.items())


def security_headers() -> dict[str, str]:
    """The headers of every answer."""
    return {
        "Content-Security-Policy": content_security_policy(os.environ.get(FRAMES_VARIABLE) or _FRAMES),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class WithHeaders:
    """ASGI middleware that adds headers to every answer that does not have them."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(one for one in self._headers if one[0] not in names)]
            await send(message)

        await self.app(scope, receive, send_with_headers)
