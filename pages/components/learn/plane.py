"""The plane with the walk on it, drawn in the browser."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from kmeans_core.types import FloatArray
from kmeans_core.walkthrough.datasets import MAX_OWN_POINTS, PlaneData
from kmeans_core.walkthrough.narration import NUMPY, PYSPARK, code_kind, narrate
from kmeans_core.walkthrough.walk import ASSIGN, START, Step
from kmeans_core.wording import number_text
from pages.components.shared.charts import CLUSTER_COLORS
from pages.components.shared.front_end import component

_plane = component(__file__)

Coordinates = list[list[float]]

# What is shown while there are no points.
_NOTHING: dict[str, Any] = {
    "kind": START,
    "centers": [],
    "labels": "",
    "counts": [],
    "inertia": None,
    "said": "No points yet.",
    "ahead": f"Set up to {MAX_OWN_POINTS} of them.",
    "spark": "",
    "facts": "",
    "code": ASSIGN,
    "colors": None,
}
_CODE = {kind: {"numpy": NUMPY[kind], "pyspark": PYSPARK[kind]} for kind in NUMPY}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def show_walk(
    data: PlaneData,
    steps: tuple[Step, ...],
    *,
    step: int,
    on_step: Callable[[int], None],
    on_placed: Callable[[Coordinates], None],
    key: str,
) -> None:
    """The walk with its buttons. step: where to begin.

    on_step: called with the step that is shown, after a moment. on_placed: called with all centers when one
    was moved by hand.
    """
    payload = _payload(data.points, steps, colors=data.colors) | {"step": step, "alt": _alt(data, steps)}
    _show(payload, key=key, on_step=on_step, on_placed=on_placed)


def show_drawing(
    data: PlaneData | None,
    steps: tuple[Step, ...],
    *,
    step: int,
    grid: int,
    on_step: Callable[[int], None],
    on_placed: Callable[[Coordinates], None],
    on_points: Callable[[Coordinates], None],
    key: str,
) -> None:
    """The same on a square of `grid` by `grid` where a click sets a point. on_points: called with all."""
    points = np.empty((0, 2)) if data is None else data.points
    payload = _payload(points, steps, bounds=[0, grid, 0, grid]) | {
        "step": step,
        "drawing": True,
        "most": MAX_OWN_POINTS,
        "hint": "" if len(points) else "Click here to set points, or use the arrow keys and Enter.",
        "alt": "A square to set points in: click, or move the cross with the arrow keys and press Enter.",
    }
    _show(payload, key=key, on_step=on_step, on_placed=on_placed, on_points=on_points)


def show_still(data: PlaneData, steps: tuple[Step, ...], *, key: str) -> None:
    """Where a walk ended, with the regions of the centers."""
    payload = _payload(data.points, steps[-1:], colors=data.colors)
    _show(payload | {"step": 0, "still": True, "alt": _alt(data, steps)}, key=key)


def _show(payload: dict[str, Any], *, key: str, **on_change: Callable[[Any], None]) -> None:
    """on_change: on_NAME → what to call with a NAME from the browser."""

    def report(name: str) -> None:
        value = getattr(st.session_state[key], name, None)
        if value is not None:
            on_change[f"on_{name}"](value)

    callbacks: dict[str, Any] = {
        f"{callback}_change": partial(report, callback.removeprefix("on_")) for callback in on_change
    }
    _plane(key=key, data={**payload, "key": _digest(payload)}, **callbacks)


def _payload(
    points: FloatArray, steps: tuple[Step, ...], *, bounds: list[float] | None = None, colors: Any = None
) -> dict[str, Any]:
    own = None if colors is None else [_hex(color) for color in colors]
    return {
        "points": np.round(points, 6).ravel().tolist(),
        "own": own,
        "bounds": bounds or _bounds(points, steps),
        "colors": CLUSTER_COLORS,
        "steps": [_step(step, points, colors) for step in steps] or [_NOTHING],
        "code": _CODE,
        "drawing": False,
        "still": False,
        "hint": "",
    }


def _step(step: Step, points: FloatArray, colors: Any) -> dict[str, Any]:
    narration = narrate(step)
    known = "" if step.inertia is None else f" · inertia {number_text(step.inertia)}"
    return {
        "kind": step.kind,
        "centers": np.round(step.centers, 6).tolist(),
        "labels": "".join("-" if label < 0 else _DIGITS[label] for label in step.labels),
        "counts": step.counts.tolist(),
        "inertia": None if step.inertia is None else float(f"{step.inertia:.6g}"),
        "said": narration.said,
        "ahead": narration.ahead,
        "spark": narration.spark,
        "facts": f"Iteration {step.iteration}{known}" if step.kind != START else "Start",
        "code": code_kind(step.kind),
        "colors": None if colors is None else _cluster_colors(step, points, colors),
    }


def _cluster_colors(step: Step, points: FloatArray, colors: Any) -> list[str]:
    """The mean color of each cluster; where it has no points, the color of the point nearest its center."""
    found = []
    for cluster, center in enumerate(step.centers):
        members = colors[step.labels == cluster]
        nearest = ((points - center) ** 2).sum(axis=1).argmin()
        found.append(_hex(members.mean(axis=0) if len(members) else colors[nearest]))
    return found


def _bounds(points: FloatArray, steps: tuple[Step, ...]) -> list[float]:
    """Left, right, bottom, top of all that is drawn."""
    everything = np.concatenate([points, *(step.centers for step in steps)])
    low, high = everything.min(axis=0), everything.max(axis=0)
    spread = np.where(high > low, 0.0, 1.0)  # a single place needs some room too
    low, high = low - spread, high + spread
    return [float(low[0]), float(high[0]), float(low[1]), float(high[1])]


def _alt(data: PlaneData, steps: tuple[Step, ...]) -> str:
    k = len(steps[0].centers)
    return (
        f"{len(data.points):,} points in the plane with {k} centers. Arrow keys step, Home and End go to the "
        "start and to the end, space plays."
    )


def _hex(color: Any) -> str:
    return "#" + "".join(f"{round(float(value)):02x}" for value in color)


def _digest(payload: dict[str, Any]) -> str:
    """The same for the same walk, at any step."""
    rest = {name: value for name, value in payload.items() if name != "step"}
    return hashlib.sha256(json.dumps(rest).encode()).hexdigest()[:16]
