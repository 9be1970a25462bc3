"""Each chart draws the rows it says: every point is looked up in the rows it came from."""

import pytest

from kmeans_core.bench.analysis.verdict import machine_models, projection
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import title_of
from kmeans_core.bench.output import charts as figures
from kmeans_core.bench.output import scaling_charts as scaling_figures
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import FAILED, Results
from tests.bench.rows import SOURCE, case, row, rows


def view(*repetitions):
    return View.of(Results(repetitions), SOURCE)


def lines(chart):
    """Name → [(x, y), …] of every trace."""
    return {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in chart.figure.data}


def grid(backend, seconds):
    return [
        repetition
        for colors, count in published.TABLE_1_NUMPY
        for repetition in rows(case(backend, colors, count), *seconds(colors, count))
    ]


def product(colors, count):
    """Three repetitions around colors times iterations."""
    return (0.9 * colors * count, 1.0 * colors * count, 1.3 * colors * count)


PAPER = view(
    *grid("paper-numpy", product),
    *grid("paper-rdd", lambda colors, count: [4.0 * seconds for seconds in product(colors, count)]),
    row(
        case("paper-rdd", 10, 10),
        15.0,
        cold=True,
        start=6.0,
        phases={"transfer": 2.0, "seed": 0.5},
        iterations=(1.5, 1.0, 0.9, 1.1),
    ),
    *[row(case("spark-ml", colors, 20, tol=1e-4), 7.0 + colors) for colors in published.COLORS],
)


def test_backends_on_one_setting():
    chart = figures.backends_chart(PAPER, 10, 50)
    (bars,) = chart.figure.data
    assert list(zip(bars.y, bars.x, strict=True)) == [("Paper's RDD", 2000.0), ("Paper's NumPy", 500.0)]
    assert list(bars.text) == ["2,000 s", "500 s"]
    assert "repetitions 450 s · 500 s · 650 s" in bars.customdata[1]
    assert [line["seconds"] for line in chart.data] == [2000.0, 500.0]
    assert chart.figure.layout.xaxis.type == "log"


def test_phases_are_shares_of_the_whole():
    selection = view(
        row(
            case("numba"),
            cold=True,
            start=3.0,
            phases={"histogram": 0.5, "iterate": 0.5, "result": 0.0},
        ),
        *[
            row(case("numba"), number=number, phases={"histogram": 0.25, "iterate": seconds, "result": 0.0})
            for number, seconds in ((2, 0.5), (3, 0.75), (4, 9.0))
        ],
        *rows(case("numpy", 5), 1.0),
    )
    chart = figures.phases_chart(selection, 10, 10)
    drawn = lines(chart)
    cold, warm = "Numba, cold · 4.00 s", "Numba, warm · 1.00 s"
    assert drawn["Start-up"] == [(0.75, cold), (0.0, warm)]
    assert drawn["Count colors"] == [(0.125, cold), (0.25, warm)]
    assert drawn["Iterate"] == [(0.125, cold), (0.75, warm)]
    start = next(trace for trace in chart.figure.data if trace.name == "Start-up")
    assert start.customdata[0] == "Compile, or load what was compiled: 3.00 s"
    assert sum(line["seconds"] for line in chart.data) == pytest.approx(5.0)


def test_figure_5_splits_the_first_iteration_into_its_causes():
    chart = figures.time_per_iteration(PAPER, "paper-rdd", with_published=True)
    drawn = lines(chart)
    assert drawn.pop("Published") == list(enumerate(published.FIGURE_5_RDD, 1))
    assert drawn == {
        "Start Spark": [(1, 6.0)],
        "Send the colors": [(1, 2.0)],
        "Draw centers": [(1, 0.5)],
        "First time only": [(1, 0.5)],
        "The iteration itself": [(1, 1.0), (2, 1.0), (3, 0.9), (4, 1.1)],
    }
    # Nothing is lost or counted twice.
    assert sum(point["seconds"] for point in chart.data) == pytest.approx(6 + 2 + 0.5 + 1.5 + 1 + 0.9 + 1.1)
    assert "Published" not in lines(figures.time_per_iteration(PAPER, "paper-rdd"))


@pytest.mark.parametrize(
    ("number", "backend", "grid", "factor"),
    [(6, "paper-numpy", published.TABLE_1_NUMPY, 1.0), (7, "paper-rdd", published.TABLE_2_RDD, 4.0)],
)
def test_figures_6_and_7_draw_time_against_colors(number, backend, grid, factor):
    drawn = lines(figures.time_against_colors(PAPER, backend, number, grid, log=False))
    assert len(drawn) == 10
    for count in published.ITERATIONS:
        name = "1 iteration" if count == 1 else f"{count} iterations"
        assert drawn[name] == [(colors, factor * colors * count) for colors in published.COLORS]
        assert drawn[f"{name}, published"] == [(colors, grid[colors, count]) for colors in published.COLORS]


def test_figure_8_draws_the_ratio():
    chart = figures.time_ratio(PAPER, "paper-numpy", "paper-rdd", log=False, with_published=True)
    drawn = lines(chart)
    assert drawn["5 iterations"] == [(colors, 0.25) for colors in published.COLORS]
    assert drawn["50 iterations, published"][-1] == (10, pytest.approx(26.0757 / 295.9264))
    assert chart.data[0]["ratio"] == 0.25
    assert chart.data[0]["paper-numpy_seconds"] == 2.0
    assert chart.data[0]["paper-rdd_seconds"] == 8.0


