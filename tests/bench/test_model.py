"""Cost models find the costs they were made from, and the estimate adds them up."""

import pytest

from kmeans_core.bench.analysis.estimate import Estimator
from kmeans_core.bench.analysis.model import fit_cost_models
from kmeans_core.bench.measuring.cases import BlobsSource, Plan
from kmeans_core.bench.measuring.presets import grid
from kmeans_core.bench.records.results import FAILED, Results
from tests.bench.rows import PIXELS, POINTS, case, row, rows


def made_from(backend, overhead, per_pixel, per_round, per_distance, *, work="points"):
    """Rows whose times are exactly what the costs say."""
    made = []
    for pixels, points in ((PIXELS, POINTS), (4 * PIXELS, 2 * POINTS)):
        size = points if work == "points" else pixels
        for colors in (2, 10, 100):
            for iterations in (1, 10, 50):
                seconds = (
                    overhead + per_pixel * pixels + iterations * (per_round + per_distance * size * colors)
                )
                of = case(backend, colors, iterations, source=f"p#{pixels}")
                made.append(row(of, seconds, cold=True, start=6.0, pixels=pixels, points=points))
                made.append(row(of, seconds, number=2, pixels=pixels, points=points))
    return made


@pytest.mark.parametrize(("backend", "work"), [("spark-rdd", "points"), ("paper-numpy", "pixels")])
def test_the_costs_are_found(backend, work):
    costs = (0.3, 1e-8, 0.05, 2e-9)
    (model,) = fit_cost_models(Results(made_from(backend, *costs, work=work))).values()
    found = (model.overhead, model.per_pixel, model.per_iteration, model.per_distance)
    assert found == pytest.approx(costs, rel=1e-6)
    assert model.start == 6.0
    assert model.typical_error < 1e-9
    assert len(model.residuals) == 18


def test_prediction_shares_only_the_distances():
    (model,) = fit_cost_models(Results(made_from("spark-rdd", 1.0, 0.0, 0.1, 1e-6))).values()
    work = {"pixels": 10, "points": 1000, "n_clusters": 100, "rounds": 10}
    assert model.predict(**work) == pytest.approx(1 + 10 * (0.1 + 0.1))
    assert model.predict(**work, workers=10) == pytest.approx(1 + 10 * (0.1 + 0.01))
    assert model.predict(**work, workers=float("inf")) == pytest.approx(2.0)


def test_costs_are_never_negative_and_errors_are_reported():
    noisy = [*rows(case(n_iter=1), 5.0), *rows(case(n_iter=10), 1.0), *rows(case(n_iter=50), 2.0)]
    (model,) = fit_cost_models(Results(noisy)).values()
    assert min(model.overhead, model.per_pixel, model.per_iteration, model.per_distance) >= 0
    assert model.typical_error > 0.1
    by_iterations = {residual.cell.case.n_iter: residual for residual in model.residuals}
    assert by_iterations[1].error < 0  # the model says too little
    assert by_iterations[1].measured == 5.0


def test_what_failed_takes_no_part():
    assert fit_cost_models(Results([row(status=FAILED)])) == {}


def test_the_estimate_adds_cold_and_warm_runs_and_one_start():
    source = BlobsSource(1000)
    plan = Plan.of(grid([source], ["numpy"], [2], [1, 10]))
    known = made_from("numpy", 1.0, 0.0, 0.5, 0.0)
    estimator = Estimator(plan, known, [], repeat=3)
    # 6 s to start; 1.5 s per run with one iteration, 6 s with ten; the first case has one more, the cold run.
    assert estimator.remaining(plan.cases) == pytest.approx(6 + 4 * 1.5 + 3 * 6.0)
    # Its process runs, and two of three are there.
    assert estimator.remaining(plan.cases, 2, plan.cases[0]) == pytest.approx(1 * 1.5 + 3 * 6.0)
    # It learns that this machine is twice as slow.
    estimator.update(row(plan.cases[0], 3.0))
    assert estimator.remaining(plan.cases[1:]) == pytest.approx(2 * (6 + 4 * 6.0))


def test_no_estimate_without_knowledge():
    plan = Plan.of(grid([BlobsSource(1000)], ["numpy", "numba"], [2], [1]))
    assert Estimator(plan, made_from("numpy", 1, 0, 0, 0), [], 1).remaining(plan.cases) is None


def test_this_machine_is_believed_before_another_and_java_is_warmed_up():
    plan = Plan.of(grid([BlobsSource(1000)], ["spark-rdd"], [2], [1]))
    here, elsewhere = made_from("spark-rdd", 1.0, 0, 0, 0), made_from("spark-rdd", 50.0, 0, 0, 0)
    assert Estimator(plan, here, elsewhere, 1).remaining(plan.cases) == pytest.approx(6 + 10 + 2 * 1)
    assert Estimator(plan, [], elsewhere, 1).remaining(plan.cases) == pytest.approx(6 + 10 + 2 * 50)
