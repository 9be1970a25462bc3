"""The comparison with peers: as a file, a table and a chart."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from kmeans_core.bench.measuring.machine import Environment, is_same_code, machine_title
from kmeans_core.bench.measuring.peers import PEERS, REFERENCE, PeerResult, PeerSummary, as_rows, summarize
from kmeans_core.bench.output.chart_parts import Chart
from kmeans_core.bench.output.readme import replace_marked
from kmeans_core.bench.records.json_file import save_json
from kmeans_core.bench.records.shipped import FOLDER
from kmeans_core.errors import StoreError
from kmeans_core.locations import ASSETS
from kmeans_core.wording import seconds_text, significant

SHIPPED = FOLDER / "peers.json"
BEGIN, END = "<!-- peers: written by `make bench` -->", "<!-- /peers -->"
_OWN = ("quick", "fast", "balanced", "best")


@dataclass(frozen=True)
class PeerComparison:
    """environment: of the machine. results: one per picture, number of colors and peer."""

    environment: Environment
    results: tuple[PeerResult, ...]

    def kept_for(self, environment: Environment) -> "PeerComparison":
        """What need not be measured again in an environment of the same machine: all but what other kernels
        of ours took."""
        if is_same_code(self.environment):
            return self
        return PeerComparison(environment, tuple(row for row in self.results if PEERS[row.peer].package))

    @property
    def colors(self) -> list[int]:
        return sorted({row.colors for row in self.results})

    def save(self, path: Path) -> None:
        """Raises StoreError if the file cannot be written."""
        save_json(path, {"environment": dict(self.environment), "results": as_rows(self.results)})

    @classmethod
    def load(cls, path: Path) -> "PeerComparison":
        """Raises StoreError if there is none, or it is damaged."""
        try:
            data = json.loads(path.read_text("utf-8"))
            return cls(data["environment"], tuple(PeerResult(**row) for row in data["results"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{path} has no comparison with peers ({error}); measure it again.") from error


def peers_path(store: Path) -> Path:
    """Where the comparison of this machine is kept, beside the other results."""
    return store.with_name("peers.json")


def as_text(comparison: PeerComparison) -> str:
    """For a terminal: a table a number of colors."""
    blocks = [f"Peers on {machine_title(comparison.environment)}"]
    for n_colors, rows in _by_colors(comparison):
        lines = [f"{n_colors} colors, {rows[0].pictures} pictures"]
        lines += [
            f"  {PEERS[row.peer].title:<42}{seconds_text(row.seconds):>9}{significant(row.times):>9}×"
            f"{_percent(row.error):>9}{row.better:>4} of {row.pictures} better"
            for row in rows
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def as_markdown(comparison: PeerComparison) -> str:
    """A row for each peer, a column for each number of colors."""
    head = "| | " + " | ".join(f"{n_colors} colors" for n_colors in comparison.colors) + " |"
    cells = {(row.peer, row.colors): row for row in summarize(comparison.results)}
    lines = [head, f"|---|{'---:|' * len(comparison.colors)}"]
    for name, peer in PEERS.items():
        results = [cells.get((name, n_colors)) for n_colors in comparison.colors]
        if any(results):
            texts = [f"{_percent(row.error)}, {seconds_text(row.seconds)}" if row else "" for row in results]
            lines.append(f"| {peer.title} | {' | '.join(texts)} |")
    pictures = len({row.picture for row in comparison.results})
    return (
        f"{pictures} pictures on {machine_title(comparison.environment)}: mean error relative to "
        "scikit-learn on distinct colors, and seconds for all pictures together, from pixels to a palette "
        "and one index per pixel, without dithering.\n\n" + "\n".join(lines)
    )


def write_peers(comparison: PeerComparison, readme: Path) -> None:
    """Replaces what stands between the two marks in a file. Raises OutputError if they are not there."""
    replace_marked(readme, BEGIN, END, as_markdown(comparison))


def pareto_chart(comparison: PeerComparison, n_colors: int) -> Chart:
    """Time against error, both relative to the reference; those that none beats in both are joined."""
    rows = next((rows for colors, rows in _by_colors(comparison) if colors == n_colors), [])
    front = [row for row in rows if not any(_beats(other, row) for other in rows)]
    figure = go.Figure()
    figure.add_scatter(
        x=[row.times for row in sorted(front, key=lambda one: one.times)],
        y=[row.error for row in sorted(front, key=lambda one: one.times)],
        mode="lines",
        line={"dash": "dot", "color": "#888"},
        name="best trade-offs",
        hoverinfo="skip",
    )
    for title, own in (("K-means Studio", True), ("others", False)):
        chosen = [row for row in rows if (row.peer in _OWN) is own]
        figure.add_scatter(
            x=[row.times for row in chosen],
            y=[row.error for row in chosen],
            mode="markers+text",
            text=[PEERS[row.peer].short for row in chosen],
            textposition=["top center" if above else "bottom center" for above in _above(chosen)],
            textfont={"size": 11},
            marker={
                "size": 14 if own else 10,
                "symbol": "star" if own else "circle",
                "color": "#0072b2" if own else "#d55e00",
            },
            name=title,
            customdata=[(seconds_text(row.seconds), row.pictures, PEERS[row.peer].title) for row in chosen],
            hovertemplate="%{customdata[2]}<br>%{customdata[0]} for %{customdata[1]} pictures, "
            "%{x:.3~g} times the reference<br>error %{y:.3f} times the reference<extra></extra>",
        )
    figure.update_layout(
        xaxis={"type": "log", "title": f"Time relative to {PEERS[REFERENCE].title}"},
        yaxis={"type": "log", "title": "Mean error relative to it"},
        height=480,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "y": -0.2},
    )
    best = min(rows, key=lambda row: row.error) if rows else None
    alt = (
        f"Time against error of {len(rows)} quantizers with {n_colors} colors; "
        f"{PEERS[best.peer].title} has the smallest error"
        if best
        else "Nothing measured"
    )
    return Chart(f"peers-{n_colors}-colors", figure, alt, [_as_row(row) for row in rows])


def _above(rows: list[PeerSummary]) -> list[bool]:
    """Whether each label is above its point: alternating from left to right, so that fewer overlap."""
    by_time = sorted(range(len(rows)), key=lambda number: rows[number].times)
    turns = {number: turn % 2 == 0 for turn, number in enumerate(by_time)}
    return [turns[number] for number in range(len(rows))]


def _as_row(row: PeerSummary) -> dict[str, Any]:
    return {
        "quantizer": PEERS[row.peer].title,
        "colors": row.colors,
        "pictures": row.pictures,
        "seconds": row.seconds,
        "relative time": row.times,
        "relative error": row.error,
        "pictures with less error": row.better,
    }


def _by_colors(comparison: PeerComparison) -> list[tuple[int, list[PeerSummary]]]:
    """Each number of colors with its rows, the smallest error first."""
    rows = summarize(comparison.results)
    return [
        (n_colors, sorted((row for row in rows if row.colors == n_colors), key=lambda row: row.error))
        for n_colors in comparison.colors
    ]


def _beats(one: PeerSummary, other: PeerSummary) -> bool:
    no_worse = one.times <= other.times and one.error <= other.error
    return no_worse and (one.times < other.times or one.error < other.error)


def _percent(share: float) -> str:
    """0.974 → "−2.6 %", 1.2 → "+20 %"."""
    percent = 100 * (share - 1)
    digits = 1 if abs(percent) < 9.95 else 0
    return f"{percent:+,.{digits}f} %".replace("-", "−")


def shipped_pictures() -> list[Path]:
    """The raccoon and the samples that come with the project."""
    results = sorted(path for path in (ASSETS / "samples").iterdir() if path.suffix in (".png", ".jpg"))
    return [ASSETS / "raccoon.png", *results]
