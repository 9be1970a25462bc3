"""Results as a JSON object, or as Markdown tables for a terminal and for documents."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from kmeans_core.bench.described import address_of, rival_of
from kmeans_core.bench.measuring.cases import Case, source_title
from kmeans_core.bench.measuring.machine import Environment, machine_title
from kmeans_core.bench.records.results import DONE, Cell, Results


def as_json(
    cases: Iterable[Case], results: Results, environment: Environment, cached: Collection[Case]
) -> dict[str, Any]:
    """Everything measured, raw repetitions included. cached: cases that were there already."""
    cells = [results.get(case) for case in cases]
    return {
        "environment": dict(environment),
        "measurements": [
            _cell_json(cell, is_cached=cell.case in cached) for cell in cells if cell is not None
        ],
    }


def _cell_json(cell: Cell, *, is_cached: bool) -> dict[str, Any]:
    case, row, cold = cell.case, cell.sample, cell.cold
    done = cell.status == DONE
    return {
        "source": case.source,
        "backend": case.backend,
        "colors": case.n_clusters,
        "iterations": case.n_iter,
        "tol": case.tol,
        "cores": case.cores,
        "master": case.master,
        "seed": case.seed,
        "status": cell.status,
        "message": cell.message,
        "cached": is_cached,
        "median": cell.seconds,
        "seconds": [warm.seconds for warm in cell.warm],
        "phases": {name: cell.phase(name) for name in row.phases} if done else {},
        "iteration_seconds": [list(warm.iterations) for warm in cell.warm],
        "cold": None
        if cold is None
        else {
            "start": cold.start,
            "seconds": cold.seconds,
            "phases": dict(cold.phases),
            "iteration_seconds": list(cold.iterations),
        },
        "rounds": row.rounds,
        "inertia": row.inertia,
        "pixels": row.pixels,
        "points": row.points,
        "peak_memory": cell.peak_memory,
        "measured_at": cell.last.measured_at,
        "commit": row.environment.get("commit", ""),
    }


def as_markdown(cases: Iterable[Case], results: Results, environment: Environment) -> str:
    """A Markdown table of medians, each beside the paper's algorithm of its kind."""
    lines = [
        f"{machine_title(environment)}, Python {environment['python']}. Medians of warm repetitions, from "
        "pixels to labels; start-up happens once per process.",
        "",
        "| work | colors | iterations | backend | cores | seconds | repetitions | start-up "
        "| speed-up over the paper's | iterations run | inertia | peak MB |",
        "|---|---:|---:|---|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for case in cases:
        cell = results.get(case)
        if cell is None:
            continue
        work = f"| {source_title(case.source)} | {case.n_clusters} | {case.n_iter} | `{case.backend}` "
        if cell.seconds is None:
            lines.append(f"{work}| {case.cores} | {cell.status} | {cell.message} | | | | | |")
            continue
        repetitions = " · ".join(f"{row.seconds:.3g}" for row in cell.warm)
        start = f"{cell.cold.start:.2f}" if cell.cold is not None else ""
        against = _against(cell, results)
        lines.append(
            f"{work}| {case.cores} | {cell.seconds:.3g} | {repetitions} | {start} | {against} "
            f"| {cell.sample.rounds} | {cell.sample.inertia:.10g} | {(cell.peak_memory or 0) / 1e6:,.0f} |"
        )
    return "\n".join(lines)


def _against(cell: Cell, results: Results) -> str:
    rival = rival_of(cell.case.backend)
    if rival is None or cell.seconds is None:
        return ""
    base = results.get(rival_case(cell.case, rival))
    if base is None or base.seconds is None:
        return ""
    return f"{base.seconds / cell.seconds:,.1f}× `{rival}`"


def rival_case(case: Case, backend: str) -> Case:
    """The same work on another backend."""
    return replace(case, backend=backend, master=address_of(backend))
