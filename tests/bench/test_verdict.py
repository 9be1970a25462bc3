"""The verdict and the claims: each sentence follows from rows made to mean it."""

import pytest

from kmeans_core.bench.analysis.claims import Holds, claims
from kmeans_core.bench.analysis.verdict import (
    crossover,
    fastest,
    machine_models,
    projection,
    projection_sentence,
    verdict,
)
from kmeans_core.bench.analysis.view import View, pictures
from kmeans_core.bench.records import published
from kmeans_core.bench.records.results import FAILED, Results
from tests.bench.rows import SOURCE, case, row, rows


def view(*repetitions):
    return View.of(Results(repetitions), SOURCE)


def sizes(backend, times, *, n_iter=10):
    """One cell a size in megapixels."""
    return [
        row(
            case(backend, 10, n_iter, source=f"{SOURCE}@{size:g}MP"),
            seconds,
            pixels=int(size * 1e6),
            points=9,
        )
        for size, seconds in times.items()
    ]


def test_the_fastest_and_the_yardstick():
    selection = view(*rows(case("numba"), 0.04), *rows(case("numpy"), 0.3), *rows(case("paper-numpy"), 14.0))
    best = fastest(selection, 10, 10)
    assert best.cell.case.backend == "numba"
    assert best.factor == pytest.approx(350)
    assert (
        verdict(selection, 10, 10)
        == "Numba is fastest for 10 colors: 40 ms, 350 times as fast as the paper's NumPy."
    )
    assert fastest(selection, 10, 50) is None
    assert verdict(selection, 10, 50) == "Nothing has been measured for this setting yet."


def test_the_fastest_may_be_the_paper():
    assert verdict(view(*rows(case("paper-numpy", 1), 0.5)), 1, 10) == (
        "The paper's NumPy is fastest for 1 color: 500 ms."
    )


@pytest.mark.parametrize(
    ("spark", "numpy", "sure_from"),
    [
        ({1: 5, 2: 5, 4: 5}, {1: 1, 2: 2, 4: 4}, None),
        ({1: 5, 2: 5, 8: 5}, {1: 1, 2: 2, 8: 8}, 8),
        ({1: 1, 2: 1, 8: 1}, {1: 2, 2: 2, 8: 8}, 1),
        # Ahead by chance in the middle and behind at the end is no overtaking.
        ({1: 5, 2: 1, 4: 9}, {1: 1, 2: 2, 4: 4}, None),
        ({1: 5, 2: 1, 3: 9, 4: 1}, {1: 1, 2: 2, 3: 3, 4: 4}, 4),
    ],
)
def test_where_spark_overtakes(spark, numpy, sure_from):
    selection = view(*sizes("spark-rdd", spark), *sizes("numpy", numpy))
    found = crossover(selection, "spark-rdd", "numpy")
    assert found.overtakes_from == sure_from
    assert found.slowdown == pytest.approx(spark[max(spark)] / numpy[max(numpy)])


def test_the_setting_in_question_comes_first():
    selection = view(
        *sizes("spark-rdd", {1: 5, 2: 5, 3: 5}),
        *sizes("numpy", {1: 1, 2: 2, 3: 3}),
        *sizes("spark-rdd", {1: 1, 2: 1}, n_iter=50),
        *sizes("numpy", {1: 7, 2: 7}, n_iter=50),
    )
    assert crossover(selection, "spark-rdd", "numpy").n_iter == 10
    preferred = crossover(selection, "spark-rdd", "numpy", (10, 50))
    assert (preferred.n_iter, preferred.overtakes_from) == (50, 1)


def test_other_work_does_not_win():
    """Fewer iterations, or another result, is no faster way to the same."""
    early = row(case("sklearn", 2, 50), 0.01, rounds=16, inertia=100.0)
    worse = row(case("spark-ml", 2, 50), 0.02, inertia=109.0)
    honest = row(case("numba", 2, 50), 0.04, inertia=100.0)
    selection = view(early, worse, honest, row(case("numpy", 2, 50), 0.3, inertia=100.01))
    assert fastest(selection, 2, 50).cell.case.backend == "numba"
    found = {cell.case.backend: selection.work_difference(cell) for cell in selection.cells_at(2, 50)}
    assert found == {"numpy": "", "numba": "", "sklearn": "16 of 50 iterations", "spark-ml": "inertia +9.0%"}
    # If nobody did that work, the fastest of those that there are is named.
    assert fastest(view(early), 2, 50).cell.case.backend == "sklearn"


