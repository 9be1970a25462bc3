"""Collections of pictures: the palette of all, every picture written, by whoever works, again and again."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from kmeans_core.collections import counting
from kmeans_core.collections.collection import quantize_collection
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.errors import OptionError, OutputError, PictureError
from kmeans_core.images.batch import quantize_all
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.perceptual_quality import mean_difference
from kmeans_core.images.picture import load_picture
from tests.collections.pictures import everything, manifest, write_folder, write_picture
from tests.conftest import ASSETS, require
from tests.fuzz.bombs import bombs, tiny_webp

OPTIONS = QuantizeOptions(n_colors=7)


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "pictures")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out"


def run(folder, output, *, on_progress=None, options=OPTIONS, **how):
    return quantize_collection(
        str(folder), str(output), options, CollectionOptions(**how), on_progress=on_progress
    )


def test_as_all_pictures_together(folder, output):
    """The same as what `quantize_all()` makes of them in memory."""
    report = run(folder, output)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = quantize_all([(path.name, path) for path in files], [7], OPTIONS, shared=True)
    expected = {path: row.encoded for path, row in zip(files, rows, strict=True)}
    assert report.n_written == report.n_counted == report.n_pictures == len(files)
    for path, encoded in expected.items():
        assert (output / path.relative_to(folder)).with_suffix(".png").read_bytes() == encoded.png
        assert encoded.palette.colors.tolist() == report.palette.colors.tolist()
    by_name = {row["name"]: row for row in manifest(output)}
    for path, encoded in expected.items():
        row, known = by_name[path.relative_to(folder).as_posix()], encoded.report.to_json()
        assert row["status"] == "done"
        assert row["mse"] == known["mse"]
        assert row["unique_colors"] == known["unique_colors"]
        assert row["output_bytes"] == len(encoded.png)
        assert row["input_bytes"] == path.stat().st_size


@pytest.mark.parametrize("palettes", ["shared", "own", "both"])
def test_palettes_of_each_kind(folder, output, palettes):
    report = run(folder, output, palettes=palettes)
    counts = Counter(row["palette"] for row in manifest(output))
    kinds = ("own", "shared") if palettes == "both" else (palettes,)
    assert counts == dict.fromkeys(kinds, report.n_pictures)
    assert (report.palette is None) == (palettes == "own")
    errors = {kind: sum(row["mse"] for row in manifest(output) if row["palette"] == kind) for kind in kinds}
    if palettes == "both":
        assert errors["own"] < errors["shared"]
        assert (output / "own" / "b" / "c.png").is_file()


def test_pictures_that_count_alike(folder, output, tmp_path):
    write_picture(folder / "large.png", 600)
    by_pixels = run(folder, output)
    by_pictures = run(folder, tmp_path / "other", weigh="pictures")
    assert by_pixels.n_colors == by_pictures.n_colors
    assert by_pixels.palette.colors.tolist() != by_pictures.palette.colors.tolist()


@pytest.mark.parametrize("on", [pytest.param("spark", marks=pytest.mark.spark), "dask"])
def test_the_same_bytes_from_other_workers(folder, output, tmp_path, on):
    require({"spark": "spark-rdd"}.get(on, on))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    run(folder, output)
    report = run(folder, tmp_path / "other", on=on)
    assert report.n_counted == 13
    assert everything(tmp_path / "other") == everything(output)


def test_what_cannot_be_read_is_a_row(folder, output):
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (folder / "text.jpg").write_text("no picture")
    (folder / "notes.txt").write_text("not meant to be one")
    write_picture(folder / "large.png", 900)
    report = run(folder, output, max_megapixels=0.02)
    failed = {row["name"]: row["error"] for row in manifest(output) if row["status"] == "failed"}
    assert set(failed) == {"broken.png", "text.jpg", "large.png"}
    assert "at most 0.02 are allowed" in failed["large.png"]
    assert report.n_failed == 3
    assert report.n_written == report.n_pictures - 3
    assert not (output / "broken.png").exists()


def test_what_could_not_be_read_is_tried_again(folder, output, tmp_path):
    write_picture(folder / "large.png", 900)
    without = run(folder, output, max_megapixels=0.02)
    assert without.n_failed == 1
    assert run(folder, output).palette.colors.tolist() != without.palette.colors.tolist()
    run(folder, tmp_path / "at once")
    assert everything(output) == everything(tmp_path / "at once")
    for _ in range(2):
        again = run(folder, output, max_megapixels=0.02)
        assert again.n_failed == 1
    assert again.palette.colors.tolist() == without.palette.colors.tolist()


def test_again_does_nothing_and_a_change_is_all_that_is_done(folder, output):
    run(folder, output)
    before = everything(output)
    again = run(folder, output)
    assert (again.n_counted, again.n_written) == (0, 0)
    assert everything(output) == before
    (output / "b" / "c.png").unlink()
    again = run(folder, output)
    assert (again.n_counted, again.n_written) == (0, 1)
    assert everything(output) == before
    write_picture(folder / "a.png", 50)
    os.utime(folder / "a.png", (1, 1))
    again = run(folder, output)
    assert again.n_counted == 1
    assert everything(output)["a.png"] != before["a.png"]


def test_a_run_that_was_ended_goes_on(folder, output, tmp_path):
    run(folder, tmp_path / "at once")

    def stop_at(stage):
        def stop(progress):
            if progress.stage == stage and progress.done >= 3:
                raise KeyboardInterrupt

        return stop

    for stage in ("counting", "writing"):
        with pytest.raises(KeyboardInterrupt):
            run(folder, output, on_progress=stop_at(stage))
    report = run(folder, output)
    assert report.n_counted < 12
    assert report.n_written < 12
    assert everything(output) == everything(tmp_path / "at once")


def test_grown_in_steps_and_shrunk_as_read_at_once(folder, output, tmp_path):
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    growing = tmp_path / "growing"
    for name in names:
        (growing / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, growing / name)
        report = run(growing, output)
        assert report.n_counted == 1
    at_once = run(growing, tmp_path / "at once")
    assert report.palette.colors.tolist() == at_once.palette.colors.tolist()
    assert everything(output) == everything(tmp_path / "at once")
    for name in names[6:]:
        (growing / name).unlink()
    left = run(growing, output)
    assert left.n_pictures == 6
    assert left.palette.colors.tolist() == run(growing, tmp_path / "few").palette.colors.tolist()


def test_added_up_in_a_tree_and_by_ranges(folder, output, tmp_path, monkeypatch):
    run(folder, tmp_path / "at once")
    monkeypatch.setattr(counting, "_FEW_COLORS", 0)
    monkeypatch.setattr(counting, "_FAN_IN", 3)
    run(folder, output)
    assert everything(output) == everything(tmp_path / "at once")
    assert not list(output.glob(".collection/merged-*"))


def test_a_picture_that_disappears_between_the_passes(folder, output):
    def remove(progress):
        if progress.stage == "fitting":
            (folder / "a.png").unlink(missing_ok=True)

    report = run(folder, output, on_progress=remove)
    assert (report.n_counted, report.n_written, report.n_failed) == (12, 11, 1)
    (row,) = [row for row in manifest(output) if row["status"] == "failed"]
    assert (row["name"], row["error"]) == ("a.png", "a.png is not there any more.")


FULL = """
import resource, sys
from kmeans_core import quantize_collection
from kmeans_core.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    quantize_collection(*sys.argv[1:3])
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="its systems limit files in another way")
@pytest.mark.parametrize("n_levels", [2, 40])
def test_a_disk_that_takes_no_more(tmp_path, output, n_levels):
    """Few colors make small counts and large pictures: it is full in the second pass, else in the first."""
    folder = tmp_path / "pictures"
    for seed in range(4):
        write_picture(folder / f"{seed}.png", seed, size=(400, 300), n_levels=n_levels)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), str(output), "30_000"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"{output} cannot be written (File too large); make room")
    assert done.stderr == ""
    assert len(list(output.glob(".collection/counted-*"))) == (4 if n_levels == 2 else 0)
    assert not list(output.glob(".collection/unfinished/*"))
    assert everything(output) == {}
    assert run(folder, output).n_counted == (0 if n_levels == 2 else 4)


