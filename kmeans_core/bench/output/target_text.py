"""Targets and limits as Markdown, JSON, and a section of a document."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kmeans_core.bench.analysis.ceilings import CeilingRow
from kmeans_core.bench.analysis.targets import TargetRow
from kmeans_core.bench.measuring.machine import Environment, machine_title
from kmeans_core.bench.output.readme import replace_marked
from kmeans_core.wording import significant

BEGIN, END = "<!-- targets: written by `make bench` -->", "<!-- /targets -->"


def as_markdown(rows: Sequence[TargetRow], machine: Sequence[CeilingRow], environment: Environment) -> str:
    """Two tables."""
    lines = [
        f"Measured on {machine_title(environment)}; medians, start-up left out.",
        "",
        "| work | ours | against | theirs | ratio | target | |",
        "|---|---:|---|---:|---:|---:|---|",
    ]
    lines += [
        f"| {row.work} | {row.ours} | {row.against} | {row.theirs} | {_factor(row.ratio)} "
        f"| {_factor(row.least)} | {'reached' if row.is_met else 'not reached'} |"
        for row in rows
    ]
    lines += [
        "",
        "| work | measured | ceiling of this machine | share |",
        "|---|---:|---:|---:|",
        *(f"| {row.work} | {row.measured} | {row.limit} | {row.share:.0%} |" for row in machine),
    ]
    return "\n".join(lines)


def as_json(
    rows: Sequence[TargetRow], machine: Sequence[CeilingRow], environment: Environment
) -> dict[str, object]:
    return {
        "environment": dict(environment),
        "targets": [{**asdict(row), "met": row.is_met} for row in rows],
        "limits": [asdict(row) for row in machine],
    }


def write_targets(text: str, readme: Path) -> None:
    """Replaces what stands between the two marks in a file. Raises OutputError if they are not there."""
    replace_marked(readme, BEGIN, END, text)


def _factor(value: float) -> str:
    return f"{significant(value)}×"
