"""Colors as 24-bit codes and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from kmeans_core.images.color_codes import codes, colors_of


def test_red_is_the_highest_byte():
    colors = np.array([[0x12, 0x34, 0x56], [0, 0, 0], [255, 255, 255]], dtype=np.uint8)
    assert codes(colors).tolist() == [0x123456, 0, 0xFFFFFF]
    assert_array_equal(colors_of(np.array([0x123456, 0, 0xFFFFFF])), colors)


@given(arrays(np.uint8, st.tuples(st.integers(0, 20), st.just(3))))
def test_back_to_the_same_colors_in_the_same_order(colors):
    packed = codes(colors)
    back = colors_of(packed)
    assert_array_equal(back, colors)
    assert back.dtype == np.uint8
    assert_array_equal(np.argsort(packed, kind="stable"), np.lexsort(colors.T[::-1]))


def test_pixels_keep_their_shape():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert_array_equal(codes(pixels), codes(pixels.reshape(-1, 3)).reshape(2, 4))
