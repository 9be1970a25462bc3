"""Many pictures at once: a bad one is a row, the others come out as they would alone."""

import csv
import io
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core import load_picture, quantize
from kmeans_core.errors import OptionError
from kmeans_core.images.batch import Archive, quantize_all
from kmeans_core.images.options import QuantizeOptions
from tests.conftest import ASSETS
from tests.images.test_animation import saved, scene

SAMPLES = ASSETS / "samples"


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def files():
    return [
        ("cat.png", SAMPLES / "cat.png"),
        ("notes.png", b"no picture at all"),
        ("folder/cat.png", (SAMPLES / "horse.png").read_bytes()),
    ]


def zipped(rows, kind):
    archive = Archive(kind)
    for row in rows:
        archive.add(row)
    return archive.close()


@pytest.fixture(scope="module")
def rows(files):
    return list(quantize_all(files, [4, 16], QuantizeOptions.of(max_iter=5)))


def test_each_as_it_would_be_alone(rows):
    assert [(row.name, row.n_colors) for row in rows] == [
        ("cat.png", 4),
        ("cat.png", 16),
        ("notes.png", 4),
        ("folder/cat.png", 4),
        ("folder/cat.png", 16),
    ]
    assert rows[1].encoded.png == quantize(load_picture(SAMPLES / "cat.png"), 16, max_iter=5).png_bytes()
    assert rows[2].encoded is None
    assert rows[2].error.startswith("notes.png is not a picture that can be read")


def test_the_archive_holds_every_result_under_a_name_of_its_own(rows):
    data = zipped(rows, "webp")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "cat-4-colors.webp",
            "cat-16-colors.webp",
            "cat-4-colors-2.webp",
            "cat-16-colors-2.webp",
            "report.csv",
        ]
        with Image.open(io.BytesIO(archive.read("cat-16-colors.webp"))) as image:
            pixels = np.asarray(image.convert("RGB"))
        report = archive.read("report.csv").decode()
        size = archive.getinfo("cat-16-colors.webp").file_size
    assert int(list(csv.DictReader(io.StringIO(report)))[1]["output_bytes"]) == size
    with Image.open(io.BytesIO(rows[1].encoded.png)) as image:
        assert_array_equal(pixels, np.asarray(image.convert("RGB")))
    assert zipped(rows, "webp") == data


def test_the_report(rows):
    with zipfile.ZipFile(io.BytesIO(zipped(rows, "png"))) as archive:
        table = list(csv.DictReader(io.StringIO(archive.read("report.csv").decode())))
    assert [line["file"] for line in table] == [row.name for row in rows]
    assert float(table[1]["mse"]) == rows[1].encoded.report.mse
    assert int(table[1]["output_bytes"]) == len(rows[1].encoded.png)
    assert table[2]["error"] == rows[2].error
    assert table[2]["mse"] == ""


def test_frames_that_are_left_out_are_said():
    rows = list(quantize_all([("clip.gif", saved(scene(3), "gif"))], [4], QuantizeOptions.of(max_iter=5)))
    with zipfile.ZipFile(io.BytesIO(zipped(rows, "png"))) as archive:
        (line,) = csv.DictReader(io.StringIO(archive.read("report.csv").decode()))
    assert line["notes"].startswith("Has 3 frames; the first is used.")


def test_one_palette_for_all(files):
    rows = [
        row for row in quantize_all(files, [6], QuantizeOptions.of(max_iter=10), shared=True) if row.encoded
    ]
    one, other = (row.encoded.palette for row in rows)
    assert_array_equal(np.unique(one.colors, axis=0), np.unique(other.colors, axis=0))
    for row, palette in zip(rows, (one, other), strict=True):
        # Each pixel has the nearest of them, and they are the palette of both pictures side by side.
        pixels = row.picture.pixels.reshape(-1, 3).astype(int)
        sample = np.random.default_rng(0).choice(len(pixels), 2000, replace=False)
        apart = ((pixels[sample, None] - palette.colors.astype(int)) ** 2).sum(axis=2)
        chosen = apart[np.arange(2000), row.encoded.indices().reshape(-1)[sample]]
        visible = row.picture.visible
        shown = slice(None) if visible is None else visible.reshape(-1)[sample]
        assert_array_equal(chosen[shown], apart.min(axis=1)[shown])


def test_the_shared_palette_is_that_of_one_picture_made_of_all():
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 256, (2, 20, 30, 3))
    both = quantize(load_picture(png(np.vstack([one, other]))), 7, seed=3)
    rows = list(
        quantize_all([("a", png(one)), ("b", png(other))], [7], QuantizeOptions.of(seed=3), shared=True)
    )
    for row in rows:
        assert {c.hex for c in row.encoded.palette.entries} == {c.hex for c in both.palette.entries}


def test_the_largest_shared_palette_leaves_room_for_what_is_hidden():
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (40, 40, 4))
    pixels[..., 3] = 255
    pixels[0, 0, 3] = 0
    plain = rng.integers(0, 256, (40, 40, 3))
    rows = list(
        quantize_all(
            [("a", png(pixels)), ("b", png(plain))], [256], QuantizeOptions.of(max_iter=3), shared=True
        )
    )
    assert [row.error for row in rows] == [None, None]
    assert [len(row.encoded.palette) for row in rows] == [255, 255]


def test_nothing_readable_with_one_palette_for_all():
    rows = list(quantize_all([("a", b"x"), ("b", b"")], [4], shared=True))
    assert ["cannot be" in row.error or "is empty" in row.error or "is not a" in row.error for row in rows]
    assert [row.name for row in rows] == ["a", "b"]


@pytest.mark.parametrize(
    ("files", "numbers", "settings", "match"),
    [
        ([], [4], {}, "There is nothing to do: give at least one picture"),
        ([("a", b"")], [], {}, "There is nothing to do"),
        ([("a", b"")], [4, 300], {}, "n_colors=300 is not allowed"),
        ([("a", b"")], [4], {"backend": "abacus"}, "backend='abacus' is unknown"),
    ],
)
def test_what_is_wrong_for_every_picture(files, numbers, settings, match):
    with pytest.raises(OptionError, match=match):
        list(quantize_all(files, numbers, QuantizeOptions.of(**settings)))


def test_it_can_be_stopped(files):
    seen = []

    def look(name):
        seen.append(name)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(quantize_all(files, [4], QuantizeOptions.of(max_iter=2), on_file=look))
    assert seen == ["cat.png", "notes.png"]


def test_names_do_no_harm_where_the_archive_is_opened():
    names = ("..\\..\\up.png", "C:\\con.png", "=cmd|' /C calc'!A0.png")
    files = [(name, png([[(9, 9, 9)]])) for name in names]
    with zipfile.ZipFile(io.BytesIO(zipped(quantize_all(files, [2]), "png"))) as archive:
        names = archive.namelist()
        table = list(csv.DictReader(io.StringIO(archive.read("report.csv").decode())))
    assert names[:2] == ["up-2-colors.png", "_con-2-colors.png"]
    assert not any(set(name) & set('\\/:|"<>?*') for name in names)
    assert table[2]["file"].startswith("'=cmd")
