"""When does Spark pay off? The answer in words, computed from what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kmeans_core.bench.analysis.model import CostModel, fit_cost_models
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import described, sentence_name, title_of
from kmeans_core.bench.records.results import Cell
from kmeans_core.wording import listed, megapixels_text, seconds_text, times_text


@dataclass(frozen=True)
class Fastest:
    """The fastest backend of those that did the same work on a setting, and the yardstick beside it."""

    cell: Cell
    yardstick: Cell | None

    @property
    def factor(self) -> float | None:
        """How many times faster than the paper's NumPy."""
        if self.yardstick is None or self.yardstick.seconds is None or self.cell.seconds is None:
            return None
        return self.yardstick.seconds / self.cell.seconds


def fastest(view: View, n_clusters: int, n_iter: int) -> Fastest | None:
    """None if nothing was measured for this setting."""
    done = [cell for cell in view.cells_at(n_clusters, n_iter) if cell.seconds is not None]
    cells = [cell for cell in done if not view.work_difference(cell)] or done
    if not cells:
        return None
    best = min(cells, key=lambda cell: cell.seconds or 0.0)
    return Fastest(best, view.cell("paper-numpy", n_clusters, n_iter))


@dataclass(frozen=True)
class Crossover:
    """Where Spark overtakes a backend as pictures grow.

    backend, rival: backends. sizes: megapixels at which both were measured. overtakes_from: the smallest
    of them from which on `backend` is faster, None if it is not at the largest. slowdown: how many times
    slower it is at the largest.
    """

    backend: str
    rival: str
    n_clusters: int
    n_iter: int
    sizes: tuple[float, ...]
    overtakes_from: float | None
    slowdown: float


def crossover(
    view: View, backend: str, rival: str, preferred: tuple[int, int] | None = None
) -> Crossover | None:
    """None unless both were measured on at least two sizes with the same colors and iterations; of several
    such settings the preferred one, or that with the most sizes, then the most work."""
    times: dict[tuple[int, int], dict[float, dict[str, float]]] = {}
    for cell in view.all_sizes:
        if cell.seconds is not None and cell.case.backend in (backend, rival):
            setting = (cell.case.n_clusters, cell.case.n_iter)
            size = cell.sample.pixels / 1e6
            times.setdefault(setting, {}).setdefault(size, {})[cell.case.backend] = cell.seconds
    best: Crossover | None = None
    # The preferred setting first: nothing replaces it.
    for (n_clusters, n_iter), sizes in sorted(
        times.items(), key=lambda item: (item[0] != preferred, item[0][0] * item[0][1])
    ):
        both = {size: pair for size, pair in sorted(sizes.items()) if len(pair) == 2}
        if len(both) < 2 or (best is not None and len(both) < len(best.sizes)):
            continue
        if best is not None and (best.n_clusters, best.n_iter) == preferred:
            continue
        first: float | None = None
        for size, pair in both.items():
            first = (first or size) if pair[backend] < pair[rival] else None
        largest = both[max(both)]
        best = Crossover(
            backend, rival, n_clusters, n_iter, tuple(both), first, largest[backend] / largest[rival]
        )
    return best


def verdict(view: View, n_clusters: int, n_iter: int) -> str:
    """Who is fastest on a setting, and when Spark overtakes NumPy.

    Parameters
    ----------
    view : View
    n_clusters, n_iter : int
        The setting.

    Returns
    -------
    str
        One or two sentences.
    """
    best = fastest(view, n_clusters, n_iter)
    if best is None or best.cell.seconds is None:
        return "Nothing has been measured for this setting yet."
    factor = best.factor
    beside = ""
    if factor is not None and best.cell.case.backend != "paper-numpy":
        beside = f", {times_text(factor)} as fast as the paper's NumPy"
    colors = "1 color" if n_clusters == 1 else f"{n_clusters} colors"
    name, time = sentence_name(best.cell.case.backend, first=True), seconds_text(best.cell.seconds)
    engines = _engine_sentence(view, (n_clusters, n_iter))
    return f"{name} is fastest for {colors}: {time}{beside}. {engines}".strip()


def _on_engines(view: View) -> list[str]:
    """Measured backends on engines that spread over machines, without yardsticks."""
    names = view.backends(view.all_sizes)
    return [name for name in names if described(name).engine and not described(name).yardstick]


