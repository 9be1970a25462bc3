"""Targets: ratios by hand from made-up results, and the limits measured for real."""

import json
from dataclasses import replace

import numpy as np
import pytest

from kmeans_core.__main__ import main
from kmeans_core.bench.analysis.ceilings import ceiling_rows
from kmeans_core.bench.analysis.targets import MachineMeasurements, target_rows
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.measuring import ceiling
from kmeans_core.bench.measuring.ceiling import Ceiling, measure_ceiling
from kmeans_core.bench.measuring.large import LargePicture, mosaic
from kmeans_core.bench.measuring.memory import peak
from kmeans_core.bench.measuring.peers import REFERENCE, PeerResult
from kmeans_core.bench.measuring.picture_work import PictureWork, measure_picture_work
from kmeans_core.bench.output.target_text import BEGIN, END, as_json, as_markdown, write_targets
from kmeans_core.bench.records.results import Results
from kmeans_core.images.picture import load_picture
from kmeans_core.jobs.supervisor import Supervisor
from tests.bench.rows import ENVIRONMENT, SOURCE, case, rows
from tests.conftest import ASSETS, require

SAMPLES = [ASSETS / "samples" / name for name in ("cat.png", "rocket.jpg")]
CEILING = Ceiling(bytes_a_second=20e9, distances_a_second=8e9, spark_job=0.04, dask_job=0.01)
LARGE = (
    LargePicture(24.0, 500_000, 256, 5_000_000, 0.3, {"histogram": 0.1, "fit": 0.05}, 3.0),
    LargePicture(100.0, 500_000, 256, 20_000_000, 1.0, {"histogram": 0.4, "fit": 0.1}, 12.0),
)
WORK = PictureWork(256, 100, {"numba": 0.1, "sklearn": 2.0}, {"5": 0.03, "64": 0.1})
LIMITS = MachineMeasurements(ENVIRONMENT, LARGE, CEILING, WORK)


def peer(name, colors, seconds, mse, picture="a"):
    return PeerResult(picture, 1.0, colors, name, seconds, mse, colors)


PEER_RESULTS = [
    peer("quick", 256, 0.1, 9.0),
    peer("quick", 256, 0.1, 0.0, "flat"),
    peer("libimagequant", 256, 0.5, 10.0),
    peer("libimagequant", 256, 0.7, 0.0, "flat"),
    *(peer(REFERENCE, colors, 2.0, 10.0) for colors in (16, 64, 256)),
    *(peer("balanced", colors, 0.1, 9.77) for colors in (16, 64, 256)),
    peer("best", 16, 9.0, 9.0),
    peer("best", 64, 9.0, 9.5),
    peer("sklearn-best-of-10", 16, 20.0, 9.1),
    peer("sklearn-best-of-10", 64, 20.0, 9.5),
]


@pytest.fixture
def view():
    measured = [
        *rows(case("paper-numpy", 10, 50), 12.0),
        *rows(case("numba", 10, 50), 0.012),
        *rows(case("sklearn", 10, 50), 0.06),
        *rows(case("paper-rdd", 10, 50), 45.0),
        *rows(case("spark-rdd", 10, 50), 3.0),
    ]
    return View(Results(measured), SOURCE, 2)


