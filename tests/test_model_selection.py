"""How many clusters: the sweep falls, costs little, and finds what is there."""

import math

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_score

from kmeans_core import cluster
from kmeans_core.errors import OptionError
from kmeans_core.model_selection import SweepPoint, silhouette, suggest, sweep
from kmeans_core.options import FitOptions


@pytest.fixture(scope="module")
def groups():
    corners = [(0, 10), (9.5, 3), (6, -8), (-6, -8), (-9.5, 3)]
    return make_blobs(600, centers=corners, cluster_std=0.8, random_state=4)[0]


def test_inertia_never_rises_and_the_groups_are_found(groups):
    found = sweep(groups, range(1, 11), FitOptions(backend="numpy"))
    assert [point.k for point in found] == list(range(1, 11))
    inertias = [point.inertia for point in found]
    assert inertias == sorted(inertias, reverse=True)
    assert math.isnan(found[0].silhouette)
    suggestion = suggest(found, len(groups))
    assert (suggestion.elbow, suggestion.silhouette, suggestion.k) == (5, 5, 5)
    assert suggestion.sampled == 600


def test_as_good_as_fresh_starts_in_fewer_iterations(groups):
    warm = sweep(groups, range(2, 9), FitOptions(backend="numpy"))
    for point in warm:
        fresh = [cluster(groups, point.k, seed=seed, backend="numpy") for seed in range(5)]
        assert point.inertia <= 1.05 * min(fit.inertia for fit in fresh)
    assert sum(point.n_iter for point in warm) < 5 * sum(
        cluster(groups, k, backend="numpy").n_iter for k in range(2, 9)
    )


def test_results_are_reported_as_they_come(groups):
    reported = []
    found = sweep(groups, [4, 2, 4], FitOptions(backend="numpy"), on_point=reported.append)
    assert reported == found
    assert [point.k for point in found] == [2, 4]


def test_few_distinct_points():
    found = sweep(np.array([[0.0], [1.0], [1.0], [5.0]]), range(1, 9), FitOptions(backend="numpy"))
    assert [point.k for point in found] == [1, 2, 3]
    assert found[-1].inertia == 0


def test_silhouette_on_all_and_on_a_sample(groups, monkeypatch):
    labels = cluster(groups, 5, backend="numpy").labels
    expected = silhouette_score(groups, labels)
    assert silhouette(groups, labels) == pytest.approx(expected)
    monkeypatch.setattr("kmeans_core.model_selection.MAX_SILHOUETTE_POINTS", 300)
    assert silhouette(groups, labels) == pytest.approx(expected, abs=0.05)
    assert silhouette(groups, labels) != expected
    assert math.isnan(silhouette(groups, np.zeros(600, dtype=np.int32)))


def test_silhouettes_do_not_depend_on_where_zero_is(groups):
    labels = cluster(groups, 5, backend="numpy").labels
    assert silhouette(groups + 1.7e9, labels) == pytest.approx(silhouette(groups, labels), abs=1e-3)


def test_a_rounding_residue_is_no_point():
    found = sweep(np.array([[0.1]] * 3 + [[0.7]] * 3 + [[1.3]] * 3), range(1, 8), FitOptions(backend="numpy"))
    assert [point.k for point in found] == [1, 2, 3]


def test_a_straight_line_has_no_elbow():
    line = [SweepPoint(k, 100.0 - k, math.nan, 1, 0.0) for k in range(1, 8)]
    suggestion = suggest(line, 50)
    assert (suggestion.elbow, suggestion.silhouette, suggestion.k) == (None, None, None)
    assert suggest(line[:2], 50).elbow is None


@pytest.mark.parametrize("ks", [[], [0, 1], [-3]])
def test_bad_ranges(groups, ks):
    with pytest.raises(OptionError, match="give numbers of clusters, each 1 or more"):
        sweep(groups, ks)
