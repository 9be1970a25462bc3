"""`quantize` on the command line: what a designer asks of it, and folders of pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core import load_picture, quantize
from kmeans_core.__main__ import main
from kmeans_core.images.batch import quantize_all
from kmeans_core.images.encoding import image_bytes
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette_files import palette_bytes
from tests.commands.calls import CAT, HORSE, RACCOON, fails
from tests.conftest import ASSETS
from tests.images.test_encoding import needs


def quantizing(capsys, *arguments):
    """The JSON that a command prints."""
    code = main(["quantize", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_locked_and_merged_colors_and_medians(tmp_path, capsys):
    target = tmp_path / "out.png"
    call = [CAT, "--colors", 9, "--output", target, "--locked", "ff0000, #0f0", "--merge", 5]
    _, report = quantizing(capsys, *call, "--distance", "manhattan")
    expected = quantize(load_picture(CAT), 9, locked=["#ff0000", "#00ff00"], merge=5.0, distance="manhattan")
    assert target.read_bytes() == expected.png_bytes()
    assert {"#ff0000", "#00ff00"} <= {color["hex"] for color in report["palette"]}


@pytest.mark.parametrize(("ending", "kind"), [("webp", "webp"), ("gif", "gif"), ("png", "optimized")])
def test_other_files(tmp_path, capsys, ending, kind):
    needs(kind)
    target = tmp_path / f"out.{ending}"
    extra = ["--optimize"] if kind == "optimized" else []
    _, report = quantizing(capsys, CAT, "--colors", 5, "--output", target, *extra)
    assert target.read_bytes() == image_bytes(quantize(load_picture(CAT), 5).png_bytes(), kind)
    assert report["output_bytes"] == target.stat().st_size
    assert report["compression_ratio"] == pytest.approx(report["input_bytes"] / report["output_bytes"])


def test_a_target_instead_of_a_number(tmp_path, capsys):
    _, report = quantizing(
        capsys, CAT, "--target", "bytes=50000", "--output", tmp_path / "out.png", "--max-iter", 10
    )
    assert report["output_bytes"] <= 50_000
    more = quantize(load_picture(CAT), report["n_colors"] + 1, max_iter=10)
    assert len(more.png_bytes()) > 50_000


def test_the_colors_of_a_palette_file(tmp_path, capsys):
    palette = tmp_path / "brand.gpl"
    palette.write_bytes(palette_bytes(quantize(load_picture(HORSE), 4).palette, "gpl", "horse"))
    target = tmp_path / "out.png"
    quantizing(capsys, CAT, "--apply", palette, "--output", target)
    wanted = quantize(load_picture(HORSE), 4).palette.colors
    with Image.open(target) as image:
        assert {tuple(c) for c in np.asarray(image.convert("RGB")).reshape(-1, 3)} <= set(map(tuple, wanted))


def test_a_folder_of_results(tmp_path, capsys):
    folder = tmp_path / "out"
    code, report = quantizing(
        capsys, CAT, HORSE, "--colors", "4,8", "--output", folder, "--shared", "--max-iter", 5
    )
    assert code == 0
    assert sorted(file.name for file in folder.iterdir()) == [
        "cat-4-colors.png",
        "cat-8-colors.png",
        "horse-4-colors.png",
        "horse-8-colors.png",
    ]
    files = [(name, ASSETS / "samples" / name) for name in ("cat.png", "horse.png")]
    expected = list(quantize_all(files, [4, 8], QuantizeOptions.of(max_iter=5), shared=True))
    for row, entry in zip(expected, report["pictures"], strict=True):
        assert entry["output"].startswith(str(folder))
        assert Path(entry["output"]).read_bytes() == row.encoded.png


def test_a_bad_file_among_good_ones(tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    assert main(["quantize", str(bad), CAT, "--colors", "3", "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.err == "kmeans_core: 1 of 2 failed; the others are written.\n"
    first, second = said.out.splitlines()
    assert "bad.png is not a picture that can be read" in first
    assert "cat-3-colors.png: 3 colors, MSE" in second
    assert_array_equal(load_picture(tmp_path / "out" / "cat-3-colors.png").pixels.shape, (300, 451, 3))


def test_stopping_a_batch_says_what_is_there(tmp_path, capsys, monkeypatch):
    from kmeans_core.commands import batch

    real, calls = batch.write_file, []

    def write(target, data):
        if calls:
            raise KeyboardInterrupt
        calls.append(target)
        real(target, data)

    monkeypatch.setattr(batch, "write_file", write)
    call = ["quantize", CAT, HORSE, "--colors", "3", "--output", str(tmp_path), "--max-iter", "2"]
    assert main(call) == 130
    assert capsys.readouterr().err.endswith("kmeans_core: stopped, 1 written.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--colors", "4", "--target", "psnr=30"], "--colors and --target both say how many colors"),
        (["--target", "psnr"], "'psnr' is not a target; write psnr=35, delta-e=2 or bytes=100000"),
        (["--target", "psnr=x"], "'x' is not a number"),
        (["--target", "ssim=1"], "target='ssim' is unknown; use one of: psnr, delta-e, bytes"),
        (["--target", "psnr=90", "--max-iter", "1"], "90 dB cannot be reached: 256 colors give"),
        (
            ["--colors", "2", "--locked", "red"],
            "locked has 'red', which is not a color; write six hex digits",
        ),
        (["--colors", "2", "--merge", "-1"], "merge=-1.0 is not allowed"),
        (["--colors", "2", "--distance", "cosine"], "distance='cosine' is unknown"),
        (["--apply", "none.gpl"], "none.gpl cannot be read: No such file or directory; check the path"),
        (["--apply", RACCOON], "raccoon.png has 134,105 colors; a palette has at most 256"),
        (
            ["--colors", "2", "--output", "a.gif", "--optimize"],
            "--optimize is for PNG, and --output is a.gif",
        ),
        (["--colors", "2,300"], "n_colors=300 is not allowed"),
        (
            ["--colors", "2,3", "--measures"],
            "--measures works with one picture and one number of colors only",
        ),
        (["--colors", "2,3", "--output", "a/b/c"], "the folder a/b does not exist; make it first"),
        (["--colors", "2,3", "--output", RACCOON], "names a file; for several pictures, name a folder"),
        (["--colors", "2,3", "--output", "new.gif"], "names a file; for several pictures, name a folder"),
        (["--colors", "2,3", "--output", "new", "--locked", "zzz"], "locked has 'zzz'"),
        (["--apply", "a.gpl", "--locked", "f00"], "--apply and --locked both say which colors to keep"),
    ],
)
def test_what_cannot_be(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in fails(capsys, "quantize", RACCOON, *arguments)
    assert list(tmp_path.iterdir()) == []
