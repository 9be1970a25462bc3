"""Which colors of a palette exchanges are for, and exchanges as text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_core.errors import OptionError
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import from_srgb
from kmeans_core.images.palette import Palette, parse_colors
from kmeans_core.images.recoloring import (
    MAX_DIFFERENCE,
    Exchange,
    exchanges_text,
    parse_exchanges,
    place_exchanges,
)

# Few levels, so that colors often are alike.
HEX = st.integers(0, 6**3 - 1).map(lambda n: f"#{n % 6 * 8:02x}{n // 6 % 6 * 8:02x}{n // 36 * 8:02x}")
EXCHANGES = st.lists(st.builds(Exchange, HEX, HEX), max_size=6, unique_by=lambda one: one.old)


def palette_of(*hexes: str) -> Palette:
    return Palette(parse_colors(hexes, "colors"), np.ones(len(hexes), np.int64))


def difference(first: str, second: str) -> float:
    colors = from_srgb(parse_colors([first, second], "colors", distinct=False), "lab")
    return float(ciede2000(colors[:1], colors[1:])[0])


@given(colors=st.lists(HEX, min_size=1, max_size=8, unique=True), exchanges=EXCHANGES)
def test_each_exchange_is_for_one_color_like_its_own_or_waits(colors, exchanges):
    placed = place_exchanges(palette_of(*colors), exchanges)
    now = [f"#{bytes(color).hex()}" for color in placed.colors]
    assert len(set(now)) == len(colors)  # each color once, as before
    assert sorted([*placed.by_index.values(), *placed.waiting], key=repr) == sorted(exchanges, key=repr)
    for index, (before, after) in enumerate(zip(colors, now, strict=True)):
        if index not in placed.by_index:
            assert before == after
            continue
        made = placed.by_index[index]
        assert after == made.new
        assert difference(before, made.old) <= MAX_DIFFERENCE
        if made.old in colors:
            assert before == made.old


def test_an_exchange_follows_its_color_into_another_palette():
    placed = place_exchanges(palette_of("#101010", "#8a7f6e"), [Exchange("#8b806f", "#ff0000")])
    assert placed.by_index == {1: Exchange("#8b806f", "#ff0000")}
    assert placed.colors.tolist() == [[16, 16, 16], [255, 0, 0]]
    far = Exchange("#00ff00", "#ff0000")
    assert place_exchanges(palette_of("#101010", "#8a7f6e"), [far]).waiting == (far,)


@given(exchanges=EXCHANGES)
def test_exchanges_survive_as_text(exchanges):
    assert parse_exchanges(exchanges_text(exchanges)) == tuple(exchanges)


def test_of_several_exchanges_of_a_color_the_last_counts():
    assert parse_exchanges("111-222,123456-345678,111-333") == (
        Exchange("#123456", "#345678"),
        Exchange("#111111", "#333333"),
    )


@pytest.mark.parametrize("text", ["red", "123456", "123456-", "12-34", "111111-222222-333333"])
def test_what_is_no_exchange_is_said(text):
    with pytest.raises(OptionError, match="exchange"):
        parse_exchanges(text)
