"""Presets of `benchmark`: peers, targets, color spaces, tables of peers, and collections."""

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
    from kmeans_core.bench.analysis.targets import MachineMeasurements
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
    comparison, path = _measure_peers(options, pictures, colors)
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
    """Measures what the targets need, unless it is stored, and prints each target with its ratio."""
    from kmeans_core.bench.analysis.ceilings import ceiling_rows
    from kmeans_core.bench.analysis.targets import target_plan, target_rows
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
    machine = _measure_machine(options, store)
    comparison, _ = _measure_peers(options, shipped_pictures(), COLORS)
    view = View(store.results(machine_id(environment)), raccoon.key, usable_cores(), address_of("spark-rdd"))
    shipped = {path.name for path in shipped_pictures()}
    results = [row for row in comparison.results if row.picture in shipped]
    rows, ceilings = target_rows(view, results, machine), ceiling_rows(view, machine)
    text = as_markdown(rows, ceilings, environment)
    if options.write is not None:
        write_targets(text, Path(options.write))
    print(json.dumps(as_json(rows, ceilings, environment)) if options.json else text)
    return 0


def compare_spaces(options: argparse.Namespace, grid: Sequence[str]) -> int:
    """The perceived difference with 256 colors, by color space and by libimagequant."""
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
    report = {"pictures": [asdict(row) for row in rows], "means": means(rows)}
    print(json.dumps(report) if options.json else as_markdown(rows))
    return 0


def compare_tables(options: argparse.Namespace, grid: Sequence[str]) -> int:
    """Tables of several shapes, by our default backend and by scikit-learn."""
    from kmeans_core.bench.measuring.machine import describe_environment
    from kmeans_core.bench.measuring.peers import check_packages
    from kmeans_core.bench.measuring.table_peers import (
        TableComparison,
        as_markdown,
        comparison_path,
        mean_ratio,
        measure_tables,
        write_tables,
    )
    from kmeans_core.bench.records.store import Store

    _refuse(options, [*grid, "image", "longest"])
    check_packages()
    path = comparison_path(Store(Path(options.store) if options.store else None).path)
    environment = describe_environment()
    line = ProgressLine()
    try:
        times = measure_tables(repeat=options.repeat, on_work=line.show)
    finally:
        line.close()
    comparison = TableComparison(environment, tuple(times))
    comparison.save(path)
    if options.write is not None:
        write_tables(comparison, Path(options.write))
    report = {**asdict(comparison), "mean_ratio": mean_ratio(times)}
    print(json.dumps(report) if options.json else as_markdown(comparison))
    return 0


def compare_collections(options: argparse.Namespace, grid: Sequence[str]) -> int:
    """Collections by this process, Spark and Dask, with one worker, and with one for each core."""
    from kmeans_core.backends import available_backends
    from kmeans_core.bench.measuring.collecting import DECODING, LOOP
    from kmeans_core.bench.measuring.machine import describe_environment
    from kmeans_core.bench.output.collection_report import (
        CollectionComparison,
        as_json,
        as_markdown,
        collections_path,
        write_collections,
    )
    from kmeans_core.bench.output.peer_report import shipped_pictures
    from kmeans_core.bench.records.store import Store
    from kmeans_core.clustering.threads import usable_cores

    _refuse(options, [*grid, "image", "longest"])
    store = Store(Path(options.store) if options.store else None)
    path, environment = collections_path(store.path), describe_environment()
    known = None if options.fresh else CollectionComparison.load(path)
    if known is None or not known.is_of(environment, options.pictures):
        known = CollectionComparison(environment, ())
    able = {row.name for row in available_backends() if row.available}
    engines = ["threads", *(["spark"] if "spark-rdd" in able else []), *(["dask"] if "dask" in able else [])]
    counts = sorted({1, usable_cores()})
    ways = [(DECODING, counts[-1]), (LOOP, counts[-1]), *((on, count) for on in engines for count in counts)]
    for on, n_workers in ways:
        if known.find(on, n_workers) is None:
            time = _run_in_process(
                "kmeans_core.bench.measuring.collecting:measure_collection",
                photographs=shipped_pictures(),
                folder=path.with_name("pictures"),
                n_pictures=options.pictures,
                on=on,
                n_workers=n_workers,
                repeat=options.repeat,
            )
            known = replace(known, times=(*known.times, time))
            known.save(path)  # so that nothing measured is lost
    if options.write is not None:
        write_collections(known, Path(options.write))
    print(json.dumps(as_json(known)) if options.json else as_markdown(known))
    return 0


def _progress_text(progress: Any) -> str:
    from kmeans_core.bench.measuring.progress import progress_text

    return progress_text(progress)


def _refuse(options: argparse.Namespace, names: Sequence[str]) -> None:
    given = [name for name in names if getattr(options, name) is not None]
    if given:
        raise OptionError(f"--preset {options.preset} and --{given[0]} do not go together; leave one out.")


def _measure_peers(
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
            comparison = before.kept_for(comparison.environment)
    known_results = {(row.picture, row.colors, row.peer) for row in comparison.results}
    line = ProgressLine()
    try:
        for row in measure_peers(pictures, colors, repeat=options.repeat, known=known_results):
            comparison = replace(comparison, results=(*comparison.results, row))
            comparison.save(path)  # so that nothing measured is lost
            line.show(f"{row.picture}, {row.colors} colors: {PEERS[row.peer].title}")
    finally:
        line.close()
    return comparison, path


def _measure_machine(options: argparse.Namespace, store: Any) -> "MachineMeasurements":
    """Large pictures and the ceilings of the machine, each in a process of its own; stored in a file too."""
    from kmeans_core.bench.analysis.targets import (
        CHANGES,
        DISTINCT,
        LARGE,
        LARGE_COLORS,
        LARGE_SETTINGS,
        MachineMeasurements,
    )
    from kmeans_core.bench.measuring.machine import describe_environment
    from kmeans_core.bench.output.peer_report import shipped_pictures
    from kmeans_core.bench.records.shipped import RACCOON

    path = store.path.with_name("limits.json")
    environment = describe_environment()
    known_results = None if options.fresh else MachineMeasurements.load(path, environment)
    if known_results is not None:
        return known_results
    large = tuple(
        _run_in_process(
            "kmeans_core.bench.measuring.large:measure_large",
            paths=shipped_pictures(),
            megapixels=megapixels,
            n_colors=LARGE_COLORS,
            settings=LARGE_SETTINGS,
            repeat=options.repeat,
        )
        for megapixels in LARGE
    )
    work = _run_in_process(
        "kmeans_core.bench.measuring.picture_work:measure_picture_work",
        path=RACCOON,
        **DISTINCT,
        colors=CHANGES,
        repeat=options.repeat,
    )
    ceiling = _run_in_process("kmeans_core.bench.measuring.ceiling:measure_ceiling")
    machine = MachineMeasurements(environment, large, ceiling, work)
    machine.save(path)
    return machine


def _run_in_process(task: str, **arguments: Any) -> Any:
    """Runs a task alone in a fresh process, and returns its result."""
    from kmeans_core.errors import BackendFailedError
    from kmeans_core.jobs.job import JobState
    from kmeans_core.jobs.supervisor import Supervisor

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
