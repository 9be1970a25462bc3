"""What the paper claims, each beside the evidence from this machine: holds, holds in part, or does not."""

from dataclasses import dataclass
from enum import StrEnum

from kmeans_core.bench.analysis.verdict import (
    machine_models,
    median_after_first,
    projection,
    projection_sentence,
)
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.records import published
from kmeans_core.wording import seconds_text


class Holds(StrEnum):
    YES = "holds"
    PARTLY = "holds in part"
    NO = "does not hold"
    UNKNOWN = "not measured yet"


@dataclass(frozen=True)
class Claim:
    """text: the claim. where: in the paper. holds: what the measurements say. evidence: the measurements."""

    text: str
    where: str
    holds: Holds
    evidence: str


def claims(view: View) -> list[Claim]:
    """Every claim, in the order of the paper's tables and figures. Only the paper's picture can test them."""
    return [
        Claim(text, where, *check(view))
        for text, where, check in (
            (
                "The picture has an eighth as many distinct colors as pixels, about 100,000.",
                "grouping of colors before the RDD algorithm",
                _distinct_colors,
            ),
            ("NumPy is faster than the RDD algorithm in every case.", "Tables 1 and 2", _numpy_wins),
            ("Time grows in proportion to the number of iterations.", "Tables 1 and 2", _proportional),
            ("Spark ML hardly slows down with more colors.", "Table 3", _ml_is_flat),
            ("Spark ML has no limit on its iterations.", "Table 3", _ml_limit),
            (
                "Spark ML is faster than the RDD algorithm from 5 iterations on.",
                "Tables 2 and 3",
                _ml_beats_rdd,
            ),
            ("The first RDD iteration takes several times a later one.", "Figure 5", _first_iteration),
            (
                "NumPy's time as a share of Spark's rises with colors and iterations.",
                "Figure 8",
                _ratio_rises,
            ),
            ("With enough workers, Spark overtakes NumPy.", "projection", _workers_win),
        )
    ]


Evidence = tuple[Holds, str]

_NOT_YET: Evidence = (Holds.UNKNOWN, "Run the preset “The paper's grid” to measure this.")


def _share_of(good: int, total: int) -> Holds:
    return Holds.YES if good == total else Holds.NO if good * 2 < total else Holds.PARTLY


def _distinct_colors(view: View) -> Evidence:
    row = next((cell.sample for cell in view.cells if cell.seconds is not None), None)
    if row is None:
        return _NOT_YET
    share = row.points / row.pixels
    close = abs(share / published.DISTINCT_SHARE - 1) < 0.1
    return (
        Holds.YES if close else Holds.NO,
        f"{row.points:,} distinct colors in {row.pixels:,} pixels: 1/{1 / share:.1f}.",
    )


def _times(view: View, backend: str) -> dict[tuple[int, int], float]:
    """(colors, iterations) of the paper's grid → measured seconds."""
    return {
        setting: seconds
        for setting in published.TABLE_1_NUMPY
        if (seconds := view.seconds(backend, *setting)) is not None
    }


def _numpy_wins(view: View) -> Evidence:
    numpy, rdd = _times(view, "paper-numpy"), _times(view, "paper-rdd")
    both = numpy.keys() & rdd.keys()
    if not both:
        return _NOT_YET
    wins = [setting for setting in both if numpy[setting] < rdd[setting]]
    slower = [rdd[setting] / numpy[setting] for setting in both]
    return (
        _share_of(len(wins), len(both)),
        f"NumPy is faster in {len(wins)} of {len(both)} cells; the RDD algorithm takes {min(slower):.3g} to "
        f"{max(slower):.3g} times as long.",
    )


def _proportional(view: View) -> Evidence:
    factors = []
    for backend in ("paper-numpy", "paper-rdd"):
        times = _times(view, backend)
        factors += [
            (backend, times[colors, 50] / times[colors, 10])
            for colors in published.COLORS
            if {(colors, 10), (colors, 50)} <= times.keys()
        ]
    if not factors:
        return _NOT_YET
    good = [factor for _, factor in factors if 4 <= factor <= 6]
    return (
        _share_of(len(good), len(factors)),
        f"50 iterations take {min(factor for _, factor in factors):.2g} to "
        f"{max(factor for _, factor in factors):.2g} times as long as 10; 5 would be proportional.",
    )