def test_each_ratio_by_hand(view):
    found = {
        (row.against, row.work.partition(",")[0]): row for row in target_rows(view, PEER_RESULTS, LIMITS)
    }
    ratios = {against: (row.ratio, row.is_met) for (against, _), row in found.items()}
    assert ratios["the paper's NumPy algorithm"] == (pytest.approx(1000), True)
    assert ratios["the paper's RDD algorithm"] == (pytest.approx(15), True)
    assert ratios["libimagequant"] == (pytest.approx(6), True)
    assert ratios["scikit-learn's best of ten"] == (pytest.approx(0.5), False)
    assert ratios["6 B per pixel"] == (pytest.approx(0.5), False)  # the larger one's
    texts = [row.work for row in found.values()]
    assert any("2 pictures; error lower on 1, the same on 1" in text for text in texts)

    def ratios_of(what):
        rows = target_rows(view, PEER_RESULTS, LIMITS)
        return [(row.ratio, row.is_met) for row in rows if what in row.work]

    assert ratios_of("10 colors, 50 iterations, pixels to labels, `numba`")[1] == (pytest.approx(5), False)
    lower = [(pytest.approx(1 / 0.977), is_met) for is_met in (False, True, True)]
    assert ratios_of("mean squared error") == lower
    assert ratios_of("Default search, 16, 64 and 256 colors, 1 pictures: time") == [(pytest.approx(20), True)]
    assert ratios_of("256 distinct colors to start from") == [(pytest.approx(20), False)]
    assert ratios_of("another number of colors, 5, 64: the slowest, 64") == [(pytest.approx(0.8), False)]
    decoded = [row for row in target_rows(view, PEER_RESULTS, LIMITS) if "JPEG" in row.against]
    assert [(row.ratio, row.is_met) for row in decoded] == [(pytest.approx(2), True)]


def test_workers_are_compared_with_one_process_and_empty_jobs():
    table, jobs = "blobs:1000000x10c5s8", 21
    measured = [
        *rows(case("numba", 5, 20, source=table), 0.1, points=1_000_000, dims=10),
        *rows(case("spark-rdd", 5, 20, source=table), 1.98, points=1_000_000, dims=10),
        *rows(case("dask", 5, 20, source=table), 0.2, points=1_000_000, dims=10),
        *rows(case("spark-rdd", 5, 20, source="blobs:10000x10c5s8"), 1.0, points=10_000, dims=10),
    ]
    found = target_rows(View(Results(measured), SOURCE, 2), [], replace(LIMITS, large=()))
    workers = {row.work.split("`")[1]: row for row in found if row.work.startswith("1,000,000 rows × 10")}
    assert workers["spark-rdd"].ratio == pytest.approx((1.5 * 0.1 + jobs * 0.04) / 1.98)
    assert workers["dask"].ratio == pytest.approx((1.5 * 0.1 + jobs * 0.01) / 0.2)
    assert [row.is_met for row in workers.values()].count(True) == 1
    assert "and 21 empty jobs (40 ms each)" in workers["spark-rdd"].against


def test_what_was_not_measured_has_no_row(view):
    nothing = View(Results([]), SOURCE, 2)
    machine = MachineMeasurements(ENVIRONMENT, (), CEILING, WORK)
    assert len(target_rows(nothing, [], machine)) == 2  # those of the work on one picture
    assert ceiling_rows(nothing, machine) == []


def test_shares_of_what_is_possible():
    steps = rows(case("spark-rdd", 10, 50), 3.0)
    measured = [
        *rows(case("numba", 10, 50), 0.2),
        *(type(row)(**{**vars(row), "iterations": (0.05, 0.05, 0.2)}) for row in steps),
    ]
    found = {row.work: row.share for row in ceiling_rows(View(Results(measured), SOURCE, 2), LIMITS)}
    histogram = next(share for work, share in found.items() if "24 megapixels" in work)
    assert histogram == pytest.approx(24e6 * 3 / 0.1 / 20e9)
    assert found["An iteration of `spark-rdd`"] == pytest.approx(0.04 / 0.05)


def test_texts_and_files(view, tmp_path):
    found, bounds = target_rows(view, PEER_RESULTS, LIMITS), ceiling_rows(view, LIMITS)
    text = as_markdown(found, bounds, ENVIRONMENT)
    assert "| 12 ms | the paper's NumPy algorithm | 12.0 s | 1,000× | 1,000× | reached |" in text
    assert "| 5.00× | 8.00× | not reached |" in text
    assert [row["met"] for row in as_json(found, bounds, ENVIRONMENT)["targets"]][:2] == [True, False]
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\nold\n{END}\n")
    write_targets(text, readme)
    assert text in readme.read_text()
    LIMITS.save(tmp_path / "limits.json")
    assert MachineMeasurements.load(tmp_path / "limits.json", ENVIRONMENT) == LIMITS
    assert MachineMeasurements.load(tmp_path / "limits.json", {**ENVIRONMENT, "cpu": "Another"}) is None
    replace(LIMITS, environment={**ENVIRONMENT, "code": "another"}).save(tmp_path / "older.json")
    assert MachineMeasurements.load(tmp_path / "older.json", ENVIRONMENT) is None
    assert MachineMeasurements.load(tmp_path / "none.json", ENVIRONMENT) is None


