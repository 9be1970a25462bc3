import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core.images.quick_png import quick_png

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from((3, 4)))


@given(arrays(np.uint8, SHAPES))
def test_read_back_by_pillow(pixels):
    with Image.open(io.BytesIO(quick_png(pixels))) as image:
        assert image.mode == ("RGB", "RGBA")[pixels.shape[2] - 3]
        assert_array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize("step", [1, -1, 2])
def test_whatever_the_order_in_memory(step):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)[::step, ::step]
    with Image.open(io.BytesIO(quick_png(pixels))) as image:
        assert_array_equal(np.asarray(image), pixels)
