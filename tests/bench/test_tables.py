"""The paper's tables and the leaderboard, from rows."""

import json

import pytest

from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.output.readme import BEGIN, END, write_section
from kmeans_core.bench.output.report import as_json, as_markdown
from kmeans_core.bench.output.tables import leaderboard, paper_tables, rows_verdict, speed_up_table
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import FAILED, TIMEOUT, Results
from kmeans_core.errors import OutputError
from tests.bench.rows import ENVIRONMENT, SOURCE, case, row, rows
from tests.conftest import ASSETS


def view(*repetitions):
    return View.of(Results(repetitions), SOURCE)


def test_the_published_times_are_the_papers():
    """Against the table of times that came with the paper, copied into the tests."""
    paper = json.loads((ASSETS.parent / "tests" / "bench" / "paper_tables.json").read_text())
    for name, grid in (
        ("table_1_numpy", published.TABLE_1_NUMPY),
        ("table_2_pyspark_rdd", published.TABLE_2_RDD),
    ):
        expected = {
            (int(colors), count): seconds
            for colors, line in paper[name].items()
            for count, seconds in zip(paper["iterations"], line, strict=True)
        }
        assert dict(grid) == expected
    table_3 = {int(colors): seconds for colors, seconds in paper["table_3_pyspark_ml"].items()}
    assert dict(published.TABLE_3_SPARK_ML) == table_3
    assert list(published.FIGURE_5_RDD) == paper["figure_5_rdd_10_clusters_seconds_per_iteration"]


def test_measured_beside_published_with_the_ratio():
    selection = view(
        *rows(case("paper-numpy", 10, 50), 13.0),
        *rows(case("numpy", 10, 50), 0.26),
        row(case("paper-rdd", 2, 1), status=TIMEOUT),
        row(case("spark-ml", 5, 20, tol=1e-4), 2.0),
        # A limit of 20 iterations is not the same as no limit.
        row(case("spark-ml", 8, 20), 1.0),
    )
    one, two, three = paper_tables(selection, ours=False)
    entry = one.entries[10, "50"]
    assert (entry.published, entry.measured) == (26.0757, 13.0)
    assert entry.ratio == pytest.approx(26.0757 / 13)
    assert one.entries[2, "1"].cell is None
    failed = two.entries[2, "1"]
    assert (failed.measured, failed.ratio, failed.cell.status) == (None, None, TIMEOUT)
    assert three.entries[5, "default limit"].ratio == pytest.approx(19.4070 / 2)
    assert three.entries[8, "default limit"].cell is None
    assert (len(one.entries), len(two.entries), len(three.entries)) == (25, 25, 5)
    ours = paper_tables(selection, ours=True)[0]
    assert ours.entries[10, "50"].measured == 0.26


def test_leaderboard_ranks_and_keeps_failures():
    board = leaderboard(
        view(
            *rows(case("numpy", 2), 2.0),
            *rows(case("numba", 2), 1.0),
            *rows(case("numpy", 10), 9.0),
            *rows(case("numba", 10), 3.0),
            row(case("spark-ml", 10), status=FAILED),
        )
    )
    assert board.backends == ("numba", "numpy", "spark-ml")
    assert board.settings == ((2, 10), (10, 10))
    assert board.slowdown("numpy", (10, 10)) == 3.0
    assert board.slowdown("numba", (10, 10)) == 1.0
    assert board.slowdown("spark-ml", (10, 10)) is None
    assert board.cells["spark-ml", (10, 10)].status == FAILED


def test_leaderboard_does_not_rank_other_work():
    board = leaderboard(
        view(row(case("sklearn"), 0.1, rounds=4), *rows(case("numpy"), 2.0), *rows(case("numba"), 1.0))
    )
    assert board.differences == {("sklearn", (10, 10)): "4 of 10 iterations"}
    assert board.slowdown("sklearn", (10, 10)) is None
    assert board.slowdown("numpy", (10, 10)) == 2.0


