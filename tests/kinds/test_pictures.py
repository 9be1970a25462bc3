"""Every kind of odd picture: what each pixel is."""

import numpy as np
import pytest

from kmeans_core import load_picture
from tests.kinds.pictures import HIDDEN, KINDS

MADE = [(f"{kind.__name__}: {name}", data, pixels) for kind in KINDS for name, data, pixels in kind()]


@pytest.mark.parametrize(("data", "pixels"), [made[1:] for made in MADE], ids=[made[0] for made in MADE])
def test_pixels(data, pixels):
    picture = load_picture(data)
    alpha = np.full(picture.pixels.shape[:2], 255) if picture.alpha is None else picture.alpha
    assert picture.pixels.shape[:2] == (len(pixels), len(pixels[0]))
    for row, line in enumerate(pixels):
        for column, expected in enumerate(line):
            found = (*picture.pixels[row, column].tolist(), int(alpha[row, column]))
            if expected is HIDDEN:
                assert found[3] == 0
            else:  # one level of rounding, for decoders and converters differ in it
                assert np.abs(np.subtract(found, expected)).max() <= 1, (found, expected)