def test_figure_9_draws_all_backends():
    drawn = lines(figures.all_backends(PAPER, 50, log=True, with_published=True))
    assert drawn["Paper's NumPy"] == [(colors, 50.0 * colors) for colors in published.COLORS]
    assert drawn["Spark ML"] == [(colors, 7.0 + colors) for colors in published.COLORS]
    assert drawn["RDD, published"] == [
        (colors, published.TABLE_2_RDD[colors, 50]) for colors in published.COLORS
    ]
    assert drawn["Spark ML, published"] == list(published.TABLE_3_SPARK_ML.items())
    assert "Numba" not in drawn


def test_log_scale_on_demand():
    for log, expected in ((True, "log"), (False, None)):
        chart = figures.all_backends(PAPER, 50, log=log, with_published=False)
        assert chart.figure.layout.yaxis.type == expected


def sized(backend, megapixels, seconds, **changes):
    of = case(backend, source=SOURCE if megapixels == 0.786432 else f"{SOURCE}@{megapixels:g}MP", **changes)
    return row(of, seconds, pixels=round(megapixels * 1e6))


def test_scaling_with_pixels():
    selection = view(
        sized("numpy", 12, 3.0),
        sized("numpy", 0.1, 1.0),
        sized("numpy", 0.786432, 2.0),
        sized("spark-rdd", 0.1, 5.0),
        sized("spark-rdd", 12, 6.0),
        sized("numba", 12, 1.0),
        sized("numpy", 3, 9.0, n_iter=50),
        row(case("spark-ml", source=f"{SOURCE}@12MP"), status=FAILED),
    )
    chart = scaling_figures.scaling_with_pixels(selection, 10, 10, log=True)
    # One point is no line, and other settings are other charts.
    assert lines(chart) == {
        "NumPy": [(0.1, 1.0), (0.786432, 2.0), (12.0, 3.0)],
        "Spark RDD": [(0.1, 5.0), (12.0, 6.0)],
    }
    assert len(chart.data) == 5


def test_scaling_with_colors_and_cores():
    selection = view(
        *[row(case("numba", colors, 10), colors / 10) for colors in (256, 2, 64)],
        row(case("numba", 64, 10, cores=1), 12.0),
        row(case("spark-rdd", 64, 10), 1.0),
    )
    drawn = lines(scaling_figures.scaling_with_colors(selection, 10, log=True))
    assert drawn == {"Numba": [(2, 0.2), (64, 6.4), (256, 25.6)]}
    cores = scaling_figures.scaling_with_cores(selection, 64, 10)
    assert lines(cores) == {"Numba": [(1, 1.0), (2, pytest.approx(12 / 6.4))], "Ideal": [(1, 1), (2, 2)]}
    assert [line["speed_up"] for line in cores.data] == [1.0, pytest.approx(12 / 6.4)]


def test_cost_model_chart_draws_every_residual():
    models = machine_models(PAPER)
    chart = scaling_figures.residuals_chart(models)
    drawn = lines(chart)
    assert set(drawn) == {"Paper's NumPy", "Paper's RDD", "Agreement"}
    assert len(drawn["Paper's NumPy"]) == 25
    for residual in models["paper-rdd"].residuals:
        assert (residual.measured, residual.predicted) in drawn["Paper's RDD"]
    assert len(chart.data) == 50


def test_projection_chart_draws_the_projection():
    models = machine_models(PAPER)
    found = projection(
        models, "paper-rdd", "paper-numpy", pixels=786_432, points=134_105, n_clusters=10, rounds=50
    )
    drawn = lines(scaling_figures.projection_chart([found]))
    assert drawn[f"{title_of('paper-rdd')}, model"] == list(zip(found.workers, found.seconds, strict=True))
    assert drawn["Paper's NumPy, one machine"] == [(1, found.rival_seconds), (128, found.rival_seconds)]


def test_history_draws_every_run():
    results = Results([*rows(case(), 5.0, 7.0, 6.0, run="a"), *rows(case(), 3.0, run="b")])
    chart = scaling_figures.history_chart(results.history[case()])
    dots = [list(trace.y) for trace in chart.figure.data]
    assert dots == [[5.0, 7.0, 6.0], [3.0], [6.0, 3.0]]
    assert [line["seconds"] for line in chart.data] == [6.0, 3.0]


def test_charts_without_rows_are_empty():
    nothing = view(row(status=FAILED))
    for chart in (
        figures.backends_chart(nothing, 10, 10),
        figures.phases_chart(nothing, 10, 10),
        figures.time_per_iteration(nothing, "paper-rdd"),
        figures.time_against_colors(nothing, "numpy", 6, None, log=False),
        figures.time_ratio(nothing, "numpy", "spark-rdd", log=False, with_published=False),
        figures.all_backends(nothing, 50, log=False, with_published=False),
        scaling_figures.scaling_with_pixels(nothing, 10, 10, log=False),
        scaling_figures.scaling_with_colors(nothing, 10, log=False),
        scaling_figures.scaling_with_cores(nothing, 64, 10),
        scaling_figures.residuals_chart({}),
        scaling_figures.history_chart(nothing.results.history[case()]),
    ):
        assert chart.is_empty, chart.name