def _ml_is_flat(view: View) -> Evidence:
    times = {
        colors: cell.seconds
        for colors in published.COLORS
        if (cell := view.spark_ml_default(colors)) is not None and cell.seconds is not None
    }
    if len(times) < 2:
        return _NOT_YET
    low, high = min(times.values()), max(times.values())
    return (
        Holds.YES if high / low < 1.5 else Holds.NO,
        f"{seconds_text(low)} to {seconds_text(high)} for {min(times)} to {max(times)} colors, "
        f"a factor of {high / low:.2g}; the paper's is 1.2.",
    )


def _ml_limit(view: View) -> Evidence:
    iterations_run = {
        limit: cell.sample.rounds
        for limit in (1, 5, 10, 50)
        if (cell := view.cell("spark-ml", 10, limit)) is not None and cell.seconds is not None
    }
    default = [
        cell.sample.rounds
        for colors in published.COLORS
        if (cell := view.spark_ml_default(colors)) is not None and cell.seconds is not None
    ]
    if not iterations_run:
        return _NOT_YET
    keeps_limit = all(count <= limit for limit, count in iterations_run.items())
    pairs = ", ".join(f"{limit} → {count}" for limit, count in iterations_run.items())
    default_text = (
        f" Without a limit it stopped after at most {max(default)}; its default is 20." if default else ""
    )
    return (
        Holds.NO if keeps_limit else Holds.YES,
        f"Limit → iterations that were run: {pairs}.{default_text}",
    )


def _ml_beats_rdd(view: View) -> Evidence:
    rdd = {setting: time for setting, time in _times(view, "paper-rdd").items() if setting[1] >= 5}
    factors = [
        cell.seconds < time
        for (colors, _), time in rdd.items()
        if (cell := view.spark_ml_default(colors)) is not None and cell.seconds is not None
    ]
    if not factors:
        return _NOT_YET
    return _share_of(sum(factors), len(factors)), f"It is faster in {sum(factors)} of {len(factors)} cells."


def _first_iteration(view: View) -> Evidence:
    cell = view.cell("paper-rdd", 10, 10)
    if cell is None or cell.cold is None or len(cell.cold.iterations) < 2:
        return _NOT_YET
    cold = cell.cold
    later = median_after_first(cold.iterations)
    start_up = cold.start + cold.phases.get("transfer", 0.0) + cold.phases.get("seed", 0.0)
    first = start_up + cold.iterations[0]
    return (
        Holds.YES if first / later >= 2 else Holds.NO,
        f"{seconds_text(first)} against {seconds_text(later)}, {first / later:.2g} times; "
        f"{seconds_text(start_up)} of that is starting Spark, sending the colors and drawing centers.",
    )


def _ratio_rises(view: View) -> Evidence:
    numpy, rdd = _times(view, "paper-numpy"), _times(view, "paper-rdd")
    ratio = {setting: numpy[setting] / rdd[setting] for setting in numpy.keys() & rdd.keys()}
    colors = [
        ratio[10, count] > ratio[2, count]
        for count in published.ITERATIONS
        if {(2, count), (10, count)} <= ratio.keys()
    ]
    iterations = [
        ratio[count, 50] > ratio[count, 1]
        for count in published.COLORS
        if {(count, 1), (count, 50)} <= ratio.keys()
    ]
    if not colors or not iterations:
        return _NOT_YET
    rises = sum(colors) + sum(iterations)
    return (
        _share_of(rises, len(colors) + len(iterations)),
        f"It rises from 2 to 10 colors for {sum(colors)} of {len(colors)} numbers of iterations, and "
        f"from 1 to 50 iterations for {sum(iterations)} of {len(iterations)} numbers of colors; "
        f"here it ranges from {min(ratio.values()):.2g} to {max(ratio.values()):.2g}.",
    )


def _workers_win(view: View) -> Evidence:
    largest = view.cell("paper-rdd", 10, 50)
    if largest is None or largest.seconds is None:
        return _NOT_YET
    row = largest.sample
    factors = projection(
        machine_models(view),
        "paper-rdd",
        "paper-numpy",
        pixels=row.pixels,
        points=row.points,
        n_clusters=10,
        rounds=50,
        rival_seconds=view.seconds("paper-numpy", 10, 50),
    )
    if factors is None:
        return _NOT_YET
    # Within the model's own error it is not decided.
    sure = [seconds * (1 + factors.error) < factors.rival_seconds for seconds in factors.seconds]
    holds = Holds.YES if any(sure) else Holds.PARTLY if factors.overtakes_with is not None else Holds.NO
    return (
        holds,
        f"10 colors, 50 iterations. {projection_sentence(factors)} "
        f"The model's typical error is {factors.error:.0%}.",
    )
