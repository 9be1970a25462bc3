"""The command line, as a process of its own where it matters and in this one where it does not."""

import io
import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kmeans_core import cluster, load_picture, quantize
from kmeans_core.__main__ import main
from kmeans_core.backends.spark_session import NeedsSpark
from kmeans_core.images.perceptual_quality import measure_perceptual_quality
from tests.conftest import ASSETS, require
from tests.images.test_picture import bomb

RACCOON = str(ASSETS / "raccoon.png")
HORSE = str(ASSETS / "samples" / "horse.png")


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "kmeans_core", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ASSETS.parent,
        env=os.environ | environment,
        timeout=200,
    )


def fails(capsys, *arguments):
    """Runs a command that is wrong; its one line of explanation."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


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


def test_a_reader_that_stops_reading_is_no_error(tmp_path):
    target = tmp_path / "out.png"
    command = [
        sys.executable,
        "-m",
        "kmeans_core",
        "quantize",
        RACCOON,
        "--colors",
        "2",
        "--output",
        str(target),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ASSETS.parent, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
    assert target.exists()


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
    source = str(ASSETS / "samples" / "cat.png")
    assert main(["quantize", source, "--colors", "4", "--output", str(target), "--json", *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    expected = quantize(
        load_picture(source), 4, max_iter=7, early_stop=False, init="random", seed=9, backend="numpy"
    )
    assert report["n_iter"] == 7
    assert report["inertia"] == expected.fit.inertia


def test_without_output_it_writes_beside_where_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["quantize", str(ASSETS / "samples" / "cat.png"), "--colors", "3"]) == 0
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


def test_the_result_has_ordinary_permissions(tmp_path):
    target = tmp_path / "out.png"
    main(["quantize", str(ASSETS / "samples" / "cat.png"), "--colors", "2", "--output", str(target)])
    plain = tmp_path / "plain"
    plain.touch()
    assert target.stat().st_mode == plain.stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "plain"]


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


def test_bad_paths(tmp_path, capsys):
    def quantizing(source, target):
        return fails(capsys, "quantize", source, "--colors", 4, "--output", target)

    assert "none.png does not exist" in quantizing(tmp_path / "none.png", tmp_path / "out.png")
    assert "does not exist; make it first" in quantizing(RACCOON, tmp_path / "nowhere" / "out.png")
    assert "does not end in .png" in quantizing(RACCOON, tmp_path / "out.jpg")
    own = tmp_path / "own.png"
    own.write_bytes(Path(RACCOON).read_bytes())
    assert "is the input itself" in quantizing(own, own)
    assert own.read_bytes() == Path(RACCOON).read_bytes()


def test_unwritable_output(tmp_path, capsys, monkeypatch):
    # As root every folder is writable, so what the system would answer is said for it.
    monkeypatch.setattr("kmeans_core.commands.writing.os.access", lambda path, mode: False)
    target = tmp_path / "out.png"
    assert "cannot be written; choose a place" in fails(
        capsys, "quantize", RACCOON, "--colors", 4, "--output", target
    )
    monkeypatch.undo()
    full = Path("/dev/full/out.png")
    assert "make it first" in fails(capsys, "quantize", RACCOON, "--colors", 4, "--output", full)


def test_a_disk_that_fills_up_leaves_no_half_a_file(tmp_path):
    """Files of this process may not grow past 4 KB: the system ends the write in the middle."""
    target = tmp_path / "out.png"
    target.write_bytes(b"what was there before")
    script = (
        "import resource, signal, sys\n"
        "from kmeans_core.backends import get_backend\n"
        "get_backend('numpy')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from kmeans_core.__main__ import main\n"
        f"sys.exit(main(['quantize', {RACCOON!r}, '--colors', '4', '--backend', 'numpy',"
        f" '--max-iter', '2', '--output', {str(target)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "cannot be written: File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert target.read_bytes() == b"what was there before"


def test_an_impossible_file_name(capsys):
    said = fails(capsys, "quantize", RACCOON, "--colors", 4, "--output", f"{'x' * 300}.png")
    assert "--output cannot be used: File name too long; choose another name" in said


def test_a_terminal_without_arrows_still_gets_its_summary(tmp_path):
    source, target = str(ASSETS / "samples" / "cat.png"), str(tmp_path / "out.png")
    done = run("quantize", source, "--colors", "2", "--output", target, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "32,584 \\u2192 2 colors" in done.stdout


def test_spark_without_java(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("kmeans_core.backends.spark_session.find_java", lambda: None)
    target = tmp_path / "out.png"
    for backend in ("spark-rdd", "spark-ml"):
        said = fails(capsys, "quantize", RACCOON, "--colors", 4, "--backend", backend, "--output", target)
        assert f"The backend {backend} cannot run here: Spark needs Java 17 or 21" in said
    assert not target.exists()
    assert main(["backends"]) == 0
    assert "spark-rdd  no   Spark needs Java" in capsys.readouterr().out


def test_backends_as_json(capsys):
    assert main(["backends", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["backends"]}
    assert list(rows) == ["numpy", "numba", "sklearn", "spark-rdd", "spark-ml", "dask", "minibatch"]
    assert rows["numpy"]["available"]
    assert rows["numpy"]["reason"] is None
    assert rows["numpy"]["version"].startswith("numpy ")
    assert rows["spark-ml"]["traits"]["initial_centers"] is False


def benchmark(store, *arguments):
    return ["benchmark", "--image", str(ASSETS / "samples" / "horse.png"), "--store", str(store), *arguments]


def test_benchmark_gives_all_backends_the_same_work(capsys, tmp_path):
    store = tmp_path / "results.sqlite3"
    grid = ["--backends", "paper-numpy,numpy,numba", "--colors", "3,5", "--iterations", "4", "--repeat", "2"]
    assert main(benchmark(store, *grid, "--json")) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    rows = {(row["backend"], row["colors"]): row for row in report["measurements"]}
    assert len(rows) == 6
    assert {row["status"] for row in rows.values()} == {"done"}
    assert {row["rounds"] for row in rows.values()} == {4}
    assert {row["cached"] for row in rows.values()} == {False}
    assert all(len(row["seconds"]) == 2 and row["median"] > 0 for row in rows.values())
    assert rows["numba", 5]["cold"]["start"] > 0
    for colors in (3, 5):
        ours = rows["numpy", colors]["inertia"]
        assert rows["paper-numpy", colors]["inertia"] == pytest.approx(ours, rel=1e-9)
        assert rows["numba", colors]["inertia"] == ours
    assert report["environment"]["cores"] >= 1
    assert main(benchmark(store, *grid)) == 0
    assert "× `paper-numpy`" in capsys.readouterr().out


@pytest.mark.spark
def test_benchmark_of_everything_and_again_from_the_store(tmp_path, capsys, monkeypatch):
    """The second time nothing is started, Spark least of all."""
    require("spark-ml")
    monkeypatch.setattr(NeedsSpark, "warm_up_seconds", 0.5)
    names = "paper-numpy,numpy,numba,sklearn,paper-rdd,spark-ml"
    grid = ["--backends", names, "--megapixels", "0.05", "--colors", "2,10", "--iterations", "3"]
    grid += ["--repeat", "1", "--json"]
    command = benchmark(tmp_path / "results.sqlite3", *grid)
    assert main([str(argument) for argument in command]) == 0
    rows = json.loads(capsys.readouterr().out)["measurements"]
    assert {row["status"] for row in rows} == {"done"}
    found = {(row["backend"], row["colors"]): row["inertia"] for row in rows}
    assert len(found) == 12
    for colors in (2, 10):
        for name in ("numba", "paper-numpy", "paper-rdd"):
            assert found[name, colors] == pytest.approx(found["numpy", colors], rel=1e-9), name
    again = run(*command, PYTHONPROFILEIMPORTTIME="1")
    assert "pyspark" not in again.stderr  # nor is anything else that takes time
    assert "kmeans_core.bench.records.store" in again.stderr
    assert {row["cached"] for row in json.loads(again.stdout)["measurements"]} == {True}
    assert [row["median"] for row in json.loads(again.stdout)["measurements"]] == [
        row["median"] for row in rows
    ]


def test_benchmark_goes_on_where_it_was(capsys, tmp_path):
    store = tmp_path / "results.sqlite3"
    fixed = ["--iterations", "2", "--repeat", "1", "--backends", "numpy", "--json"]
    assert main(benchmark(store, *fixed, "--colors", "3")) == 0
    capsys.readouterr()
    assert main(benchmark(store, *fixed, "--colors", "3,4")) == 0
    rows = json.loads(capsys.readouterr().out)["measurements"]
    assert {row["colors"]: row["cached"] for row in rows} == {3: True, 4: False}
    assert main(benchmark(store, *fixed, "--colors", "3", "--fresh")) == 0
    assert [row["cached"] for row in json.loads(capsys.readouterr().out)["measurements"]] == [False]


def test_benchmark_shows_what_cannot_run(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("kmeans_core.backends.spark_session.find_java", lambda: None)
    grid = ["--backends", "numpy,spark-rdd", "--colors", "3", "--iterations", "2", "--repeat", "1"]
    assert main(benchmark(tmp_path / "s.sqlite3", *grid)) == 0
    said = capsys.readouterr().out
    assert re.search(r"\| `spark-rdd` \| \d+ \| unavailable \| The backend spark-rdd cannot run here", said)


def test_benchmark_of_made_up_points_and_of_other_sizes(capsys, tmp_path):
    store = str(tmp_path / "s.sqlite3")
    few = ["--backends", "numpy", "--colors", "4", "--iterations", "2", "--repeat", "1", "--json"]
    assert main(["benchmark", "--points", "3000x7", "--store", store, *few]) == 0
    (row,) = json.loads(capsys.readouterr().out)["measurements"]
    assert (row["points"], row["source"]) == (3000, "blobs:3000x7c5s8")
    assert main(benchmark(store, "--megapixels", "0.01,0.05", *few)) == 0
    rows = json.loads(capsys.readouterr().out)["measurements"]
    assert [round(row["pixels"] / 1e6, 2) for row in rows] == [0.01, 0.05]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backends", "numpy,cray"], "--backends names 'cray'; use some of"),
        (["--backends", ","], "--backends ',' names none; use some of"),
        (["--repeat", "0"], "repeat=0 is not allowed; give 1 to 20"),
        (["--colors", "0"], "colors=0 is not allowed; give 1 to 256"),
        (["--colors", "2,x"], "'x' is not a whole number"),
        (["--iterations", "2000"], "iterations=2000 is not allowed; give 1 to 1,000"),
        (["--image", "none.png"], "none.png does not exist"),
        (["--points", "many"], "points='many' is not understood; give them as 100000x10"),
        (["--points", "10x2", "--image", "a.png"], "--points and a picture do not go together"),
        (["--preset", "all"], "preset='all' is unknown; use one of: quick, paper"),
        (["--preset", "quick", "--colors", "3"], "--preset and --colors do not go together"),
        (["--preset", "quick", "--seed", "7"], "--preset and --seed do not go together"),
        (["--seed", "-1"], "seed=-1 is not allowed"),
        (["--cores", "999"], "cores=999 is more than this machine offers"),
        (["--image", RACCOON, "--megapixels", "90", "--backends", "paper-numpy", "--colors", "256"], "GB"),
        (["--megapixels", "500"], "megapixels=500 is not allowed"),
        (["--longest", "0"], "--longest 0 is not allowed; give seconds"),
    ],
)
def test_bad_benchmarks(capsys, arguments, message):
    assert message in fails(capsys, "benchmark", *arguments)


def test_results_are_listed_exported_and_imported(capsys, tmp_path):
    store, other = tmp_path / "one.sqlite3", tmp_path / "two.sqlite3"
    assert main(["results", "--store", str(store)]) == 0
    assert "No results yet" in capsys.readouterr().out
    few = ["--backends", "numpy", "--colors", "2,3", "--iterations", "2", "--repeat", "2"]
    assert main(benchmark(store, *few)) == 0
    target = tmp_path / "rows.csv"
    capsys.readouterr()
    assert main(["results", "--store", str(store), "--export", str(target)]) == 0
    assert "5 rows exported" in capsys.readouterr().out
    for expected in (5, 0):
        assert main(["results", "--store", str(other), "--import", str(target), "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert (report["imported"], report["already_there"]) == (expected, 5 - expected)
        assert [(row["cells"], row["rows"]) for row in report["machines"]] == [(2, 5)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--import", "none.csv"], "none.csv cannot be read"),
        (["--import", RACCOON], "does not end in .csv, .parquet or .json"),
        (["--export", "rows.xls"], "does not end in .csv, .parquet or .json"),
        (["--store", RACCOON], "cannot be used"),
    ],
)
def test_bad_results(capsys, arguments, message):
    assert message in fails(capsys, "results", *arguments)


def test_no_command_and_help():
    done = run()
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    done = run("quantize", "--help")
    assert done.returncode == 0
    assert "how many colors, 1 to 256" in done.stdout


def test_a_backend_that_breaks_down_is_exit_code_one(capsys, monkeypatch, tmp_path):
    from kmeans_core.errors import BackendFailedError

    def broken(*_, **__):
        raise BackendFailedError("Spark's Java process ended.")

    monkeypatch.setattr("kmeans_core.images.stages.fit_points", broken)
    target = tmp_path / "out.png"
    assert main(["quantize", RACCOON, "--colors", "3", "--output", str(target)]) == 1
    assert capsys.readouterr().err == "kmeans_core: Spark's Java process ended.\n"
    assert not target.exists()


def test_control_c_stops_without_a_traceback(capsys, monkeypatch, tmp_path):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("kmeans_core.images.stages.fit_points", interrupted)
    assert main(["quantize", RACCOON, "--colors", "3", "--output", str(tmp_path / "out.png")]) == 130
    assert "stopped, nothing written" in capsys.readouterr().err


def test_progress_goes_to_standard_error(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("kmeans_core.commands.parsing.monotonic", iter(range(0, 100_000, 10)).__next__)
    source = str(ASSETS / "samples" / "cat.png")
    assert main(["quantize", source, "--colors", "4", "--output", str(tmp_path / "o.png"), "--json"]) == 0
    said = capsys.readouterr()
    json.loads(said.out)
    assert "iteration 1 of at most 100\n" in said.err


def test_cluster_is_what_quantize_uses(raccoon):
    """The palette's centers come from the public call and nowhere else."""
    picture = load_picture(RACCOON)
    direct = cluster(raccoon.colors, 5, weights=raccoon.counts, seed=2)
    assert quantize(picture, 5, seed=2).fit.inertia == direct.inertia
