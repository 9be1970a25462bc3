"""How fast collections are read and written, by whom: as a file, a table and a sentence."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import plotly.graph_objects as go

from kmeans_core.bench.measuring.collecting import DECODING, LOOP, CollectionTime
from kmeans_core.bench.measuring.machine import Environment, is_same_code, machine_id, machine_title
from kmeans_core.bench.output.chart_parts import Chart, set_layout
from kmeans_core.bench.output.readme import replace_marked
from kmeans_core.bench.records.json_file import save_json
from kmeans_core.bench.records.shipped import FOLDER
from kmeans_core.collections.options import WORKERS
from kmeans_core.wording import bytes_text, count_text, number_text, seconds_text, significant

SHIPPED = FOLDER / "collections.json"
BEGIN, END = "<!-- collections: written by `make bench` -->", "<!-- /collections -->"
_TITLES = {**WORKERS, LOOP: "One picture after the other", DECODING: "Only decoding, in this process"}
_HERE = "threads"
# In the order they happen, with the colors of charts.
_STAGES = {
    "count": ("Read and count", "#0072b2"),
    "merge": ("Add up", "#56b4e9"),
    "fit": ("Fit", "#e69f00"),
    "write": ("Write", "#7d70d6"),
}


@dataclass(frozen=True)
class CollectionComparison:
    """environment: of the machine. times: one for each way."""

    environment: Environment
    times: tuple[CollectionTime, ...]

    def find(self, on: str, n_workers: int | None = None) -> CollectionTime | None:
        """One way; with the most workers by default."""
        found = [time for time in self.times if time.on == on and n_workers in (None, time.n_workers)]
        return max(found, key=lambda time: time.n_workers, default=None)

    def save(self, path: Path) -> None:
        """Raises StoreError if the file cannot be written."""
        save_json(
            path, {"environment": dict(self.environment), "times": [asdict(time) for time in self.times]}
        )

    @classmethod
    def load(cls, path: Path) -> "CollectionComparison | None":
        """None if there is none, or a damaged one."""
        try:
            data = json.loads(path.read_text("utf-8"))
            times = [{**row, "seconds": tuple(row["seconds"])} for row in data["times"]]
            return cls(data["environment"], tuple(CollectionTime(**row) for row in times))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def is_of(self, environment: Environment, n_pictures: int) -> bool:
        """Whether it was measured on this machine, with these kernels and so many pictures."""
        same = all(time.n_pictures == n_pictures for time in self.times)
        is_here = machine_id(self.environment) == machine_id(environment)
        return same and is_here and is_same_code(self.environment)


def as_markdown(comparison: CollectionComparison) -> str:
    """A table with a row for each way."""
    times = comparison.times
    first = times[0]
    here = comparison.find(_HERE)
    lines = [
        f"Measured on {machine_title(comparison.environment)}; {count_text(first.n_pictures, 'picture')}, "
        f"{first.megapixels:,.0f} megapixels, to one palette of 32 colors; medians of "
        f"{count_text(len(first.seconds), 'run')}, start-up left out.",
        "",
        "| who works | workers | count | add up | fit | write | in all | megapixels a second | against this "
        "process | memory of the driver |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for time in times:
        stages = [seconds_text(time.stage(name)) if time.stage(name) else "" for name in _STAGES]
        against = "" if here is None or time.on == DECODING else f"{significant(here.total / time.total)}×"
        cells = [
            _TITLES[time.on],
            str(time.n_workers if time.on != LOOP else 1),
            *stages,
            seconds_text(time.total),
            number_text(time.megapixels / time.total),
            against,
            bytes_text(time.driver_bytes),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", verdict(comparison)])


def stage_chart(comparison: CollectionComparison) -> Chart:
    """Where the time goes: a bar for each way, a part for each stage."""
    figure, rows = go.Figure(), []
    labels = {_key(time): f"{_title(time)} · {seconds_text(time.total)}" for time in comparison.times}
    for stage, (title, color) in _STAGES.items():
        seconds = [time.stage(stage) for time in comparison.times]
        figure.add_bar(
            x=seconds,
            y=list(labels.values()),
            orientation="h",
            name=title,
            marker_color=color,
            customdata=[seconds_text(value) for value in seconds],
            hovertemplate="%{y}<br>" + title + ": %{customdata}<extra></extra>",
        )
        rows += [
            {"on": time.on, "workers": time.n_workers, "stage": stage, "seconds": time.stage(stage)}
            for time in comparison.times
        ]
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    set_layout(figure, "Seconds", "", height=130 + 26 * len(labels))
    return Chart("collections", figure, "Stacked bars: seconds of each stage, by who worked", rows)


def _key(time: CollectionTime) -> tuple[str, int]:
    return time.on, time.n_workers


def _title(time: CollectionTime) -> str:
    if time.on in (LOOP, DECODING):
        return _TITLES[time.on]
    return f"{_TITLES[time.on]}, {count_text(time.n_workers, 'worker')}"


def collections_path(store: Path) -> Path:
    """Where the comparison of this machine is kept, beside the other results."""
    return store.with_name("collections.json")


def as_json(comparison: CollectionComparison) -> dict[str, object]:
    return {
        "environment": dict(comparison.environment),
        "times": [asdict(time) for time in comparison.times],
        "verdict": verdict(comparison),
    }


def write_collections(comparison: CollectionComparison, path: Path) -> None:
    """Replaces what stands between the two marks in a file. Raises OutputError if they are not there."""
    replace_marked(path, BEGIN, END, as_markdown(comparison))


def verdict(comparison: CollectionComparison) -> str:
    """When Spark pays off for many pictures, as what was measured lets one say."""
    here = comparison.find(_HERE)
    others = [found for on in ("spark", "dask") if (found := comparison.find(on)) is not None]
    if here is None or not others:
        return "Who is faster with many pictures cannot be told from these measurements."
    shares = " and ".join(f"{WORKERS[one.on]} has {here.total / one.total:.0%}" for one in others)
    divisible = 1 - here.stage("fit") / here.total
    what, workers = count_text(here.n_pictures, "picture"), count_text(here.n_workers, "worker")
    return (
        f"Of the work on {what}, {divisible:.0%} is reading, counting and writing, which any number of "
        f"workers can share. With {workers} on this machine, {shares} of the speed of this process with as "
        "many threads. So a cluster with more cores than one machine can pay off for many pictures, if its "
        "workers reach them as fast; for one picture it does not, for its palette is found in a blink."
    )
