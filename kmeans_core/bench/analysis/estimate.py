"""How long a plan takes, from earlier measurements of its backends."""

from collections.abc import Iterable, Sequence

from kmeans_core.bench.analysis.model import CostModel, fit_cost_models
from kmeans_core.bench.described import described
from kmeans_core.bench.measuring.cases import BlobsSource, Case, Plan
from kmeans_core.bench.records.results import DONE, Repetition, Results

# A picture that nobody has counted yet: photographs have about a sixth as many colors as pixels, up to a
# million.
_COLORS_PER_PIXEL, _MAX_COLORS = 1 / 6, 1_000_000


class Estimator:
    """Predicts the seconds of a plan's cases, and improves while they are measured.

    Parameters
    ----------
    plan : Plan
    here : iterable of Repetition
        Measured before on this machine.
    elsewhere : iterable of Repetition
        On others, for backends unknown here.
    repeat : int
        Warm repetitions of each case.
    """

    def __init__(
        self, plan: Plan, here: Iterable[Repetition], elsewhere: Iterable[Repetition], repeat: int
    ) -> None:
        self.plan, self.repeat = plan, repeat
        known, others = ([row for row in rows if row.status == DONE] for rows in (here, elsewhere))
        self.models: dict[str, CostModel] = _models(others) | _models(known)
        self.points = {row.case.source: row.points for row in (*others, *known)}
        # backend → predicted and measured seconds
        self.predicted_and_measured: dict[str, tuple[float, float]] = {}

    def remaining(
        self, left: Sequence[Case], repetitions_done: int = 0, running: Case | None = None
    ) -> float | None:
        """Seconds for these cases, None if unknown.

        repetitions_done: of the first case. running: a case whose process runs, so that cases that share it
        need no start-up.
        """
        total, started = 0.0, {running.process} if running is not None else set()
        for index, case in enumerate(left):
            repetition_seconds = self._once(case)
            if repetition_seconds is None:
                return None
            repetitions = self.repeat - (repetitions_done if index == 0 else 0)
            seconds = 0.0
            if case.process not in started:
                started.add(case.process)
                repetitions += 1
                seconds += self.models[case.backend].start
                total += described(case.backend).warm_up_seconds
            total += (seconds + repetition_seconds * max(repetitions, 0)) * self._slowdown(case.backend)
        return total

    def update(self, row: Repetition) -> None:
        repetition_seconds = self._once(row.case)
        self.points.setdefault(row.case.source, row.points)
        if row.seconds is not None and repetition_seconds:
            predicted, measured = self.predicted_and_measured.get(row.case.backend, (0.0, 0.0))
            self.predicted_and_measured[row.case.backend] = (
                predicted + repetition_seconds,
                measured + row.seconds,
            )

    def _slowdown(self, backend: str) -> float:
        """How much slower it is than its model predicts; if it has not run yet, how much slower all are
        together.
        """
        pairs = (
            [self.predicted_and_measured[backend]]
            if backend in self.predicted_and_measured
            else list(self.predicted_and_measured.values())
        )
        predicted, measured = (sum(pair[index] for pair in pairs) for index in (0, 1))
        return measured / predicted if predicted else 1.0

    def _once(self, case: Case) -> float | None:
        """Seconds of one repetition."""
        model = self.models.get(case.backend)
        if model is None:
            return None
        source = self.plan.sources[case.source]
        points = self.points.get(case.source)
        if points is None:
            points = source.n_points if isinstance(source, BlobsSource) else _likely_colors(source.pixels)
        return model.predict(
            pixels=source.pixels, points=points, n_clusters=case.n_clusters, rounds=case.n_iter
        )


def _models(rows: list[Repetition]) -> dict[str, CostModel]:
    """From the rows with the most cores: the models do not cover cores."""
    max_cores = max((row.case.cores for row in rows), default=0)
    return fit_cost_models(Results(row for row in rows if row.case.cores == max_cores))


def _likely_colors(pixels: int) -> int:
    return int(min(pixels * _COLORS_PER_PIXEL, _MAX_COLORS))
