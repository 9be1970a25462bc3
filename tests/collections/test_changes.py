"""Collections that grow and shrink with the settings they have."""

import shutil

import pytest
from numpy.testing import assert_array_equal

from kmeans_core.collections.collection import change_collection, collection_status, quantize_collection
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.errors import OptionError
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import load_picture
from kmeans_core.images.shared_palette import find_palette
from tests.collections.pictures import everything, manifest, write_folder, write_picture

OPTIONS = QuantizeOptions(n_colors=6, space="oklab")


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "pictures")


def all_colors(*folders):
    """The histogram of all pictures in folders."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    histograms = [ColorHistogram.of(load_picture(path)) for path in files]
    whole = histograms[0]
    for histogram in histograms[1:]:
        whole = whole.merged_with(histogram)
    return whole


@pytest.mark.parametrize("locked", [(), ("#102030",)])
def test_grown_in_ten_steps(folder, tmp_path, locked):
    """Each step fits all pictures so far from the palette before."""
    options = QuantizeOptions(n_colors=6, space="oklab", locked=locked)
    output = tmp_path / "out"
    palette = quantize_collection(str(folder), str(output), options).palette
    folders = [folder]
    for step in range(10):
        write_picture(tmp_path / f"more{step}" / f"{step}.png", 20 + step)
        folders.append(tmp_path / f"more{step}")
        report = change_collection(str(output), add=[str(folders[-1])])
        expected = find_palette(all_colors(*folders), options, start=palette.colors)
        palette = report.palette
        assert_array_equal(palette.colors, expected.colors)
        assert_array_equal(palette.counts, expected.counts)
        assert report.n_counted == 1
    assert report.n_pictures == 22


def test_what_was_added_is_taken_out_again(folder, tmp_path):
    output = tmp_path / "out"
    before = quantize_collection(str(folder), str(output), OPTIONS)
    files = everything(output)
    for name in ("x.png", "y/z.png"):
        write_picture(tmp_path / "more" / name, 30)
    added = change_collection(str(output), add=[str(tmp_path / "more")])
    assert added.n_pictures == before.n_pictures + 2
    assert (output / "y" / "z.png").exists()
    without = change_collection(str(output), remove=["y", "x*"])
    assert without.n_pictures == before.n_pictures
    assert (without.n_pixels, without.n_colors) == (before.n_pixels, before.n_colors)
    assert set(everything(output)) == set(files)
    expected = find_palette(all_colors(folder), OPTIONS, start=added.palette.colors)
    assert_array_equal(without.palette.colors, expected.colors)


@pytest.mark.parametrize("palettes", ["own", "both"])
def test_pictures_that_left_before_stay_away(folder, tmp_path, palettes):
    output, how = tmp_path / "out", CollectionOptions(palettes=palettes)
    quantize_collection(str(folder), str(output), OPTIONS, how)
    shutil.rmtree(folder / "b")
    quantize_collection(str(folder), str(output), OPTIONS, how)
    write_picture(tmp_path / "more" / "x.png", 30)
    report = change_collection(str(output), add=[str(tmp_path / "more")])
    assert report.n_pictures == 10
    assert not any(row["name"].startswith("b/") for row in manifest(output))


@pytest.mark.parametrize("palettes", ["shared", "own"])
def test_after_a_file_was_made_anew(folder, tmp_path, palettes):
    output, how = tmp_path / "out", CollectionOptions(palettes=palettes)
    quantize_collection(str(folder), str(output), OPTIONS, how)
    (output / "a.png").unlink()
    write_picture(folder / "z3.tif", 40)
    quantize_collection(str(folder), str(output), OPTIONS, how)
    write_picture(tmp_path / "more" / "x.png", 30)
    report = change_collection(str(output), add=[str(tmp_path / "more")])
    assert (report.n_pictures, report.n_failed) == (13, 0)


def test_another_picture_of_the_same_name_takes_its_place(folder, tmp_path):
    output = tmp_path / "out"
    quantize_collection(str(folder), str(output), OPTIONS)
    write_picture(tmp_path / "more" / "a.png", 33)
    report = change_collection(str(output), add=[str(tmp_path / "more")], remove=["a.png"])
    assert report.n_pictures == 12
    (row,) = [row for row in manifest(output) if row["name"] == "a.png"]
    assert row["path"].endswith("more/a.png")


def test_status(folder, tmp_path):
    output = tmp_path / "out"
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    report = quantize_collection(str(folder), str(output), OPTIONS)
    status = collection_status(str(output))
    assert (status.n_pictures, status.n_failed) == (13, 1)
    assert status.quantize == OPTIONS
    assert status.colors == tuple(entry.hex for entry in report.palette.entries)
    written = [data for name, data in everything(output).items() if name.endswith(".png")]
    assert status.output_bytes == sum(map(len, written))
    assert status.input_bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_folder_without_a_collection(folder, tmp_path):
    for folder_ in (folder, tmp_path / "nowhere"):
        with pytest.raises(OptionError, match="has no collection, or an unfinished one"):
            change_collection(str(folder_), add=[str(folder)])
    quantize_collection(str(folder), str(tmp_path / "out"), OPTIONS)
    with pytest.raises(OptionError, match="q is no picture or folder of this collection"):
        change_collection(str(tmp_path / "out"), remove=["q"])
    with pytest.raises(OptionError, match="No picture would be left"):
        change_collection(str(tmp_path / "out"), remove=["*"])
    assert len(everything(tmp_path / "out")) == 14
