"""A picture or palette that a reader has read is the one that would have been read here."""

import dataclasses

import numpy as np
import pytest

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.palette_reading import read_palette
from kmeans_core.images.picture import load_picture
from kmeans_core.images.reading_apart import load_picture_apart, read_palette_apart
from kmeans_core.locations import ASSETS
from tests.kinds.pictures import KINDS

PICTURES = [(f"{kind.__name__}: {name}", data) for kind in KINDS for name, data, *_ in kind()]


@pytest.mark.parametrize("data", [data for _, data in PICTURES], ids=[name for name, _ in PICTURES])
def test_every_kind_of_picture(data):
    here, apart = load_picture(data, name="p"), load_picture_apart(data, "p")
    for field in dataclasses.fields(here):
        one, other = getattr(here, field.name), getattr(apart, field.name)
        if isinstance(one, np.ndarray):
            assert (one == other).all()
            assert not other.flags.writeable
        elif field.name != "load_seconds":
            assert one == other


def test_errors_are_the_same():
    for data in (b"", b"no picture", (ASSETS / "raccoon.png").read_bytes()[:5000]):
        with pytest.raises(PictureError) as here:
            load_picture(data, name="p")
        with pytest.raises(PictureError) as apart:
            load_picture_apart(data, "p")
        assert str(here.value) == str(apart.value)


def test_palettes():
    for data in (b"#ff0000\n00ff00\n", b"GIMP Palette\n255 0 0 red\n"):
        here, apart = read_palette(data, "p.txt"), read_palette_apart(data, "p.txt")
        assert here.colors.tolist() == apart.colors.tolist()
        assert here.notes == apart.notes
    with pytest.raises(OptionError, match="has no colors that can be read"):
        read_palette_apart(b"nothing", "p.txt")
