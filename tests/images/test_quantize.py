"""From picture to palette to file, and every figure on the way."""

import io
import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from kmeans_core import ColorHistogram, load_picture, quantize
from kmeans_core.backends.numba_ import NumbaBackend
from kmeans_core.errors import KMeansError, OptionError
from kmeans_core.images.color_difference import ciede2000
from kmeans_core.images.color_spaces import SPACES, from_srgb, to_srgb
from kmeans_core.images.encoding import encode
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.preview import original_preview, quantized_preview
from kmeans_core.images.stages import check_quantize_options
from kmeans_core.options import FitOptions
from tests.conftest import ASSETS
from tests.images.made_pictures import picture_of


def test_raccoon_in_ten_colors():
    picture = load_picture(ASSETS / "raccoon.png")
    result = quantize(picture, 10, seed=1)
    assert result.unique_colors == 134_105
    assert len(result.palette) == 10
    assert_array_equal(result.palette.counts, np.bincount(result.indices.ravel()))
    assert list(result.palette.counts) == sorted(result.palette.counts, reverse=True)
    assert sum(color.share for color in result.palette.entries) == pytest.approx(1)
    shown = result.palette.colors[result.indices].astype(float)
    mse = ((shown - picture.pixels) ** 2).sum(axis=2).mean()
    assert result.quality.mse == pytest.approx(mse, rel=1e-12)
    assert result.quality.psnr == pytest.approx(10 * math.log10(255**2 / (mse / 3)))
    # Rounding the palette to 8 bits costs next to nothing.
    assert mse == pytest.approx(result.fit.inertia / result.n_pixels, rel=1e-3)


@pytest.mark.parametrize(("n_colors", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (16, 4), (17, 8), (256, 8)])
def test_png_has_the_smallest_depth_and_exactly_the_palette(n_colors, bits):
    picture = load_picture(ASSETS / "samples" / "cat.png")
    result = quantize(picture, n_colors, max_iter=3)
    data = result.png_bytes()
    assert data[24] == bits  # bit depth in the header
    assert data[25] == 3  # color type: palette
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (picture.width, picture.height)
        decoded = np.asarray(image.convert("RGB"))
    assert_array_equal(decoded, result.palette.colors[result.indices])
    assert len(np.unique(decoded.reshape(-1, 3), axis=0)) == len(result.palette) <= n_colors


@pytest.mark.parametrize(
    "arguments", [{"backend": "abacus"}, {"max_iter": 0}, {"init": "guess"}, {"seed": -1}]
)
def test_options_are_checked_even_when_nothing_is_visible(arguments):
    with pytest.raises(OptionError):
        quantize(picture_of(np.full((2, 3, 3), 9), np.zeros((2, 3), dtype=np.uint8)), 5, **arguments)


def test_one_pixel_picture():
    result = quantize(picture_of([[[7, 8, 9]]]), 5)
    assert [color.hex for color in result.palette.entries] == ["#070809"]
    assert result.quality.mse == 0
    assert math.isinf(result.quality.psnr)
    assert result.notes == ("The picture has only 1 color; it is kept.",)


def test_fewer_colors_than_asked_for_stay_exact():
    pixels = np.array([[[0, 0, 0], [255, 0, 0], [0, 0, 255], [0, 0, 0]]], dtype=np.uint8)
    result = quantize(picture_of(pixels), 16)
    assert_array_equal(result.palette.colors[result.indices], pixels)
    assert result.notes == ("The picture has only 3 colors; all of them are kept.",)