@pytest.mark.skipif(sys.platform == "win32", reason="its systems limit files in another way")
def test_no_room_for_the_list_of_pictures(folder, output):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), str(output), "1000"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("The list of pictures cannot be kept in ")
    assert not output.exists()


# Of the bombs, those that are quick to make and to refuse.
ODD = {
    *("exif.jpg", "exif.png", "comments.ppm", "tiny.webp"),
    *("hidden.ico", "frames.gif", "texts.png", "profile.png"),
}


def test_odd_and_hostile_pictures_among_good_ones(folder, output):
    """Each is as `load_picture()` reads it, or a row with its error."""
    for bomb in bombs():
        if bomb.name in ODD:
            (folder / bomb.name.replace(".", "-")).mkdir()
            (folder / bomb.name.replace(".", "-") / bomb.name).write_bytes(bomb.make())
    Image.new("CMYK", (20, 20), (10, 200, 30, 0)).save(folder / "cmyk.jpg")
    Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20) * 160).save(folder / "deep.png")
    (folder / "cut.jpg").write_bytes((ASSETS / "samples" / "flower.jpg").read_bytes()[:20_000])
    run(folder, output, max_megapixels=5)
    rows = manifest(output)
    assert {row["name"].rpartition("/")[2] for row in rows} >= {*ODD, "cmyk.jpg", "deep.png", "cut.jpg"}
    failed = [row for row in rows if row["status"] == "failed"]
    assert {row["name"].rpartition("/")[2] for row in failed} == {
        *("exif.jpg", "tiny.webp", "hidden.ico", "profile.png", "cut.jpg")
    }
    for row in failed:
        with pytest.raises(PictureError, match=re.escape(row["error"])):
            load_picture(folder / row["name"], max_megapixels=5)
    for row in rows:
        if row["status"] == "done":
            picture = load_picture(folder / row["name"], max_megapixels=5)
            assert row["unique_colors"] == len(ColorHistogram.of(picture).colors)