def test_overtaking_needs_sizes_that_both_have():
    assert crossover(view(*sizes("spark-rdd", {1: 5}), *sizes("numpy", {1: 1})), "spark-rdd", "numpy") is None
    apart = view(*sizes("spark-rdd", {1: 5, 2: 5}), *sizes("numpy", {4: 1, 8: 1}))
    assert crossover(apart, "spark-rdd", "numpy") is None


def test_the_sentence_about_spark():
    behind = view(
        *rows(case("numpy"), 1.0),
        *sizes("numpy", {1: 1, 48: 2}),
        *sizes("spark-rdd", {1: 5, 48: 7}),
        *sizes("spark-ml", {1: 9, 48: 6}),
    )
    assert (
        "Spark does not overtake NumPy up to 48 megapixels: "
        "Spark ML takes 3.00 times as long there (10 colors, 10 iterations)." in (verdict(behind, 10, 10))
    )
    ahead = view(
        *rows(case("numpy"), 1.0), *sizes("numpy", {1: 1, 12: 20}), *sizes("spark-rdd", {1: 5, 12: 7})
    )
    assert "Spark RDD overtakes NumPy from 12 megapixels on (10 colors, 10 iterations)." in verdict(
        ahead, 10, 10
    )


def cost(backend, overhead, per_round, per_distance):
    """Cells that cost exactly that, so that the model is known."""
    return [
        row(
            case(backend, colors, count, source=SOURCE),
            overhead + count * (per_round + per_distance * points * colors),
            points=points,
            pixels=points,
        )
        for points in (1000,)
        for colors in (2, 10, 50)
        for count in (1, 10, 50)
    ]


WORK = {"pixels": 1000, "points": 1000, "n_clusters": 10, "rounds": 50}


def test_projection_pays_from_some_workers():
    selection = view(*cost("numpy", 0, 0, 1e-5), *cost("spark-rdd", 0.5, 0.01, 2e-5))
    found = projection(machine_models(selection), "spark-rdd", "numpy", **WORK)
    assert found.rival_seconds == pytest.approx(5.0, rel=1e-3)
    assert dict(zip(found.workers, found.seconds, strict=True))[4] == pytest.approx(3.5, rel=1e-3)
    assert found.overtakes_with == 4
    assert found.floor == pytest.approx(1.0, rel=1e-3)
    assert projection_sentence(found) == (
        "By its cost model, Spark RDD overtakes NumPy with about 4 workers like this machine: 3.50 s "
        "against 5.00 s."
    )


def test_projection_never_pays():
    selection = view(*cost("paper-numpy", 0, 0, 1e-5), *cost("paper-rdd", 1, 0.2, 1e-6))
    found = projection(machine_models(selection), "paper-rdd", "paper-numpy", **WORK)
    assert found.overtakes_with is None
    assert projection_sentence(found) == (
        "By its cost model, the paper's RDD does not overtake the paper's NumPy with any number of workers: "
        "the part that they cannot share takes 11.0 s alone, the paper's NumPy in all 5.00 s."
    )


def test_projection_pays_already_or_is_unknown():
    selection = view(*cost("numpy", 9, 0, 1e-5), *cost("spark-rdd", 0, 0, 1e-5))
    models = machine_models(selection)
    assert projection_sentence(projection(models, "spark-rdd", "numpy", **WORK)) == (
        "Spark RDD is already faster than NumPy on this machine."
    )
    assert projection(models, "spark-ml", "numpy", **WORK) is None


# Claims


def paper_grid(numpy, rdd, ml=None):
    """Every cell of the paper's grid; each argument gives seconds from colors and iterations."""
    made = []
    for colors, count in published.TABLE_1_NUMPY:
        made += rows(case("paper-numpy", colors, count), numpy(colors, count))
        made += rows(case("paper-rdd", colors, count), rdd(colors, count))
    for colors in published.COLORS:
        if ml is not None:
            made += [row(case("spark-ml", colors, 20, tol=1e-4), ml(colors), rounds=17)]
    return made


