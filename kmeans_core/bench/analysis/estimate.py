"""How long a plan takes, from what is known of its backends."""

from collections.abc import Iterable, Sequence

from kmeans_core.bench.analysis.model import CostModel, fit_cost_models
from kmeans_core.bench.described import described
from kmeans_core.bench.measuring.cases import BlobsSource, Case, Plan
from kmeans_core.bench.records.results import DONE, Repetition, Results

# A picture that nobody has counted yet: photographs have about a sixth as many colors as pixels, up to a
# million.
_COLORS_PER_PIXEL, _MAX_COLORS = 1 / 6, 1_000_000


class Estimator:
    """Predicts the seconds of the cases of a plan. Learns while they are measured.

    here: repetitions measured before on this machine. elsewhere: on others, for backends unknown here.
    """

    def __init__(
        self, plan: Plan, here: Iterable[Repetition], elsewhere: Iterable[Repetition], repeat: int
    ) -> None:
        self.plan, self.repeat = plan, repeat
        known, others = ([row for row in rows if row.status == DONE] for rows in (here, elsewhere))
        self.models: dict[str, CostModel] = _models(others) | _models(known)
        self.points = {row.case.source: row.points for row in (*others, *known)}
        # backend → seconds that the model said, and seconds that it took.
        self.seen: dict[str, tuple[float, float]] = {}

    def remaining(
        self, left: Sequence[Case], repetitions_done: int = 0, running: Case | None = None
    ) -> float | None:
        """Seconds for these cases, None if unknown.

        repetitions_done: how many the first of them has behind it. running: a case whose process runs, so
        that those which share it need no start.
        """
        total, started = 0.0, {running.process} if running is not None else set()
        for index, case in enumerate(left):
            once = self._once(case)
            if once is None:
                return None
            runs = self.repeat - (repetitions_done if index == 0 else 0)
            seconds = 0.0
            if case.process not in started:
                started.add(case.process)
                runs += 1
                seconds += self.models[case.backend].start
                total += described(case.backend).warm_up_seconds
            total += (seconds + once * max(runs, 0)) * self._slowness(case.backend)
        return total

    def learn(self, row: Repetition) -> None:
        once = self._once(row.case)
        self.points.setdefault(row.case.source, row.points)
        if row.seconds is not None and once:
            predicted, measured = self.seen.get(row.case.backend, (0.0, 0.0))
            self.seen[row.case.backend] = (predicted + once, measured + row.seconds)

    def _slowness(self, backend: str) -> float:
        """How much slower it proves to be than its model says, or all together if it has not run yet."""
        pairs = [self.seen[backend]] if backend in self.seen else list(self.seen.values())
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
    """From the rows of the most cores: the models tell nothing of cores."""
    most = max((row.case.cores for row in rows), default=0)
    return fit_cost_models(Results(row for row in rows if row.case.cores == most))


def _likely_colors(pixels: int) -> int:
    return int(min(pixels * _COLORS_PER_PIXEL, _MAX_COLORS))
