"""What must not be lost or mixed: originals, files of others, pictures of other settings and other times."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kmeans_core.collections.collection import change_collection, quantize_collection
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.collections.state import OutputFolder
from kmeans_core.errors import OptionError
from kmeans_core.images.options import QuantizeOptions
from tests.collections.pictures import everything, manifest, write_picture

FEW, MORE = QuantizeOptions(n_colors=3), QuantizeOptions(n_colors=8)


@pytest.fixture
def folder(tmp_path):
    for number in range(8):
        write_picture(tmp_path / "pics" / f"{number}.png", number)
    return tmp_path / "pics"


def n_colors(path):
    with Image.open(path) as image:
        return len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0))


def refused(*arguments, **options):
    with pytest.raises(OptionError, match="would be replaced by what is made of the pictures"):
        quantize_collection(*arguments, **options)


def test_originals_by_whatever_way_they_are_reached(folder, tmp_path, monkeypatch):
    before = everything(folder)
    refused(str(folder), str(folder), FEW)
    (tmp_path / "link").symlink_to(folder)
    refused(str(folder), str(tmp_path / "link"), FEW)
    monkeypatch.chdir(folder)
    refused(".", "../pics", FEW)
    for name in ("own", "shared"):
        shutil.copytree(folder, folder / name, ignore=shutil.ignore_patterns("own"))
        refused(str(folder / name), str(folder), FEW, CollectionOptions(palettes="both"))
    write_picture(tmp_path / "scans" / "own" / "3.bmp", 1)
    refused([str(tmp_path / "scans"), str(folder / "own" / "3.png")], str(folder), FEW)
    assert before.items() <= everything(folder).items()


def test_settings_changed_in_the_middle_and_back(folder, tmp_path):
    output = tmp_path / "out"
    quantize_collection(str(folder), str(output), MORE)

    def stop(progress):
        if progress.stage == "writing" and progress.done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quantize_collection(str(folder), str(output), FEW, on_progress=stop)
    quantize_collection(str(folder), str(output), MORE)
    assert {n_colors(path) for path in output.glob("*.png")} == {8}


@pytest.mark.parametrize("palettes", ["own", "shared"])
def test_a_picture_replaced_and_restored(folder, tmp_path, palettes):
    output, how = tmp_path / "out", CollectionOptions(palettes=palettes)
    locked = QuantizeOptions(n_colors=2, locked=("#000000", "#808080"))  # the same palette, whatever comes
    quantize_collection(str(folder), str(output), locked, how)
    expected = everything(output)
    shutil.copy2(folder / "0.png", tmp_path / "kept.png")
    write_picture(folder / "0.png", 77)
    os.utime(folder / "0.png", (1, 1))
    quantize_collection(str(folder), str(output), locked, how)
    shutil.copy2(tmp_path / "kept.png", folder / "0.png")
    report = quantize_collection(str(folder), str(output), locked, how)
    assert report.n_written == 1
    assert {**everything(output), "palette.json": b""} == {**expected, "palette.json": b""}


def test_the_output_of_a_picture_that_cannot_be_read_any_more_goes(folder, tmp_path):
    output = tmp_path / "out"
    quantize_collection(str(folder), str(output), FEW)
    (folder / "5.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    assert quantize_collection(str(folder), str(output), FEW).n_failed == 1
    assert not (output / "5.png").exists()


def test_added_pictures_of_the_same_names_are_told(folder, tmp_path):
    output = tmp_path / "out"
    quantize_collection(str(folder), str(output), FEW)
    for year in ("2026", "2027"):
        write_picture(tmp_path / year / "0.png", 50)
    with pytest.raises(OptionError, match=r"Two pictures have the name 0\.png"):
        change_collection(str(output), add=[str(tmp_path / "2026")])
    assert change_collection(str(output), add=[str(folder / "0.png")]).n_pictures == 8
    with pytest.raises(OptionError, match=r"Two pictures have the name 0\.png"):
        change_collection(str(output), add=[str(tmp_path / "2026"), str(tmp_path / "2027")], remove=["0.png"])


def test_a_picture_edited_since_is_read_as_it_is_now(folder, tmp_path):
    output = tmp_path / "out"
    quantize_collection(str(folder), str(output), FEW)
    write_picture(folder / "0.png", 60)
    write_picture(tmp_path / "more" / "x.png", 50)
    report = change_collection(str(output), add=[str(tmp_path / "more")])
    assert report.n_failed == 0
    (row,) = [row for row in manifest(output) if row["name"] == "0.png"]
    assert row["height"] == 80


def test_a_folder_that_cannot_be_read_is_told(folder, tmp_path, monkeypatch):
    from fsspec.implementations.local import LocalFileSystem

    write_picture(folder / "sub" / "x.png", 3)
    listed = LocalFileSystem.ls

    def ls(self, path, *arguments, **options):
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return listed(self, path, *arguments, **options)

    # A right that is missing, which the user who runs this may have everywhere.
    monkeypatch.setattr(LocalFileSystem, "ls", ls)
    with pytest.raises(OptionError, match=r"sub cannot be read \(Permission denied\)"):
        quantize_collection(str(folder), str(tmp_path / "out"), FEW)


def test_names_that_are_no_text_or_mean_something_to_others(folder, tmp_path):
    shutil.copy2(folder / "0.png", folder / "a::b.png")
    assert quantize_collection(str(folder), str(tmp_path / "out"), FEW).n_failed == 0
    Path(os.fsdecode(os.fsencode(folder) + b"/\xe9t\xe9.png")).write_bytes((folder / "0.png").read_bytes())
    with pytest.raises(OptionError, match="is no text in UTF-8; rename the file"):
        quantize_collection(str(folder), str(tmp_path / "out"), FEW)


def test_files_of_others_among_contact_sheets_stay(folder, tmp_path):
    output = tmp_path / "out"
    (output / "contact-sheets").mkdir(parents=True)
    (output / "contact-sheets" / "mine.pdf").write_text("mine")
    for groups in (3, 2):
        quantize_collection(str(folder), str(output), FEW, CollectionOptions(groups=groups))
    names = {path.name for path in (output / "contact-sheets").iterdir()}
    assert names == {"mine.pdf", "group-001.png", "group-002.png"}


def test_a_folder_that_was_removed_does_not_come_back(tmp_path):
    folder = OutputFolder(str(tmp_path / "out"))
    folder.make()
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(FileNotFoundError):
        folder.write("x.png", b"")
    assert not (tmp_path / "out").exists()


def test_refused_collections_leave_nothing_behind(folder, tmp_path, monkeypatch):
    from kmeans_core.collections import listing

    made = []

    def new_folder(name):
        made.append(tmp_path / f"{name}-{len(made)}")
        made[-1].mkdir()
        return made[-1]

    monkeypatch.setattr(listing, "new_folder", new_folder)
    write_picture(folder / "0.bmp", 1)
    with pytest.raises(OptionError, match="would be written to the same file"):
        quantize_collection(str(folder), str(tmp_path / "out"), FEW)
    assert made
    assert not any(path.exists() for path in made)