def test_a_given_palette_keeps_its_order_and_its_repeated_colors():
    palette = ["#306230", "#0f380f", "#ffffff", "#0f380f", "#9bbc0f"]
    picture = picture_of([[[15, 56, 15], [150, 190, 20], [150, 190, 20], [48, 98, 48]]])
    result = quantize(picture, 5, locked=palette)
    assert [color.hex for color in result.palette.entries] == palette
    assert result.palette.counts.tolist() == [1, 1, 0, 0, 2]
    assert result.indices.tolist() == [[1, 4, 4, 0]]
    with Image.open(io.BytesIO(result.png_bytes())) as image:
        assert image.getpalette()[:15] == [int(c[i : i + 2], 16) for c in palette for i in (1, 3, 5)]
        assert np.asarray(image).tolist() == [[1, 4, 4, 0]]
    # Others come after them, the most used first; hidden pixels come last.
    hidden = picture_of(
        [[[15, 56, 15], [150, 190, 20], [0, 0, 0], [48, 98, 48]]], np.array([[255, 255, 0, 255]])
    )
    result = quantize(hidden, 5, locked=["#ffffff", "#0f380f", "#ffffff"])
    assert [color.hex for color in result.palette.entries] == [
        "#ffffff",
        "#0f380f",
        "#ffffff",
        "#306230",
        "#96be14",
    ]
    assert result.indices.tolist() == [[1, 4, 5, 3]]
    assert result.transparent == 5


def difference(picture, result):
    """Mean CIEDE2000 over pixels."""
    histogram = ColorHistogram.of(picture)
    shown = quantized_colors(histogram, picture, result)
    apart = ciede2000(from_srgb(histogram.colors, "lab"), from_srgb(shown, "lab"))
    return float(apart @ histogram.counts / histogram.counts.sum())


def quantized_colors(histogram, picture, result):
    """What became of each distinct color."""
    codes = picture.pixels.reshape(-1, 3) @ np.array([65536, 256, 1])
    _, first = np.unique(codes, return_index=True)
    return result.palette.colors[result.indices.reshape(-1)[first]]


@pytest.mark.parametrize("effort", ["fast", "balanced"])
@pytest.mark.parametrize("space", SPACES)
def test_clusters_and_assigns_in_the_space(space, effort):
    picture = load_picture(ASSETS / "samples" / "cat.png")
    histogram = ColorHistogram.of(picture)
    result = quantize(picture, 12, space=space, effort=effort, max_iter=300)
    assert result.fit.converged
    points, centers = from_srgb(histogram.colors, space), result.fit.centers
    apart = ((points[:, None] - centers) ** 2).sum(axis=2)
    assert_array_equal(apart.argmin(axis=1), result.fit.labels)
    means = [
        np.average(points[result.fit.labels == c], axis=0, weights=histogram.counts[result.fit.labels == c])
        for c in range(len(centers))
    ]
    assert_allclose(centers, means, rtol=1e-9)
    # What is delivered are the rounded centers, and each color is nearest to its own.
    levels = np.unique(to_srgb(centers, space), axis=0)
    assert_array_equal(np.unique(result.palette.colors, axis=0), levels)
    shown = from_srgb(quantized_colors(histogram, picture, result), space)
    nearest = ((points[:, None] - from_srgb(levels, space)) ** 2).sum(axis=2).min(axis=1)
    assert_allclose(((points - shown) ** 2).sum(axis=1), nearest, rtol=1e-9, atol=1e-12)
    assert (effort == "balanced") == ("search" in result.seconds)


def test_what_each_space_is_good_at():
    picture = load_picture(ASSETS / "raccoon.png")
    made = {space: quantize(picture, 64, space=space) for space in SPACES}
    assert min(made, key=lambda space: made[space].quality.mse) == "srgb"
    differences = {space: difference(picture, result) for space, result in made.items()}
    assert differences["oklab"] < 0.98 * differences["srgb"]
    assert differences["lab"] < 0.98 * differences["srgb"]


@pytest.mark.parametrize("backend", ["numpy", "numba", "sklearn"])
def test_spaces_on_backends(backend):
    picture = load_picture(ASSETS / "samples" / "horse.png")
    expected = quantize(picture, 8, space="oklab", init="maximin")
    found = quantize(picture, 8, space="oklab", init="maximin", backend=backend)
    assert found.fit.inertia == pytest.approx(expected.fit.inertia, rel=1e-6)
    if backend != "sklearn":
        assert_array_equal(found.palette.colors, expected.palette.colors)
        assert_array_equal(found.indices, expected.indices)