def test_the_readme_section_is_written_between_its_marks(tmp_path):
    selection = view(
        *rows(case("paper-numpy", 10, 50), 13.0),
        *rows(case("numba", 10, 50), 0.026),
        *blobs("sklearn", 1000, 0.1),
        *blobs("dask", 1000, 0.4),
    )
    file = tmp_path / "README.md"
    file.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")
    write_section(selection, file)
    text = file.read_text()
    assert text.startswith(f"# Before\n\n{BEGIN}\n\nMeasured on Test CPU, 2 cores")
    assert text.endswith(f"{END}\n\nAfter\n")
    assert "old" not in text
    assert "26.1 → 13.0 (2.01×) |" in text
    assert "| 2 | 0.338 → – |" in text
    assert "| `numba` | 0.0260 | 0.0260 |  | 500× `paper-numpy` | 123.5 |" in text
    assert (
        "| Rows | scikit-learn | Dask |\n|---:|---:|---:|\n| 1,000 | 100 ms (1.00×) | 400 ms (0.250×) |"
        in text
    )
    assert "Dask does not overtake scikit-learn up to 1,000 rows, where it takes 4.00 times as long." in text
    write_section(selection, file)
    assert file.read_text() == text
    with pytest.raises(OutputError, match="lacks the lines"):
        write_section(selection, ASSETS.parent / "Makefile")


def test_report_as_markdown_and_json():
    results = Results(
        [
            row(case("paper-numpy"), 9.0, cold=True),
            *rows(case("paper-numpy"), 4.0, 6.0, 5.0),
            *rows(case("numpy"), 0.5),
            row(case("spark-ml"), status=FAILED),
        ]
    )
    cases = [cell.case for cell in results]
    text = as_markdown(cases, results, ENVIRONMENT)
    assert "Test CPU, 2 cores, 8 GB, Linux, Python 3.11.7" in text
    assert "| `paper-numpy` | 2 | 5 | 4 · 6 · 5 | 2.00 |  | 10 | 123.5 | 50 |" in text
    assert "| `numpy` | 2 | 0.5 | 0.5 |  | 10.0× `paper-numpy` |" in text
    assert "| `spark-ml` | 2 | failed | It did not work. |" in text
    report = json.loads(json.dumps(as_json(cases, results, ENVIRONMENT, [cases[1]])))
    first, second, third = report["measurements"]
    assert (first["median"], first["seconds"], first["cold"]["seconds"]) == (5.0, [4.0, 6.0, 5.0], 9.0)
    assert (first["cached"], second["cached"]) == (False, True)
    assert (third["status"], third["median"], third["message"]) == ("failed", None, "It did not work.")


def blobs(backend, n_rows, *times):
    source = f"blobs:{n_rows}x10c5s8"
    of = case(backend, 5, 20, source=source)
    return [row(of, seconds, points=n_rows, pixels=n_rows, wanted=len(times)) for seconds in times]


def test_the_comparison_on_tables():
    selection = View.of(
        Results(
            [
                *blobs("sklearn", 1000, 0.1, 0.2, 0.3),
                *blobs("sklearn", 50_000, 1.0),
                *blobs("dask", 1000, 0.4),
                *blobs("dask", 50_000, 0.5),
                *blobs("spark-rdd", 50_000, 4.0),
            ]
        ),
        SOURCE,
    )
    assert speed_up_table(selection) == [
        {"Rows": "1,000", "scikit-learn": "200 ms (1.00×)", "Spark RDD": "–", "Dask": "400 ms (0.500×)"},
        {
            "Rows": "50,000",
            "scikit-learn": "1.00 s (1.00×)",
            "Spark RDD": "4.00 s (0.250×)",
            "Dask": "500 ms (2.00×)",
        },
    ]
    assert rows_verdict(selection) == (
        "Spark RDD does not overtake scikit-learn up to 50,000 rows, where it takes 4.00 times as long. "
        "Dask overtakes scikit-learn from 50,000 rows on, and is 2.00 times as fast at 50,000 rows."
    )
    nothing = View.of(Results(rows(case(), 1.0)), SOURCE)
    assert speed_up_table(nothing) == []
    assert rows_verdict(nothing) == ""