def _engine_sentence(view: View, setting: tuple[int, int]) -> str:
    """When Spark, or another engine, overtakes NumPy; "" where nothing shows it."""
    found = [
        cross for name in _on_engines(view) if (cross := crossover(view, name, "numpy", setting)) is not None
    ]
    if not found:
        return ""
    ahead = [cross for cross in found if cross.overtakes_from is not None]
    if ahead:
        first = min(ahead, key=lambda cross: cross.overtakes_from or 0.0)
        size = megapixels_text(first.overtakes_from or 0.0)
        return f"{title_of(first.backend)} overtakes NumPy from {size} on ({_setting_text(first)})."
    closest = min(found, key=lambda cross: cross.slowdown)
    engines = list(dict.fromkeys(described(cross.backend).engine for cross in found))
    none = f"{engines[0]} does not" if len(engines) == 1 else f"None of {listed(engines)} does"
    return (
        f"{none} overtake NumPy up to {megapixels_text(max(closest.sizes))}: "
        f"{title_of(closest.backend)} takes {times_text(closest.slowdown)} as long there "
        f"({_setting_text(closest)})."
    )


def _setting_text(cross: Crossover) -> str:
    iterations = "1 iteration" if cross.n_iter == 1 else f"{cross.n_iter} iterations"
    return f"{cross.n_clusters} colors, {iterations}"


# The projection


def machine_models(view: View) -> dict[str, CostModel]:
    """The cost models of the machine's backends, from all sizes, colors and iterations of the picture."""
    return fit_cost_models(view.all_sizes)


def projection_summary(view: View, n_clusters: int, n_iter: int) -> str:
    """What the cost models predict for more workers, in a sentence; empty without models."""
    row = next((cell.sample for cell in view.cells if cell.seconds is not None), None)
    if row is None:
        return ""
    models = machine_models(view)
    crossovers = [
        one
        for name in _on_engines(view)
        if (
            one := projection(
                models,
                name,
                "numpy",
                pixels=row.pixels,
                points=row.points,
                n_clusters=n_clusters,
                rounds=n_iter,
                rival_seconds=view.seconds("numpy", n_clusters, n_iter),
            )
        )
        is not None
    ]
    if not crossovers:
        return ""
    size = megapixels_text(row.pixels / 1e6)
    return f"At {size}: {projection_sentence(min(crossovers, key=lambda one: one.floor))}"


@dataclass(frozen=True)
class Projection:
    """seconds: of the backend by number of workers, each with the cores of this machine. rival_seconds: of
    the rival on this machine alone. overtakes_with: the number of workers from which it is faster, None if
    never. floor: seconds with endless workers. error: the typical relative error of the model.
    """

    backend: str
    rival: str
    workers: tuple[int, ...]
    seconds: tuple[float, ...]
    rival_seconds: float
    overtakes_with: int | None
    floor: float
    error: float


WORKERS = (1, 2, 4, 8, 16, 32, 64, 128)


def projection(
    models: dict[str, CostModel],
    backend: str,
    rival: str,
    *,
    pixels: float,
    points: float,
    n_clusters: int,
    rounds: int,
    rival_seconds: float | None = None,
) -> Projection | None:
    """What the models predict for more workers: they share the distances, but not the fixed cost of an
    iteration. None if one of the two has no model. rival_seconds: what the rival was measured to take, if it
    was.
    """
    model, other = models.get(backend), models.get(rival)
    if model is None or other is None:
        return None

    def cost(of: CostModel, workers: float) -> float:
        return of.predict(pixels=pixels, points=points, n_clusters=n_clusters, rounds=rounds, workers=workers)

    seconds = tuple(cost(model, count) for count in WORKERS)
    if rival_seconds is None:
        rival_seconds = cost(other, 1)
    floor = cost(model, float("inf"))
    return Projection(
        backend,
        rival,
        WORKERS,
        seconds,
        rival_seconds,
        next((count for count, time in zip(WORKERS, seconds, strict=True) if time < rival_seconds), None),
        floor,
        model.typical_error,
    )


def projection_sentence(projected: Projection) -> str:
    spark, rival = sentence_name(projected.backend), sentence_name(projected.rival)
    if projected.overtakes_with == 1:
        return (
            f"{sentence_name(projected.backend, first=True)} is already faster than {rival} on this machine."
        )
    if projected.overtakes_with is not None:
        seconds = projected.seconds[projected.workers.index(projected.overtakes_with)]
        return (
            f"By its cost model, {spark} overtakes {rival} with about {projected.overtakes_with} workers "
            f"like this machine: {seconds_text(seconds)} against {seconds_text(projected.rival_seconds)}."
        )
    return (
        f"By its cost model, {spark} does not overtake {rival} with any number of workers: the "
        f"part that they cannot share takes {seconds_text(projected.floor)} alone, {rival} in all "
        f"{seconds_text(projected.rival_seconds)}."
    )


def median_after_first(iterations: Sequence[float]) -> float:
    """The median iteration after the first."""
    return median(iterations[1:]) if len(iterations) > 1 else 0.0