def holds(selection):
    return {claim.text.split(".")[0].split(",")[0]: claim for claim in claims(selection)}


def as_published(colors, count):
    return published.TABLE_1_NUMPY[colors, count]


def test_the_papers_own_times_support_its_claims():
    found = holds(
        view(
            *paper_grid(
                as_published,
                lambda colors, count: published.TABLE_2_RDD[colors, count],
                lambda colors: published.TABLE_3_SPARK_ML[colors],
            )
        )
    )
    assert found["NumPy is faster than the RDD algorithm in every case"].holds is Holds.YES
    assert found["Spark ML hardly slows down with more colors"].holds is Holds.YES
    assert found["Spark ML is faster than the RDD algorithm from 5 iterations on"].holds is Holds.YES
    assert found["NumPy's time as a share of Spark's rises with colors and iterations"].holds is Holds.YES


def test_claims_that_do_not_hold():
    found = holds(
        view(
            *paper_grid(
                lambda colors, count: 100.0 / count,
                lambda colors, count: 1.0 * count * colors,
                lambda colors: 1000.0 * colors,
            ),
            row(case("spark-ml", 10, 1), rounds=1),
            row(case("spark-ml", 10, 5), rounds=5),
        )
    )
    numpy = found["NumPy is faster than the RDD algorithm in every case"]
    assert numpy.holds is Holds.PARTLY
    assert "NumPy is faster in 18 of 25 cells" in numpy.evidence
    assert found["The picture has an eighth as many distinct colors as pixels"].holds is Holds.NO
    assert "1/5.9" in found["The picture has an eighth as many distinct colors as pixels"].evidence
    assert found["Time grows in proportion to the number of iterations"].holds is Holds.PARTLY
    assert found["Spark ML hardly slows down with more colors"].holds is Holds.NO
    limit = found["Spark ML has no limit on its iterations"]
    assert limit.holds is Holds.NO
    assert "1 → 1, 5 → 5." in limit.evidence
    assert found["Spark ML is faster than the RDD algorithm from 5 iterations on"].holds is Holds.NO
    assert found["NumPy's time as a share of Spark's rises with colors and iterations"].holds is Holds.NO


def test_the_claim_that_spark_ml_has_no_limit_can_hold():
    found = holds(view(row(case("spark-ml", 10, 5), rounds=30)))
    assert found["Spark ML has no limit on its iterations"].holds is Holds.YES


@pytest.mark.parametrize(("first", "expected"), [(0.5, Holds.YES), (0.0, Holds.NO)])
def test_the_first_iteration(first, expected):
    cold = row(
        case("paper-rdd", 10, 10),
        cold=True,
        start=4 * first,
        phases={"transfer": first, "seed": first},
        iterations=(1.0 + first, 1.0, 1.0, 1.0),
    )
    claim = holds(view(cold, row(case("paper-rdd", 10, 10), number=2)))[
        "The first RDD iteration takes several times a later one"
    ]
    assert claim.holds is expected
    assert "against 1.00 s" in claim.evidence


def test_nothing_measured_is_said_of_every_claim():
    selection = view(row(case("numpy"), status=FAILED))
    assert {claim.holds for claim in claims(selection)} == {Holds.UNKNOWN}
    assert all("preset" in claim.evidence for claim in claims(selection))


def test_pictures_are_listed_once_by_how_much_is_known():
    results = Results(
        [
            *rows(case(source="b#1"), 1.0),
            *rows(case(), 1.0),
            *rows(case("numba"), 1.0),
            *sizes("numpy", {3: 1}),
        ]
    )
    assert pictures(results) == [SOURCE, "b#1"]


def test_a_view_does_not_mix_cores_sizes_and_stop_rules():
    selection = view(
        *rows(case(), 1.0), *rows(case(cores=1), 2.0), *rows(case(tol=1e-4), 3.0), *sizes("numpy", {3: 4})
    )
    assert [cell.seconds for cell in selection.cells] == [1.0]
    assert [cell.seconds for cell in selection.all_sizes] == [1.0, 4.0]
    assert [cell.seconds for cell in selection.all_cores] == [2.0, 1.0]
    assert selection.settings == [(10, 10)]