def test_a_mosaic_is_made_of_the_pictures():
    picture = mosaic(SAMPLES, 1.6)
    assert picture.pixels.shape == (1024, 1536, 3)
    pixels = [load_picture(path).pixels for path in SAMPLES]
    assert np.array_equal(picture.pixels[:256, :256], pixels[0][:256, :256])
    colors = {
        tuple(color) for picture in pixels for color in np.unique(picture.reshape(-1, 3), axis=0).tolist()
    }
    assert {tuple(color) for color in np.unique(picture.pixels.reshape(-1, 3), axis=0).tolist()} <= colors


def test_a_large_picture_is_measured():
    """In a process of its own, as the command does it: this one has memory to spare."""
    settings = {"paths": SAMPLES, "megapixels": 1.6, "n_colors": 16, "repeat": 2}
    worker = Supervisor()
    try:
        job = worker.submit(
            "kmeans_core.bench.measuring.large:measure_large", **settings, settings={"effort": "balanced"}
        )
        assert job.wait(120)
    finally:
        worker.close()
    found = job.result
    assert (found.megapixels, found.n_colors) == (pytest.approx(1.57, abs=0.01), 16)
    assert set(found.seconds) == {"histogram", "start", "search", "seed", "fit", "finish", "remap"}
    assert 0 < found.decode_seconds < 5
    assert 0 < found.quantize_seconds < 30
    if peak():  # which not every system reports
        assert found.bytes_a_pixel > 1  # the indices alone


def test_work_on_one_picture_is_measured():
    found = measure_picture_work(SAMPLES[0], 8, 3, (2, 5), 1, lambda what: None)
    assert (set(found.fits), set(found.changes)) == ({"numba", "sklearn"}, {"2", "5"})
    assert all(0 < seconds < 30 for seconds in (*found.fits.values(), *found.changes.values()))


@pytest.mark.spark
def test_the_ceiling_of_this_machine(monkeypatch):
    require("spark-rdd")
    require("dask")
    monkeypatch.setattr(ceiling, "_WARM_SECONDS", 0.0)
    monkeypatch.setattr(ceiling, "_JOBS", 3)
    found = measure_ceiling(lambda what: None)
    assert 1e8 < found.bytes_a_second < 1e13
    assert 1e7 < found.distances_a_second < 1e13
    assert 0.001 < found.spark_job < 30
    assert 0.0001 < found.dask_job < 30


def test_the_command_takes_no_grid(capsys):
    assert main(["benchmark", "--preset", "targets", "--colors", "3"]) == 2
    assert "--preset targets and --colors do not go together" in capsys.readouterr().err


def test_the_command_reports_what_is_stored(tmp_path, capsys, monkeypatch):
    """On results that are there: a child process measures for minutes what this looks up."""
    from kmeans_core.bench.measuring import peers, runner
    from kmeans_core.bench.measuring.machine import describe_environment

    monkeypatch.setattr(runner, "pending", lambda *_: ())
    monkeypatch.setattr(peers, "measure_peers", lambda *_, **__: iter(()))
    MachineMeasurements(describe_environment(), LARGE, CEILING, WORK).save(tmp_path / "limits.json")
    store = ["--store", str(tmp_path / "store.sqlite3")]
    assert main(["benchmark", "--preset", "targets", "--json", *store]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["theirs"] for row in report["targets"]] == ["2.00 s", "80 ms", "300 ms", "6", "6"]
    assert BEGIN in (ASSETS.parent / "docs" / "benchmarks.md").read_text()
