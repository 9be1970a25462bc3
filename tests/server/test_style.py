"""The style sheet in the head of the page."""

import pytest

from kmeans_core.locations import ASSETS
from pages.server.style import WithStyle
from tests.waiting import in_own_loop

PAGE = b"<html><head><title>A page</title></head><body></body></html>"


def answered(headers: dict[str, str], *parts: bytes) -> tuple[dict[str, str], bytes]:
    """What comes of an answer in several parts."""
    sent = []

    async def app(scope, receive, send):
        coded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": coded})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def keep(message):
        sent.append(message)

    in_own_loop(WithStyle(app)({"type": "http"}, None, keep))
    start, *bodies = sent
    assert [one["type"] for one in bodies] == ["http.response.body"] * len(bodies)
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return found, b"".join(one["body"] for one in bodies)


@pytest.mark.parametrize("cut", [0, 20, len(PAGE)])
def test_a_page_has_the_style_sheet_and_its_new_length(cut):
    given = {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(PAGE)),
        "last-modified": "then",
    }
    headers, body = answered(given, PAGE[:cut], PAGE[cut:])
    style = b"<style>" + (ASSETS / "theme.css").read_bytes() + b"</style></head>"
    assert body == PAGE.replace(b"</head>", style)
    assert headers["content-length"] == str(len(body))
    assert "last-modified" not in headers


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/css"}, {"content-type": "text/html", "content-encoding": "gzip"}]
)
def test_other_answers_stay_as_they_are(headers):
    assert answered(headers, b"one", b"two") == (headers, b"onetwo")
