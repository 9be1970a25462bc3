"""Every kind of palette file: which colors, in which order, and what is said."""

import pytest

from kmeans_core.images.palette import hex_of
from kmeans_core.images.palette_reading import read_palette
from tests.kinds.palettes import KINDS

MADE = [(f"{kind.__name__}: {made[0]}", *made) for kind in KINDS for made in kind()]


@pytest.mark.parametrize(("name", "data", "colors", "note"), [m[1:] for m in MADE], ids=[m[0] for m in MADE])
def test_colors(name, data, colors, note):
    palette = read_palette(data, name)
    assert [hex_of(color).removeprefix("#") for color in palette.colors] == colors
    assert note in " ".join(palette.notes)
    if not note:
        assert palette.notes == ()
