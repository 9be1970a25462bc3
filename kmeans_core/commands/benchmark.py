"""`benchmark`: times backends on the same work, and remembers what it measured."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from kmeans_core.backends import compared_backends
from kmeans_core.commands.comparisons import (
    check_targets,
    compare_collections,
    compare_spaces,
    compare_tables,
    compare_with_peers,
)
from kmeans_core.commands.parsing import (
    ProgressLine,
    number,
    numbers,
    split_list,
    whole_number,
    whole_numbers,
)
from kmeans_core.errors import OptionError

# Options that a preset decides.
GRID_OPTIONS = ("points", "megapixels", "backends", "colors", "iterations", "cores", "seed")


def add_command(commands: Any) -> None:
    command = commands.add_parser(
        "benchmark",
        help="time backends and the paper's algorithms on the same work",
        description="Measures what has not been measured yet on this machine, stores it, and prints it. "
        "After a stop, it continues where it was.",
    )
    command.set_defaults(run=_benchmark, kept="finished cells are kept", extra="benchmark")
    command.add_argument(
        "--preset",
        metavar="NAME",
        help="quick, paper, pixels, colors, cores, backends, tables, peers (other people's quantizers), "
        "tables-peers (tables, against scikit-learn), targets (speed and quality goals), spaces (perceived "
        "quality by color space), or collection (many pictures on this process, Spark and Dask)",
    )
    command.add_argument(
        "--pictures", type=whole_number, default=500, metavar="N", help="of a collection (default: 500)"
    )
    command.add_argument("--image", metavar="IN", help="the picture (default: the raccoon)")
    command.add_argument("--points", metavar="NxD", help="made-up points instead of a picture: 100000x10")
    command.add_argument(
        "--megapixels", type=numbers, metavar="LIST", help="sizes to resample the picture to: 0.1,12"
    )
    command.add_argument(
        "--backends", metavar="LIST", help=f"comma-separated (default: all: {','.join(_compared())})"
    )
    command.add_argument("--colors", type=whole_numbers, metavar="LIST", help="default: 10")
    command.add_argument("--iterations", type=whole_numbers, metavar="LIST", help="default: 50")
    command.add_argument("--cores", type=whole_numbers, metavar="LIST", help="default: all")
    command.add_argument("--repeat", type=whole_number, default=3, metavar="R", help="default: 3")
    command.add_argument("--seed", type=whole_number, metavar="S", help="default: 0")
    command.add_argument("--fresh", action="store_true", help="measure again even if there are results")
    command.add_argument(
        "--longest", type=number, metavar="SECONDS", help="longest repetition (default: 1800)"
    )
    command.add_argument("--store", metavar="FILE", help="where results are kept (default: in your home)")
    command.add_argument("--write", metavar="FILE", help="write the tables into a document with marks")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _benchmark(options: argparse.Namespace) -> int:
    from kmeans_core.bench.analysis.view import View
    from kmeans_core.bench.described import address_of
    from kmeans_core.bench.measuring.limits import Limits
    from kmeans_core.bench.measuring.machine import describe_environment, machine_id
    from kmeans_core.bench.measuring.progress import RunProgress, progress_text
    from kmeans_core.bench.measuring.runner import pending, run_plan
    from kmeans_core.bench.output.readme import write_section
    from kmeans_core.bench.output.report import as_json, as_markdown
    from kmeans_core.bench.records.results import FAILED
    from kmeans_core.bench.records.store import Store

    if options.preset == "peers":
        return compare_with_peers(options, GRID_OPTIONS)
    if options.preset == "targets":
        return check_targets(options, GRID_OPTIONS)
    if options.preset == "spaces":
        return compare_spaces(options, GRID_OPTIONS)
    if options.preset == "tables-peers":
        return compare_tables(options, GRID_OPTIONS)
    if options.preset == "collection":
        return compare_collections(options, GRID_OPTIONS)
    plan = _plan(options)
    limits = Limits.from_environment()
    if options.longest is not None:
        if not options.longest > 0:
            raise OptionError(f"--longest {options.longest:g} is not allowed; give seconds, more than 0.")
        limits = replace(limits, max_seconds=options.longest)
    limits.check(plan, options.repeat)
    store = Store(Path(options.store) if options.store else None)
    environment = describe_environment()
    machine = machine_id(environment)
    missing = (
        plan.cases if options.fresh else pending(plan, store, machine, options.repeat, limits.max_seconds)
    )
    if missing:
        line = ProgressLine()

        def report(progress: RunProgress) -> None:
            line.show(progress_text(progress))

        try:
            run_plan(
                plan, store, repeat=options.repeat, fresh=options.fresh, limits=limits, on_progress=report
            )
        finally:
            line.close()
    results = store.results(machine)
    if options.write is not None:
        write_section(View.of(results, plan.cases[0].source, address_of("spark-rdd")), Path(options.write))
    if options.json:
        cached = set(plan.cases) - set(missing)
        print(json.dumps(as_json(plan.cases, results, environment, cached)))
    else:
        print(as_markdown(plan.cases, results, environment))
        print(f"Stored in {store.path}", file=sys.stderr)
    cells = [results.get(case) for case in plan.cases]
    return 1 if any(cell is not None and cell.status == FAILED for cell in cells) else 0


def _plan(options: argparse.Namespace) -> Any:
    from kmeans_core.bench.measuring.cases import PictureSource, Plan, Source, parse_points
    from kmeans_core.bench.measuring.presets import grid, preset_plan
    from kmeans_core.bench.records.shipped import RACCOON

    if options.preset is not None:
        given = [name for name in GRID_OPTIONS if getattr(options, name) is not None]
        if given:
            raise OptionError(f"--preset and --{given[0]} do not go together; leave one out.")
        return preset_plan(options.preset, PictureSource.of(options.image or RACCOON))
    sources: list[Source] = []
    if options.points is not None:
        if options.image is not None or options.megapixels is not None:
            raise OptionError("--points and a picture do not go together; leave one out.")
        sources.append(parse_points(options.points))
    else:
        picture = PictureSource.of(options.image or RACCOON)
        sources += [picture.resampled(size) for size in options.megapixels or []] or [picture]
    return Plan.of(
        grid(
            sources,
            _backends(options.backends),
            options.colors or [10],
            options.iterations or [50],
            options.cores or (),
            options.seed or 0,
        )
    )


def _backends(given: str | None) -> list[str]:
    if given is None:
        return _compared()
    names, known = split_list(given), _compared()
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None or not names:
        said = f"names {unknown!r}" if names else f"{given!r} names none"
        raise OptionError(f"--backends {said}; use some of: {', '.join(known)}.")
    return names


def _compared() -> list[str]:
    return [backend.name for backend in compared_backends()]
