"""Sources, cases, presets and limits."""

import numpy as np
import pytest

from kmeans_core import ColorHistogram, load_picture
from kmeans_core.backends import backend_names, compared_backends
from kmeans_core.bench.measuring.cases import (
    BlobsSource,
    Case,
    PictureSource,
    Plan,
    parse_points,
    source_title,
)
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.bench.measuring.presets import MEGAPIXELS, PRESETS, grid, preset_plan
from kmeans_core.bench.records import published
from kmeans_core.clustering.threads import usable_cores
from kmeans_core.errors import OptionError, PictureError
from tests.conftest import ASSETS

RACCOON = ASSETS / "raccoon.png"


@pytest.fixture(scope="module")
def picture():
    return PictureSource.of(RACCOON)


def test_a_picture_in_its_own_size(picture):
    workload = picture.load()
    colors, counts = workload.points()
    expected = ColorHistogram.of(load_picture(RACCOON))
    assert np.array_equal(colors, expected.colors)
    assert np.array_equal(counts, expected.counts)
    assert workload.pixels == picture.pixels == 786_432
    assert picture.key.startswith("raccoon.png#")
    assert source_title(picture.key) == "raccoon.png"


@pytest.mark.parametrize("megapixels", [0.1, 3.0])
def test_a_picture_in_another_size(picture, megapixels):
    source = picture.resampled(megapixels)
    workload = source.load()
    assert workload.pixels == pytest.approx(megapixels * 1e6, rel=0.01)
    assert source.pixels == megapixels * 1e6
    _, counts = workload.points()
    assert counts.sum() == workload.pixels
    assert source.key == f"{picture.key}@{megapixels:g}MP"
    assert source_title(source.key) == f"raccoon.png, {megapixels:g} megapixels"


def test_a_larger_picture_has_more_colors(picture):
    assert len(picture.resampled(3.0).load().points()[0]) > 1.2 * 134_105


def test_its_own_size_is_no_other_size(picture):
    assert picture.resampled(0.786) == picture


def test_the_same_file_elsewhere_is_the_same_source(picture, tmp_path):
    copy = tmp_path / "raccoon.png"
    copy.write_bytes(RACCOON.read_bytes())
    assert PictureSource.of(copy).key == picture.key
    with pytest.raises(PictureError):
        PictureSource.of(tmp_path / "none.png")


def test_blobs():
    workload = BlobsSource(500, 4).load()
    points, weights = workload.points()
    assert points.shape == (500, 4)
    assert weights.tolist() == [1.0] * 500
    assert np.array_equal(points, BlobsSource(500, 4).load().points()[0])
    assert source_title(BlobsSource(50_000, 10).key) == "50,000 blob points × 10"


@pytest.mark.parametrize(("text", "expected"), [("100x10", (100, 10)), ("2000", (2000, 3))])
def test_points_from_text(text, expected):
    source = parse_points(text)
    assert (source.n_points, source.n_dims) == expected


@pytest.mark.parametrize("text", ["", "x3", "3x", "ten", "0x3", "-5x3", "999999999x10"])
def test_points_from_invalid_text(text):
    if text == "3x":
        assert parse_points(text).n_dims == 3
        return
    with pytest.raises(OptionError, match="points="):
        parse_points(text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_clusters": 0}, "colors=0 is not allowed; give 1 to 256"),
        ({"n_clusters": 257}, "colors=257 is not allowed"),
        ({"n_iter": 0}, "iterations=0 is not allowed; give 1 to 1,000"),
        ({"cores": 0}, "cores=0 is not allowed"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"seed": 10**20}, "seed=100000000000000000000 is not allowed"),
    ],
)
def test_bad_cases(changes, message):
    good = {"source": "s", "backend": "numpy", "n_clusters": 2, "n_iter": 1, "cores": 1}
    with pytest.raises(OptionError, match=message):
        Case(**(good | changes))


@pytest.mark.parametrize("name", ["cray", "minibatch"])
def test_only_what_is_compared_can_be_planned(picture, name):
    with pytest.raises(OptionError, match=f"backend='{name}' is not compared; use some of: paper-numpy"):
        grid([picture], [name], [2], [1])


