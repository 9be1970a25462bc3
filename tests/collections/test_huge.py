"""Pictures larger than memory, here smaller ones in bands of a few rows: as those that are read whole."""

import io

import numpy as np
import pytest
import pyvips
import tifffile
from numpy.testing import assert_array_equal
from PIL import Image, ImageCms

from kmeans_core.backends.distributed import SequentialWorkers, ThreadWorkers
from kmeans_core.collections import regions
from kmeans_core.collections.huge import quantize_huge
from kmeans_core.errors import OptionError, OutputError, PictureError
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import load_picture
from kmeans_core.images.quantize import quantize_picture

OPTIONS = QuantizeOptions(n_colors=12)


@pytest.fixture(autouse=True)
def small_bands(monkeypatch):
    monkeypatch.setattr(regions, "_BAND_PIXELS", 100_000)


def smooth(width, height, bands=3):
    """A picture with shades, of which neighbors differ little."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / (31 + 9 * band)) + np.cos(y / (17 + 5 * band)) for band in range(bands)]
    noise = np.random.default_rng(0).integers(0, 6, (height, width, bands))
    return (np.stack(waves, axis=2) * 60 + 125 + noise).astype(np.uint8)


def save(path, image, **options):
    pyvips.Image.new_from_array(image, interpretation="srgb").write_to_file(str(path), **options)
    return str(path)


KINDS = {
    "tiled.tif": {"tile": True, "tile_width": 128, "tile_height": 128, "compression": "deflate"},
    "strips.tif": {},
    "plain.png": {},
    "plain.jpg": {"Q": 90},
}


@pytest.mark.parametrize("name", KINDS)
def test_as_read_whole(tmp_path, name):
    source = save(tmp_path / name, smooth(700, 901), **KINDS[name])
    said = []
    report = quantize_huge(source, str(tmp_path / "out.tif"), OPTIONS, on_progress=said.append)
    expected = quantize_picture(load_picture(source), OPTIONS)
    assert_array_equal(report.palette.colors, expected.palette.colors)
    assert_array_equal(report.palette.counts, expected.palette.counts)
    assert (report.mse, report.psnr) == (expected.quality.mse, expected.quality.psnr)
    assert report.unique_colors == expected.unique_colors
    with Image.open(tmp_path / "out.tif") as image:
        assert image.mode == "P"
        assert_array_equal(np.asarray(image), expected.indices)
        assert_array_equal(np.asarray(image.convert("RGB")), expected.palette.colors[expected.indices])
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        levels = [level.asarray() for level in file.series[0].levels]
        assert file.pages[0].is_tiled
    assert [level.shape for level in levels] == [(901, 700), (451, 350)]
    assert_array_equal(levels[1], expected.indices[::2, ::2])
    assert pyvips.Image.new_from_file(str(tmp_path / "out.tif")).width == 700
    assert said[-1].done == said[-1].total == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out.tif"])


def adobe_like():
    """A profile with other primaries, from a standard one of littlecms."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return profile.tobytes()


@pytest.mark.parametrize("kind", ["alpha", "gray", "16 bits", "indexed", "profile"])
def test_pictures_of_other_kinds(tmp_path, kind):
    source = tmp_path / "in.tif"
    image = smooth(300, 700, 4 if kind == "alpha" else 3)
    if kind == "alpha":
        image[:200, :, 3] = 255
        image[200:300, :, 3] = 0
    if kind == "gray":
        image = image[..., 0]
    if kind in ("alpha", "gray"):
        Image.fromarray(image).save(source)
    elif kind == "16 bits":
        tifffile.imwrite(source, image.astype(np.uint16) * 257 + 40, photometric="rgb", tile=(128, 128))
    elif kind == "indexed":
        Image.fromarray(image).quantize(200).save(source)
    else:
        Image.fromarray(image).save(source, icc_profile=adobe_like())
    report = quantize_huge(str(source), str(tmp_path / "out.tif"), OPTIONS)
    expected = quantize_picture(load_picture(source), OPTIONS)
    assert_array_equal(report.palette.colors, expected.palette.colors)
    assert report.mse == expected.quality.mse
    with Image.open(tmp_path / "out.tif") as written:
        assert_array_equal(np.asarray(written), expected.indices)


def test_whoever_works(tmp_path):
    source = save(tmp_path / "in.tif", smooth(500, 800), **KINDS["tiled.tif"])
    outputs = []
    for number, workers in enumerate((SequentialWorkers(), ThreadWorkers(3))):
        quantize_huge(source, str(tmp_path / f"{number}.tif"), OPTIONS, workers=workers)
        outputs.append((tmp_path / f"{number}.tif").read_bytes())
    assert outputs[0] == outputs[1]


def test_what_cannot_be_done(tmp_path):
    source = save(tmp_path / "in.png", smooth(300, 300))
    with pytest.raises(OptionError, match="is no TIFF file"):
        quantize_huge(source, str(tmp_path / "out.png"))
    with pytest.raises(OptionError, match="Dithering does not go with huge pictures"):
        quantize_huge(source, str(tmp_path / "out.tif"), QuantizeOptions(dither="bayer"))
    (tmp_path / "text.tif").write_text("no picture")
    with pytest.raises(PictureError, match=r"text\.tif cannot be read as a picture"):
        quantize_huge(str(tmp_path / "text.tif"), str(tmp_path / "out.tif"))
    exif = Image.Exif()
    exif[274] = 6
    file = io.BytesIO()
    Image.fromarray(smooth(300, 300)).save(file, "JPEG", exif=exif)
    (tmp_path / "turned.jpg").write_bytes(file.getvalue())
    with pytest.raises(PictureError, match="is to be turned by its EXIF data"):
        quantize_huge(str(tmp_path / "turned.jpg"), str(tmp_path / "out.tif"))
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "folder.tif" / "x").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        quantize_huge(source, str(tmp_path / "folder.tif"))
    damaged = tmp_path / "damaged.tif"
    data = (tmp_path / "in.png").read_bytes()
    damaged.with_suffix(".png").write_bytes(data[: len(data) // 2])
    with pytest.raises(PictureError, match="damaged"):
        quantize_huge(str(damaged.with_suffix(".png")), str(tmp_path / "out.tif"))
    assert not (tmp_path / "out.tif").exists()
    assert not list(tmp_path.glob(".*"))
    before = save(tmp_path / "same.tif", smooth(300, 300))
    with pytest.raises(OptionError, match="would replace the picture itself"):
        quantize_huge(before, before)
