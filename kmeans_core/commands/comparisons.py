"""Presets of `benchmark`: other people's quantizers, what was aimed at, and color spaces as eyes see them."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmeans_core.commands.parsing import ProgressLine
from kmeans_core.errors import OptionError

if TYPE_CHECKING:
    from kmeans_core.bench.analysis.targets import Limits
    from kmeans_core.bench.output.peer_report import PeerComparison


def compare_with_peers(options: argparse.Namespace, grid: Sequence[str]) -> int:
    """Other people's quantizers beside ours, on all pictures or one. grid: options that a preset decides."""
    from kmeans_core.bench.measuring.peers import COLORS, as_rows, summarize
    from kmeans_core.bench.output.peer_report import as_text, shipped_pictures, write_peers

    _refuse(options, [*(name for name in grid if name != "colors"), "longest"])
    colors = options.colors or list(COLORS)
    if min(colors) < 2 or max(colors) > 256 or options.repeat < 1:
        raise OptionError("--preset peers takes --colors from 2 to 256 and --repeat of 1 or more.")
    pictures = [Path(options.image)] if options.image else shipped_pictures()
    comparison, path = _measured_peers(options, pictures, colors)
    if options.write is not None:
        write_peers(comparison, Path(options.write))
    if options.json:
        summary = [asdict(row) for row in summarize(comparison.results)]
        print(json.dumps({"results": as_rows(comparison.results), "summary": summary}))
    else:
        print(as_text(comparison))
        print(f"Stored in {path}", file=sys.stderr)
    return 0


def check_targets(options: argparse.Namespace, grid: Sequence[str]) -> int:
    """Measures what the project's targets are about, unless it is stored, and prints each with its ratio."""
    from kmeans_core.bench.analysis.targets import limit_rows, target_plan, target_rows
    from kmeans_core.bench.analysis.view import View
    from kmeans_core.bench.described import address_of
    from kmeans_core.bench.measuring.cases import PictureSource
    from kmeans_core.bench.measuring.machine import describe_environment, machine_id
    from kmeans_core.bench.measuring.peers import COLORS, check_packages
    from kmeans_core.bench.measuring.runner import run_plan
    from kmeans_core.bench.output.peer_report import shipped_pictures
    from kmeans_core.bench.output.target_text import as_json, as_markdown, write_targets
    from kmeans_core.bench.records.shipped import RACCOON
    from kmeans_core.bench.records.store import Store
    from kmeans_core.clustering.threads import usable_cores

    _refuse(options, [*grid, "image", "longest"])
    check_packages()
    store = Store(Path(options.store) if options.store else None)
    raccoon, environment = PictureSource.of(RACCOON), describe_environment()
    line = ProgressLine()
    try:
        run_plan(
            target_plan(raccoon),
            store,
            repeat=options.repeat,
            fresh=options.fresh,
            on_progress=lambda progress: line.show(_progress_text(progress)),
        )
    finally:
        line.close()
    limits = _measured_limits(options, store)
    comparison, _ = _measured_peers(options, shipped_pictures(), COLORS)
    view = View(store.results(machine_id(environment)), raccoon.key, usable_cores(), address_of("spark-rdd"))
    shipped = {path.name for path in shipped_pictures()}
    results = [row for row in comparison.results if row.picture in shipped]
    rows, bounds = target_rows(view, results, limits), limit_rows(view, limits)
    text = as_markdown(rows, bounds, environment)
    if options.write is not None:
        write_targets(text, Path(options.write))
    print(json.dumps(as_json(rows, bounds, environment)) if options.json else text)
    return 0