def test_a_plan_holds_each_case_once(picture):
    pairs = grid([picture], ["numpy"], [2], [1])
    assert len(Plan.of(pairs + pairs).cases) == 1


@pytest.mark.parametrize("name", PRESETS)
def test_presets_make_plans(name, picture):
    plan = preset_plan(name, picture)
    assert plan.cases
    assert {case.source for case in plan.cases} == set(plan.sources)


def test_the_papers_grid_is_all_of_it(picture):
    cases = preset_plan("paper", picture).cases
    for backend in ("paper-numpy", "paper-rdd", "numpy", "numba", "spark-rdd", "sklearn"):
        found = {(case.n_clusters, case.n_iter) for case in cases if case.backend == backend}
        assert found == set(published.TABLE_1_NUMPY)
    defaults = [case for case in cases if case.backend == "spark-ml" and case.tol is not None]
    assert {(case.n_clusters, case.n_iter, case.tol) for case in defaults} == {
        (colors, 20, 1e-4) for colors in published.COLORS
    }
    # Its first case is measured cold: the paper's Figure 5.
    first = next(case for case in cases if case.backend == "paper-rdd")
    assert (first.n_clusters, first.n_iter) == (10, 10)


def test_scaling_presets_span_what_they_promise(picture):
    sizes = {source.pixels for source in preset_plan("pixels", picture).sources.values()}
    assert (min(sizes), max(sizes), len(sizes)) == (100_000, 48_000_000, len(MEGAPIXELS))
    colors = {case.n_clusters for case in preset_plan("colors", picture).cases}
    assert max(colors) == 256
    cores = {case.cores for case in preset_plan("cores", picture).cases}
    assert cores >= {1, usable_cores()}
    tables = preset_plan("tables", picture)
    assert {source.n_points for source in tables.sources.values()} >= {10_000, 50_000, 100_000, 5_000_000}
    assert {case.backend for case in tables.cases} >= {"sklearn", "dask", "spark-rdd"}
    head_to_head = {case.backend for case in preset_plan("backends", picture).cases}
    compared = {backend.name for backend in compared_backends()}
    assert head_to_head == compared == set(backend_names(yardsticks=True)) - {"minibatch"}


def test_an_unknown_preset(picture):
    with pytest.raises(OptionError, match="preset='all' is unknown; use one of: quick, paper"):
        preset_plan("all", picture)


def test_limits(picture, monkeypatch):
    plan = Plan.of(grid([picture.resampled(3.0)], ["numpy"], [2, 3], [1, 2]))
    Limits().check(plan, 3)
    with pytest.raises(OptionError, match="has 4 cells, more than the 3 allowed here"):
        Limits(max_cells=3).check(plan, 3)
    with pytest.raises(OptionError, match="This server does not run benchmarks"):
        Limits(max_cells=0).check(plan, 3)
    with pytest.raises(OptionError, match="3 megapixels are more than the 1 allowed here"):
        Limits(max_megapixels=1).check(plan, 3)
    with pytest.raises(OptionError, match="is more than this machine offers"):
        Limits().check(Plan.of(grid([picture], ["numpy"], [2], [1], [usable_cores() + 1])), 1)
    huge = Plan.of(grid([picture.resampled(100)], ["paper-numpy"], [256], [1]))
    with pytest.raises(OptionError, match="would take about 212 GB, a distance from every pixel"):
        Limits().check(huge, 1)
    with pytest.raises(OptionError, match="repeat=0 is not allowed; give 1 to 20"):
        Limits().check(plan, 0)
    monkeypatch.setenv("KMEANS_BENCH_CELLS", "7")
    monkeypatch.setenv("KMEANS_BENCH_SECONDS", "2.5")
    assert Limits.from_environment() == Limits(max_cells=7, max_seconds=2.5)
    monkeypatch.setenv("KMEANS_BENCH_CELLS", "many")
    with pytest.raises(OptionError, match="KMEANS_BENCH_CELLS='many' is not allowed"):
        Limits.from_environment()
