"""Measurements as a JSON object or as a Markdown table."""

from dataclasses import asdict
from typing import Any

from kmeans_core.bench.measure import Measurement
from kmeans_core.images.picture import Picture

# Whose time the others are compared with.
_YARDSTICK = {"spark-rdd": "paper-rdd", "spark-ml": "paper-rdd"}

Machine = dict[str, str | int | float]


def as_json(
    measurements: list[Measurement], machine: Machine, image: str, n_colors: int, n_iter: int
) -> dict[str, Any]:
    """Everything measured, raw repetitions included."""
    rows = [{**asdict(row), "median": row.median} for row in measurements]
    return {
        "machine": machine,
        "image": image,
        "colors": n_colors,
        "iterations": n_iter,
        "measurements": rows,
    }


def as_table(
    measurements: list[Measurement], machine: Machine, picture: Picture, n_colors: int, n_iter: int
) -> str:
    """A Markdown table of medians, each beside the paper's algorithm of its kind."""
    medians = {row.backend: row.median for row in measurements}
    lines = [
        f"{picture.name}, {picture.width}×{picture.height}, {n_colors} colors, {n_iter} iterations; "
        f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}",
        "",
        "| backend | seconds (median) | runs | start-up, once | against the paper's | iterations | inertia |",
        "|---|---:|---|---:|---|---:|---:|",
    ]
    for row in measurements:
        if row.median is None:
            lines.append(f"| `{row.backend}` | {row.status} | {row.message} | | | | |")
            continue
        rival = _YARDSTICK.get(row.backend, "paper-numpy")
        base = medians.get(rival)
        ratio = f"{base / row.median:,.1f}× `{rival}`" if base and rival != row.backend else ""
        runs = " · ".join(f"{second:.3g}" for second in row.seconds)
        lines.append(
            f"| `{row.backend}` | {row.median:.3g} | {runs} | {row.start:.2f} | {ratio} "
            f"| {row.n_iter} | {row.inertia:.10g} |"
        )
    return "\n".join(lines)
