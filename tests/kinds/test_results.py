"""Every kind of result that people look at closely: palettes, pixels, cells and clusters."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from kmeans_core import cluster, quantize
from kmeans_core.images.color_spaces import SPACES, from_srgb
from kmeans_core.tables.writing import csv_bytes
from tests.images.made_pictures import picture_of

GAME = ["#0f380f", "#306230", "#8bac0f", "#9bbc0f"]


def dim_gradient():
    """Dark and smooth, where rounding moves most pixels to another color."""
    ramp = np.add.outer(np.arange(64), np.arange(64)) // 3
    return picture_of(np.dstack([ramp, ramp // 2, ramp // 3]))


def close_colors():
    """343 that lie within 7 levels of each other."""
    levels = np.stack(np.meshgrid(*[np.arange(60, 67)] * 3), axis=-1)
    return picture_of(levels.reshape(7, 49, 3))


def test_a_given_palette_keeps_its_order_in_the_file():
    few = picture_of(np.full((4, 4, 3), (0x9B, 0xBC, 0x0F)))
    with Image.open(io.BytesIO(quantize(few, 4, locked=GAME).png_bytes())) as image:
        assert bytes(image.getpalette()[:12]).hex() == "".join(color[1:] for color in GAME)
        assert set(np.asarray(image).ravel().tolist()) == {3}


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("make", [dim_gradient, close_colors])
@pytest.mark.parametrize("n_colors", [16, 64, 98])
def test_pixels_have_the_nearest_color_of_as_many_as_were_asked_for(make, space, n_colors):
    picture = make()
    result = quantize(picture, n_colors, space=space)
    palette = from_srgb(result.palette.colors, space)
    pixels = from_srgb(picture.pixels.reshape(-1, 3), space)
    distances = ((pixels[:, None] - palette) ** 2).sum(axis=2)
    chosen = distances[np.arange(len(pixels)), result.indices.ravel()]
    assert np.allclose(chosen, distances.min(axis=1), rtol=1e-9, atol=1e-12)
    assert len(result.palette) == min(n_colors, result.unique_colors)


def test_a_spreadsheet_runs_no_cell():
    frame = pd.DataFrame({"x": ["=1+1", "+cmd|' /C calc'!A0", "-5", "@SUM(A1)", "+7", "plain"]})
    written = csv_bytes(frame).decode().splitlines()[1:]
    assert written == ["'=1+1", "'+cmd|' /C calc'!A0", "-5", "'@SUM(A1)", "+7", "plain"]


def test_neighbors_that_fall_together_are_said():
    points = np.array([[2**63 - 3], [2**63 - 2], [2**63 - 1]], dtype=np.int64)
    result = cluster(points, 3)
    sizes = np.bincount(result.labels, minlength=3)
    assert (sizes == 0).any()
    assert any("no points" in note or "empty" in note for note in result.notes), result.notes
