"""`quantize` on the command line: what it writes and reports, and which options and pictures it refuses."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kmeans_core import cluster, load_picture, quantize
from kmeans_core.__main__ import main
from kmeans_core.images.perceptual_quality import measure_perceptual_quality
from tests.commands.calls import CAT, HORSE, RACCOON, fails, run
from tests.conftest import ASSETS, require
from tests.images.test_picture import bomb


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """What five backends make of the horse in six colors; Spark RDD in a process of its own."""
    found = {}
    for backend in ("numpy", "numba", "dask", "spark-rdd", "spark-ml"):
        require(backend)
        target = tmp_path_factory.mktemp("out") / f"{backend}.png"
        arguments = ["--colors", "6", "--backend", backend, "--seed", "1", "--output", str(target), "--json"]
        if backend == "spark-rdd":  # what Java prints must not get into the report
            done = run("quantize", HORSE, *arguments)
            assert done.returncode == 0, done.stderr
            found[backend] = json.loads(done.stdout)
            continue
        with redirect_stdout(io.StringIO()) as printed:
            assert main(["quantize", HORSE, *arguments]) == 0
        found[backend] = json.loads(printed.getvalue())
    return found


@pytest.mark.spark
def test_own_backends_print_the_same(reports):
    for backend in ("numba", "dask", "spark-rdd"):
        for key in ("palette", "inertia", "mse", "psnr", "n_iter", "converged", "output_bytes"):
            assert reports[backend][key] == reports["numpy"][key]
        png = Path(reports[backend]["output"]).read_bytes()
        assert png == Path(reports["numpy"]["output"]).read_bytes()


@pytest.mark.spark
def test_the_files_are_right(reports):
    for report in reports.values():
        with Image.open(report["output"]) as image, Image.open(HORSE) as original:
            assert image.size == original.size
            pixels = np.asarray(image.convert("RGBA"))
        assert len(np.unique(pixels[..., :3].reshape(-1, 3), axis=0)) <= 6
        assert report["output_bytes"] == Path(report["output"]).stat().st_size


def test_report_agrees_with_the_library(tmp_path, capsys):
    target = tmp_path / "cat.png"
    source = ASSETS / "samples" / "cat.png"
    assert main(["quantize", str(source), "--colors", "6", "--output", str(target), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    expected = quantize(load_picture(source), 6)
    assert target.read_bytes() == expected.png_bytes()
    assert report["inertia"] == expected.fit.inertia
    assert report["input"] == str(source)
    assert report["output"] == str(target)


def test_every_option_arrives(tmp_path, capsys):
    target = tmp_path / "out.png"
    arguments = [
        "--max-iter",
        "7",
        "--no-early-stop",
        "--init",
        "random",
        "--seed",
        "9",
        "--backend",
        "numpy",
    ]
    source = CAT
    assert main(["quantize", source, "--colors", "4", "--output", str(target), "--json", *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    expected = quantize(
        load_picture(source), 4, max_iter=7, early_stop=False, init="random", seed=9, backend="numpy"
    )
    assert report["n_iter"] == 7
    assert report["inertia"] == expected.fit.inertia


def test_without_output_it_writes_beside_where_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["quantize", CAT, "--colors", "3"]) == 0
    assert (tmp_path / "cat-3-colors.png").exists()
    said = capsys.readouterr().out
    assert "32,584 → 3 colors" in said
    assert "iterations (converged)" in said


def test_space_dithering_and_a_palette_file(tmp_path, capsys):
    source, target, palette = ASSETS / "samples" / "cat.png", tmp_path / "out.png", tmp_path / "out.hex.txt"
    call = ["quantize", str(source), "--colors", "6", "--output", str(target)]
    call += ["--space", "oklab", "--dither", "blue-noise", "--dither-strength", "0.5"]
    assert main([*call, "--palette", str(palette), "--json"]) == 0
    expected = quantize(load_picture(source), 6, space="oklab", dither="blue-noise", dither_strength=0.5)
    assert target.read_bytes() == expected.png_bytes()
    assert palette.read_text().split() == [color.hex for color in expected.palette.entries]
    assert json.loads(capsys.readouterr().out)["mse"] == expected.quality.mse
    assert main([*call, "--measures", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    measures = measure_perceptual_quality(load_picture(source), expected.palette.colors, expected.indices)
    assert (report["delta_e_mean"], report["ssim"]) == (measures.mean, measures.ssim)
    assert main([*call, "--measures"]) == 0
    assert f"SSIM {measures.ssim:.4f}" in capsys.readouterr().out
    for name, said in (
        ("out.pal", "does not end like a palette format; use one of"),
        ("out.png", "both name"),
        ("none/out.gpl", "--palette"),
    ):
        assert said in fails(capsys, *call, "--palette", tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty (0 bytes); choose a picture file"),
        (b"words, not pixels", "is not a picture that can be read"),
        (Path(RACCOON).read_bytes()[:5000], "is damaged or cut short"),
        ((ASSETS / "samples" / "rocket.jpg").read_bytes()[:5000], "is damaged or cut short"),
        (bomb(50_000, 50_000), "claims more than 178 megapixels"),
    ],
    ids=["empty", "text", "short PNG", "short JPEG", "bomb"],
)
def test_bad_pictures(tmp_path, capsys, content, message):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    source.write_bytes(content)
    assert message in fails(capsys, "quantize", source, "--colors", 5, "--output", target)
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--colors", "0"], "n_colors=0 is not allowed; a PNG palette holds 1 to 256 colors"),
        (["--colors", "1000"], "n_colors=1000 is not allowed"),
        (["--colors", "x"], "argument --colors: 'x' is not a whole number"),
        ([], "the following arguments are required: --colors"),
        (["--colors", "4", "--backend", "abacus"], "backend='abacus' is unknown; use one of: numpy, numba"),
        (["--colors", "4", "--init", "guess"], "init='guess' is unknown; use one of: k-means++"),
        (["--colors", "4", "--space", "hsv"], "space='hsv' is unknown"),
        (["--colors", "4", "--dither-strength", "2"], "dither_strength=2.0 is not allowed"),
        (["--colors", "4", "--dither", "yes"], "dither='yes' is unknown"),
        (["--colors", "4", "--max-iter", "0"], "max_iter=0 is not allowed"),
        (["--colors", "4", "--seed", "-3"], "seed=-3 is not allowed"),
        (["--colors", "4", "--tol", "-1"], "tol=-1.0 is not allowed"),
        (["--colors", "4", "--tol", "wide"], "argument --tol: 'wide' is not a number"),
        (["--colors", "4", "--max-megapixels", "0.1"], "0.8 megapixels; at most 0.1 are allowed"),
        (["--colors", "4", "--frobnicate"], "unrecognized arguments: --frobnicate"),
    ],
)
def test_bad_options(tmp_path, capsys, arguments, message):
    target = tmp_path / "out.png"
    assert message in fails(capsys, "quantize", RACCOON, "--output", target, *arguments)
    assert not target.exists()


def test_cluster_is_what_quantize_uses(raccoon):
    """The palette's centers come from the public call and nowhere else."""
    picture = load_picture(RACCOON)
    direct = cluster(raccoon.colors, 5, weights=raccoon.counts, seed=2, effort="balanced")
    assert quantize(picture, 5, seed=2).fit.inertia == direct.inertia