def compare_spaces(options: argparse.Namespace, grid: Sequence[str]) -> int:
    """How near 256 colors come as eyes see it, by color space and by libimagequant."""
    from kmeans_core.bench.measuring.peers import check_packages
    from kmeans_core.bench.measuring.perceived import as_markdown, means, measure_perceived, write_perceived
    from kmeans_core.bench.output.peer_report import shipped_pictures

    _refuse(options, [*(name for name in grid if name != "image"), "longest"])
    check_packages()
    pictures = [Path(options.image)] if options.image else shipped_pictures()
    line = ProgressLine()
    try:
        rows = measure_perceived(pictures, on_picture=line.show)
    finally:
        line.close()
    if options.write is not None:
        write_perceived(rows, Path(options.write))
    found = {"pictures": [asdict(row) for row in rows], "means": means(rows)}
    print(json.dumps(found) if options.json else as_markdown(rows))
    return 0


def _progress_text(progress: Any) -> str:
    from kmeans_core.bench.measuring.progress import progress_text

    return progress_text(progress)


def _refuse(options: argparse.Namespace, names: Sequence[str]) -> None:
    given = [name for name in names if getattr(options, name) is not None]
    if given:
        raise OptionError(f"--preset {options.preset} and --{given[0]} do not go together; leave one out.")


def _measured_peers(
    options: argparse.Namespace, pictures: Sequence[Path], colors: Sequence[int]
) -> "tuple[PeerComparison, Path]":
    """All results of this machine, the missing ones measured; and the file they are kept in."""
    from kmeans_core.bench.measuring.machine import describe_environment, machine_id
    from kmeans_core.bench.measuring.peers import PEERS, measure_peers
    from kmeans_core.bench.output.peer_report import PeerComparison, peers_path
    from kmeans_core.bench.records.store import Store

    path = peers_path(Store(Path(options.store) if options.store else None).path)
    comparison = PeerComparison(describe_environment(), ())
    if path.exists() and not options.fresh:
        before = PeerComparison.load(path)
        if machine_id(before.environment) == machine_id(comparison.environment):
            comparison = before
    known = {(row.picture, row.colors, row.peer) for row in comparison.results}
    line = ProgressLine()
    try:
        for row in measure_peers(pictures, colors, repeat=options.repeat, known=known):
            comparison = replace(comparison, results=(*comparison.results, row))
            comparison.save(path)  # so that nothing measured is lost
            line.show(f"{row.picture}, {row.colors} colors: {PEERS[row.peer].title}")
    finally:
        line.close()
    return comparison, path


def _measured_limits(options: argparse.Namespace, store: Any) -> "Limits":
    """Large pictures and what the machine can do, each in a process of its own; kept in a file too."""
    from kmeans_core.bench.analysis.targets import LARGE, LARGE_COLORS, LARGE_SETTINGS, Limits
    from kmeans_core.bench.measuring.machine import describe_environment
    from kmeans_core.bench.output.peer_report import shipped_pictures

    path = store.path.with_name("limits.json")
    environment = describe_environment()
    known = None if options.fresh else Limits.load(path, environment)
    if known is not None:
        return known
    large = tuple(
        _in_a_process(
            "kmeans_core.bench.measuring.large:measure_large",
            paths=shipped_pictures(),
            megapixels=megapixels,
            n_colors=LARGE_COLORS,
            settings=LARGE_SETTINGS,
            repeat=options.repeat,
        )
        for megapixels in LARGE
    )
    limits = Limits(environment, large, _in_a_process("kmeans_core.bench.measuring.ceiling:measure_ceiling"))
    limits.save(path)
    return limits


def _in_a_process(task: str, **arguments: Any) -> Any:
    """What a task returns that runs alone in a fresh process."""
    from kmeans_core.errors import BackendFailedError
    from kmeans_core.jobs.supervisor import JobState, Supervisor

    line, child = ProgressLine(), Supervisor()
    try:
        job = child.submit(task, **arguments)
        while not job.wait(0.2):
            line.show(str(job.progress or "starting"))
    finally:
        line.close()
        child.close()
    if job.state is not JobState.DONE:
        raise BackendFailedError(job.message)
    return job.result