def test_color_differences_where_asked(folder, output):
    run(folder, output, delta_e=True)
    rows = {row["name"]: row["delta_e"] for row in manifest(output)}
    picture = load_picture(folder / "a.png")
    with Image.open(output / "a.png") as image:
        written = np.asarray(image.convert("RGB"))
    colors, indices = np.unique(written.reshape(-1, 3), axis=0, return_inverse=True)
    indices = indices.reshape(written.shape[:2]).astype(np.uint8)
    assert rows["a.png"] == pytest.approx(mean_difference(picture, colors, indices))
    assert all(value > 0 for value in rows.values())
    run(folder, output)
    assert {row["delta_e"] for row in manifest(output)} == {None}


def test_links_do_not_lead_out_of_the_folders_that_may_be_read(folder, output, tmp_path):
    write_picture(tmp_path / "secret" / "x.png", 1)
    (folder / "link.png").symlink_to(tmp_path / "secret" / "x.png")
    (folder / "linked").symlink_to(tmp_path / "secret")
    (folder / "inside.png").symlink_to(folder / "a.png")
    report = quantize_collection(str(folder), str(output), OPTIONS, within=[str(folder)])
    assert (report.n_pictures, report.n_failed) == (14, 1)
    (row,) = [row for row in manifest(output) if row["status"] == "failed"]
    assert row["name"] == "link.png"
    assert row["error"] == "link.png leads out of the folders that may be read, so it is not."


def test_read_apart(folder, output, tmp_path):
    run(folder, tmp_path / "here")
    (folder / "bomb.webp").write_bytes(tiny_webp())
    report = quantize_collection(str(folder), str(output), OPTIONS, apart=True)
    assert (report.n_pictures, report.n_failed) == (13, 1)
    assert {path.name: path.read_bytes() for path in output.rglob("*.png")} == {
        path.name: path.read_bytes() for path in (tmp_path / "here").rglob("*.png")
    }


def test_two_that_would_be_one_are_told_before_anything_is_written(folder, output):
    write_picture(folder / "A.bmp", 3)
    with pytest.raises(OptionError, match=r"A\.bmp and a\.png would be written to the same file"):
        run(folder, output)
    assert not output.exists()


def test_sources_of_every_kind(folder, output):
    sources = [str(folder / "a.png"), str(folder / "b" / "*.png"), f"file://{folder}/ü"]
    report = quantize_collection(sources, str(output), OPTIONS)
    assert {row["name"] for row in manifest(output)} == {"a.png", "c.png", "e f#%.png", ".g.png"}
    assert report.n_failed == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [("nowhere", "nowhere does not exist"), ("nope://x", "cannot be read"), (".", "no pictures")],
)
def test_nothing_there(output, tmp_path, monkeypatch, source, said):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(OptionError, match=said):
        run(source, output)
    assert not output.exists()


def test_an_output_that_cannot_be_written(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        run(folder, tmp_path / "file")


def test_the_output_inside_of_the_input(folder):
    report = run(folder, folder / "out")
    again = run(folder, folder / "out")
    assert again.n_pictures == report.n_pictures == 12
    with pytest.raises(OptionError, match=r"a\.png would be replaced by what is made"):
        run(folder, folder)
