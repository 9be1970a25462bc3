"""The comparison of tables with scikit-learn, on small ones."""

import pytest

from kmeans_core.bench.measuring.table_peers import (
    TableComparison,
    TableTime,
    as_markdown,
    mean_ratio,
    measure_tables,
)
from tests.bench.rows import ENVIRONMENT
from tests.conftest import require


def test_measured_kept_and_shown(tmp_path):
    require("sklearn")
    said = []
    times = measure_tables(repeat=1, shapes=[(300, 3, 4)], on_work=said.append)
    assert [time.work for time in times] == said
    assert len(times) == 5
    assert all(time.ours > 0 and time.ratio > 0 for time in times)
    comparison = TableComparison(ENVIRONMENT, tuple(times))
    assert "300 × 3, 4 clusters, 32 bits, one normal cloud" in as_markdown(comparison)
    comparison.save(tmp_path / "new" / "tables.json")
    assert TableComparison.load(tmp_path / "new" / "tables.json") == comparison


def test_the_better_algorithm_counts():
    times = [
        TableTime("a", 1.0, {"lloyd": 8.0, "elkan": 9.0}, 2.0),
        TableTime("b", 1.0, {"lloyd": 3.0, "elkan": 2.0}, 2.0),
        TableTime("seeding", 1.0, {"one draw each": 100.0}, 2.0),
    ]
    assert [time.ratio for time in times] == [8.0, 2.0, 100.0]
    assert mean_ratio(times) == pytest.approx(4.0)
