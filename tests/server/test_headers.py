"""Headers of every answer."""

import pytest

from pages.server.headers import FRAMES_VARIABLE, WithHeaders, security_headers
from tests.waiting import in_own_loop


def answered(app, path="/"):
    """What an ASGI app sends."""
    sent = []

    async def run():
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        await app({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send)

    in_own_loop(run())
    return sent


async def plain(scope, receive, send):
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"Referrer-Policy", b"unsafe-url")]}
    )
    await send({"type": "http.response.body", "body": b"x"})


def test_headers_are_added_to_what_an_answer_has():
    start, body = answered(WithHeaders(plain, security_headers()))
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    assert headers["referrer-policy"] == "unsafe-url"  # of the answer itself
    assert headers["x-content-type-options"] == "nosniff"
    assert body["body"] == b"x"
    policy = headers["content-security-policy"]
    assert "img-src 'self' data: blob:;" in policy
    assert "http:" not in policy
    assert " * " not in policy


@pytest.mark.parametrize("frames", ["", "'none'"])
def test_who_may_show_the_app_in_a_frame(monkeypatch, frames):
    monkeypatch.setenv(FRAMES_VARIABLE, frames)
    policy = security_headers()["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {frames}" if frames else "https://*.streamlit.app")