@pytest.mark.parametrize("n_colors", [0, 257, 1000, -1, 2.0, "x", True, None])
def test_number_of_colors_out_of_range(n_colors):
    with pytest.raises(OptionError, match="a PNG palette holds 1 to 256 colors"):
        quantize(picture_of([[[0, 0, 0]]]), n_colors)


@pytest.mark.parametrize(("option", "value"), [("space", "cmyk"), ("dither", "blue")])
def test_unknown_options(option, value):
    with pytest.raises(OptionError, match=f"{option}='{value}' is unknown; use one of"):
        quantize(picture_of([[[0, 0, 0]]]), 2, **{option: value})


def test_report_is_complete():
    picture = load_picture(ASSETS / "raccoon.png")
    encoded = encode(picture, quantize(picture, 5))
    report = json.loads(json.dumps(encoded.report.to_json()))
    assert {key: report[key] for key in ("backend", "width", "height", "unique_colors", "n_colors")} == {
        "backend": "numba",
        "width": 1024,
        "height": 768,
        "unique_colors": 134_105,
        "n_colors": 5,
    }
    assert {"load", "histogram", "seed", "fit", "remap", "encode", "total"} <= set(report["seconds"])
    parts = sum(seconds for phase, seconds in report["seconds"].items() if phase != "total")
    assert report["seconds"]["total"] == pytest.approx(parts)
    assert report["output_bytes"] == len(encoded.png)
    assert report["compression_ratio"] == pytest.approx(1_187_825 / len(encoded.png))
    assert report["raw_compression_ratio"] == pytest.approx(1024 * 768 * 3 / len(encoded.png))
    assert sum(color["count"] for color in report["palette"]) == 1024 * 768


@pytest.mark.parametrize("hidden", [False, True])
def test_previews_of_large_pictures_bring_no_new_color(hidden):
    rng = np.random.default_rng(0)
    alpha = rng.choice(np.array([0, 255], dtype=np.uint8), (900, 2000)) if hidden else None
    picture = picture_of(rng.integers(0, 256, (900, 2000, 3)), alpha)
    result = quantize(picture, 7, max_iter=2)
    preview = quantized_preview(result.png_bytes())
    with Image.open(io.BytesIO(preview)) as image:
        assert image.size == (1600, 720)
        shown = np.asarray(image.convert("RGBA")).reshape(-1, 4)
    visible = {tuple(color) for color in shown[shown[:, 3] == 255][:, :3].tolist()}
    assert visible <= {color.rgb for color in result.palette.entries}
    assert (shown[:, 3] == 0).any() == hidden
    with Image.open(io.BytesIO(original_preview(picture))) as image:
        assert image.size == (1600, 720)


def test_previews_of_small_pictures_are_exact():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    png = quantize(picture, 4).png_bytes()
    assert quantized_preview(png) is png
    with Image.open(io.BytesIO(original_preview(picture))) as image:
        assert_array_equal(np.asarray(image), picture.pixels)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("dither", ["none", "floyd-steinberg"])
def test_locked_colors_are_in_the_palette_exactly(space, dither):
    picture = load_picture(ASSETS / "samples" / "cat.png")
    locked = ["#ff00aa", "#123", "00FF00"]
    result = quantize(picture, 8, locked=locked, space=space, dither=dither, max_iter=4)
    assert {"#ff00aa", "#112233", "#00ff00"} <= {color.hex for color in result.palette.entries}
    assert len(result.palette) == 8
    with Image.open(io.BytesIO(result.png_bytes())) as image:
        assert_array_equal(np.asarray(image.convert("RGB")), result.palette.colors[result.indices])


