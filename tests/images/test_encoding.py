"""Image files: the same pixels and the same transparency in every format, whoever reads them."""

import io

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core import load_picture, quantize
from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import IMAGE_FORMATS, encode, image_bytes, image_format_of
from kmeans_core.images.indexed_png import fit_alpha, png_palette
from tests.conftest import ASSETS
from tests.images.test_quantize import picture_of


def soft_disk(size=48, levels=256):
    """Random colors in a disk with a soft edge of so many alphas, on nothing."""
    y, x = np.mgrid[:size, :size] - size / 2
    alpha = np.clip((size / 2 - np.hypot(x, y)) * 40, 0, 255) // (256 // levels) * (256 // levels)
    alpha[alpha > 250] = 255
    pixels = np.random.default_rng(3).integers(0, 256, (size, size, 3))
    return picture_of(pixels, alpha.astype(np.uint8))


def needs(kind):
    """There is no oxipng for every Python."""
    if IMAGE_FORMATS[kind].package:
        pytest.importorskip(IMAGE_FORMATS[kind].package)


def decoded(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def by_vips(data):
    """What libvips, which shares no code with Pillow, reads."""
    image = pyvips.Image.new_from_buffer(data, "")
    return image.numpy() if image.hasalpha() else image.addalpha().numpy()


def shown(quantized):
    """Pixels as they should be, (height, width, 4), all zeros where nothing is shown."""
    colors = np.vstack([quantized.palette.colors, np.zeros((1, 3), np.uint8)])
    alpha = quantized.alpha
    if alpha is None:
        alpha = np.where(quantized.indices == quantized.transparent, 0, 255).astype(np.uint8)
    return np.dstack([colors[quantized.indices], alpha])


@pytest.mark.parametrize("kind", ["png", "optimized", "webp"])
@pytest.mark.parametrize("picture", ["opaque", "hidden", "soft", "softest"])
def test_same_pixels_to_two_readers(picture, kind):
    needs(kind)
    given = {
        "opaque": lambda: load_picture(ASSETS / "samples" / "cat.png"),
        "hidden": lambda: soft_disk(levels=1),
        "soft": lambda: soft_disk(levels=4),
        "softest": soft_disk,
    }[picture]()
    quantized = quantize(given, 12, max_iter=5)
    expected = shown(quantized)
    data = image_bytes(quantized.png_bytes(), kind)
    for found in (decoded(data), by_vips(data)):
        assert_array_equal(found[..., 3], expected[..., 3])
        seen = expected[..., 3] > 0
        assert_array_equal(found[seen], expected[seen])
    assert data == image_bytes(quantized.png_bytes(), kind)


@pytest.mark.parametrize("n_colors", [2, 5, 256])
def test_gif_shows_or_hides(n_colors):
    quantized = quantize(soft_disk(), n_colors, max_iter=3)
    data = image_bytes(quantized.png_bytes(), "gif")
    expected = shown(quantized)
    for found in (decoded(data), by_vips(data)):
        visible = found[..., 3] == 255
        assert_array_equal(visible, found[..., 3] > 0)
        assert_array_equal(visible, expected[..., 3] >= 128)
        assert_array_equal(found[visible][:, :3], expected[visible][:, :3])


def test_gif_of_as_many_colors_as_it_can_hold():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3))
    quantized = quantize(picture_of(pixels), 256, max_iter=2)
    found = decoded(image_bytes(quantized.png_bytes(), "gif"))
    assert_array_equal(found, shown(quantized))


@pytest.mark.parametrize(("kind", "width"), [("webp", 16_384), ("gif", 65_536)])
def test_pictures_larger_than_a_format_allows(kind, width):
    png = quantize(picture_of(np.zeros((1, width, 3))), 2).png_bytes()
    with pytest.raises(OptionError, match=f"{width:,}×1 pixels are more than .* can hold.*write a PNG"):
        image_bytes(png, kind)


def test_the_optimizer_saves_bytes():
    needs("optimized")
    png = quantize(load_picture(ASSETS / "raccoon.png"), 16, max_iter=5).png_bytes()
    assert len(image_bytes(png, "optimized")) < 0.97 * len(png)


