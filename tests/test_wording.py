"""Numbers as people read them."""

import pytest

from kmeans_core.wording import bytes_text, count_text, number_text, portable_name, seconds_text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 KB"), (96_000, "96.0 KB"), (105_781, "106 KB"),
     (999_600, "1.00 MB"), (1_187_825, "1.19 MB"), (2.5e9, "2.50 GB")],
)  # fmt: skip
def test_bytes(count, text):
    assert bytes_text(count) == text


def test_counts():
    assert [count_text(count, "row") for count in (0, 1, 1500)] == ["0 rows", "1 row", "1,500 rows"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.000001, "0 ms"),
        (0.00042, "0.4 ms"),
        (0.0641, "64 ms"),
        (0.9996, "1.00 s"),
        (1.234, "1.23 s"),
        (74.4, "74.4 s"),
    ],
)
def test_seconds(seconds, text):
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1164.97, "1,165"), (26.37, "26.4"), (0.621, "0.62"), (float("inf"), "∞")]
)
def test_numbers(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cat.png", "cat.png"),
        ("a b.é.png", "a b.é.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.png", "x.png"),
        ("C:\\x\\a?.png", "a_.png"),
        ("a:b*.png", "a_b_.png"),
        ("con.png", "_con.png"),
        ("LPT1", "_LPT1"),
        ("dots. ..", "dots"),
        ("..", "picture"),
        ("", "picture"),
        ("line\nbreak.png", "line_break.png"),
    ],
)
def test_names_that_every_system_takes(name, safe):
    assert portable_name(name) == safe
    assert portable_name(safe) == safe