def test_as_many_locked_colors_as_colors_are_a_given_palette():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    palette = np.array([[0, 0, 0], [255, 255, 255], [200, 30, 30], [30, 200, 30]], dtype=np.uint8)
    result = quantize(picture, 4, locked=palette, max_iter=5)
    assert_array_equal(np.unique(result.palette.colors, axis=0), np.unique(palette, axis=0))
    nearest = ((picture.pixels[:, :, None].astype(int) - palette) ** 2).sum(axis=3).argmin(axis=2)
    assert_array_equal(result.palette.colors[result.indices], palette[nearest])


def test_a_locked_color_leaves_the_others_to_the_picture():
    free = quantize(load_picture(ASSETS / "raccoon.png"), 8, effort="balanced")
    best = free.palette.colors[3]
    again = quantize(load_picture(ASSETS / "raccoon.png"), 8, effort="balanced", locked=[best])
    assert again.quality.mse == pytest.approx(free.quality.mse, rel=0.01)


@pytest.mark.parametrize(
    "arguments", [{"init": np.array([[0, 0, 0], [255, 255, 255]])}, {"backend": "spark-ml"}]
)
def test_the_default_search_gives_way_where_there_is_nothing_to_search(arguments):
    """The best one, which only somebody asks for, does not."""
    options = QuantizeOptions(2, fit=FitOptions(backend=arguments.get("backend", "numba"), effort="balanced"))
    assert check_quantize_options(options, init=arguments.get("init")).fit.effort == "fast"
    with pytest.raises(KMeansError, match="effort"):
        check_quantize_options(options.having("effort", "best"), init=arguments.get("init"))


def test_few_colors_and_locked_ones_are_lossless():
    picture = picture_of([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]])
    result = quantize(picture, 5, locked=[[4, 5, 6], [250, 0, 0]])
    assert result.quality.mse == 0
    assert [(color.hex, color.count) for color in result.palette.entries] == [
        ("#040506", 1),
        ("#fa0000", 0),
        ("#010203", 1),
        ("#070809", 1),
    ]
    assert result.notes == ("The picture has only 3 colors; all of them are kept.",)


@pytest.mark.parametrize("arguments", [{}, {"distance": "manhattan"}, {"locked": ["#ff0000"], "merge": 3}])
def test_same_bytes_on_any_number_of_threads(arguments):
    picture = load_picture(ASSETS / "samples" / "cat.png")
    files = {
        quantize(picture, 24, backend=backend, max_iter=9, **arguments).png_bytes()
        for backend in (NumbaBackend(threads=1), NumbaBackend(threads=3), "numba", "numpy")
    }
    assert len(files) == 1


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (
            {"locked": ["#12345"]},
            "locked has '#12345', which is not a color; write six hex digits, such as #8a7f6e",
        ),
        ({"locked": [[1, 2]]}, "locked is not a list of colors; give rows of red, green and blue"),
        ({"locked": [[1, 2, 256]]}, "locked is not a list of colors"),
        ({"locked": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}, "fixed has 3 centers, more than n_clusters=2"),
        ({"locked": [[1, 2, 3]], "backend": "sklearn"}, "sklearn does not support fixed centers"),
        ({"distance": "manhattan", "space": "lab"}, "space is 'lab'; use space='srgb' or distance"),
        ({"distance": "chebyshev"}, "distance='chebyshev' is unknown"),
    ],
)
@pytest.mark.parametrize("alpha", [255, 0])
def test_locked_colors_and_distances_that_cannot_be(arguments, match, alpha):
    pixels = np.arange(36).reshape(3, 4, 3)
    with pytest.raises(KMeansError, match=match):
        quantize(picture_of(pixels, np.full((3, 4), alpha, np.uint8)), 2, **arguments)


def test_medians_are_levels_and_lie_nearer():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    means, medians = (quantize(picture, 8, distance=distance) for distance in ("euclidean", "manhattan"))
    assert medians.quality.mse > means.quality.mse
    apart = [
        np.abs(picture.pixels.astype(int) - made.palette.colors[made.indices]).sum()
        for made in (means, medians)
    ]
    assert apart[1] < apart[0]
    assert medians.fit.inertia == apart[1]