def test_without_the_optimizer_everything_else_is_written(monkeypatch):
    monkeypatch.setattr("kmeans_core.images.encoding.find_spec", lambda name: None)
    png = quantize(soft_disk(), 4, max_iter=2).png_bytes()
    with pytest.raises(
        OptionError, match="PNG, optimized needs the package pyoxipng, which is not installed"
    ):
        image_bytes(png, "optimized")
    assert [kind for kind, found in IMAGE_FORMATS.items() if found.is_available] == ["png", "webp", "gif"]
    assert image_bytes(png, "webp")


def test_kinds_of_files():
    assert [image_format_of(name) for name in ("a.PNG", "b.webp", "c.x.gif")] == ["png", "webp", "gif"]
    with pytest.raises(
        OptionError, match=r"'a\.jpg' does not end like an image format that can be written; use .png"
    ):
        image_format_of("a.jpg")
    with pytest.raises(OptionError, match="'tiff' is unknown; use one of: png, optimized, webp, gif"):
        image_bytes(b"", "tiff")
    assert {found.suffix for found in IMAGE_FORMATS.values()} == {".png", ".webp", ".gif"}


def test_every_alpha_is_exact_where_the_palette_has_room():
    picture = soft_disk(levels=4)
    quantized = quantize(picture, 12, max_iter=3)
    assert_array_equal(quantized.alpha, picture.alpha)
    assert not any("partial transparency" in note for note in quantized.notes)
    with Image.open(io.BytesIO(quantized.png_bytes())) as image:
        assert image.mode == "P"
        assert_array_equal(np.array(image.getpalette()).reshape(-1, 3)[:12], quantized.palette.colors)


def test_similar_alphas_become_one_where_it_has_not():
    picture = soft_disk(96)
    quantized = quantize(picture, 12, max_iter=3)
    before, after = (np.unique(alpha).size for alpha in (picture.alpha, quantized.alpha))
    assert after < before
    assert f"{before - 2} degrees of partial transparency were reduced to {after - 2}" in quantized.notes[-1]
    apart = np.abs(picture.alpha.astype(int) - quantized.alpha)
    assert apart.max() < 255 / (after - 2)
    assert not apart[(picture.alpha == 0) | (picture.alpha == 255)].any()
    assert len(decoded(quantized.png_bytes()).reshape(-1, 4)) == picture.alpha.size
    with Image.open(io.BytesIO(quantized.png_bytes())) as image:
        assert image.mode == "P"


def test_true_color_where_no_table_can():
    quantized = quantize(soft_disk(96), 255, max_iter=2)
    assert "true color" in quantized.notes[-1]
    assert_array_equal(quantized.alpha, soft_disk(96).alpha)
    with Image.open(io.BytesIO(quantized.png_bytes())) as image:
        assert image.mode == "RGBA"
    assert_array_equal(decoded(quantized.png_bytes()), shown(quantized))


@given(st.integers(1, 250), st.integers(0, 2**32))
def test_a_table_says_what_was_asked(n_colors, seed):
    rng = np.random.default_rng(seed)
    alphas = rng.choice([0, 0, 255, *rng.integers(1, 255, rng.integers(1, 60))], (9, 11)).astype(np.uint8)
    indices = rng.integers(0, n_colors, (9, 11)).astype(np.uint8)
    colors = rng.integers(0, 256, (n_colors, 3)).astype(np.uint8)
    alpha, _ = fit_alpha(alphas, indices, n_colors)
    table = png_palette(colors, indices, alpha)
    if table is None:
        assert_array_equal(alpha, alphas)
        return
    assert len(table.entries) <= 256
    found = table.entries[table.indices]
    assert_array_equal(found[..., 3], alpha)
    assert_array_equal(found[alpha > 0][:, :3], colors[indices][alpha > 0])
    assert_array_equal(table.entries[:n_colors, :3], colors)


@pytest.mark.parametrize("n_colors", [12, 255])
def test_indices_are_read_back(n_colors):
    picture = soft_disk()
    quantized = quantize(picture, n_colors, max_iter=2)
    indices = encode(picture, quantized).indices()
    assert_array_equal(indices[picture.alpha > 0], quantized.indices[picture.alpha > 0])
