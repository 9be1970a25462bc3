"""The benchmark sections of a document, written from the results."""

from pathlib import Path
from statistics import median

from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import in_order, rival_of, sentence_name
from kmeans_core.bench.measuring.machine import machine_title
from kmeans_core.bench.measuring.presets import TABLE_CLUSTERS, TABLE_COLUMNS, TABLE_ITERATIONS
from kmeans_core.bench.output.tables import PaperTable, paper_tables, rows_verdict, speed_up_table
from kmeans_core.bench.records import published
from kmeans_core.errors import OutputError
from kmeans_core.wording import seconds_text, significant

BEGIN, END = "<!-- benchmark: written by `make bench` -->", "<!-- /benchmark -->"


def section(view: View) -> str:
    """The paper's tables with ratios, all backends on its largest case, and on tables, as Markdown."""
    environment = view.results.environment
    wanted = min(cell.last.wanted for cell in view.cells)
    first, second, third = paper_tables(view, ours=False)
    return "\n\n".join(
        [
            f"Measured on {machine_title(environment)}, Python {environment['python']}; medians of "
            f"{wanted} warm repetitions, from pixels to labels. Each cell: seconds published → here (times "
            "faster).",
            f"**Table 1**, {sentence_name('paper-numpy')}\n\n{_paper_table(first)}",
            f"**Table 2**, {sentence_name('paper-rdd')}, `local[{view.cores}]`\n\n{_paper_table(second)}",
            f"**Table 3**, Spark ML with its default limit, `local[{view.cores}]`\n\n{_third_table(third)}",
            f"**All backends on its largest case**, 10 colors, 50 iterations\n\n{_largest_case(view)}",
            *_tables(view),
        ]
    )


def write_section(view: View, path: Path) -> None:
    """Writes the section into a file.

    Raises OutputError as `replace_marked` does, or if the view is of another picture than the paper's.
    """
    if not view.is_paper_picture:
        raise OutputError("The tables compare with the paper, which measured the raccoon; leave out --image.")
    replace_marked(path, BEGIN, END, section(view))


def replace_marked(path: Path, begin: str, end: str, new: str) -> None:
    """Replaces what stands between two marks in a file.

    Raises OutputError if they are not there once, or the file cannot be read or written.
    """
    try:
        text = path.read_text("utf-8")
        if text.count(begin) != 1 or text.count(end) != 1:
            raise OutputError(f"{path} lacks the lines {begin} and {end}; add them where the tables belong.")
        before, _, rest = text.partition(begin)
        path.write_text(f"{before}{begin}\n\n{new}\n\n{end}{rest.partition(end)[2]}", "utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be rewritten: {error.strerror or error}.") from error


def _tables(view: View) -> list[str]:
    rows = speed_up_table(view)
    if not rows:
        return []
    lines = [f"| {' | '.join(rows[0])} |", f"|{'---:|' * len(rows[0])}"]
    lines += [f"| {' | '.join(row.values())} |" for row in rows]
    return [
        f"**Tables**, {TABLE_COLUMNS} columns in {TABLE_CLUSTERS} clusters, {TABLE_ITERATIONS} iterations "
        "from the same initial centers; in brackets: speed-up over scikit-learn\n\n" + "\n".join(lines),
        rows_verdict(view),
    ]


def _paper_table(table: PaperTable) -> str:
    lines = [
        f"| colors | {' | '.join(f'{count} iterations' for count in table.columns)} |",
        f"|---:|{'---:|' * len(table.columns)}",
    ]
    for colors in published.COLORS:
        cells = [_entry(table, colors, column) for column in table.columns]
        lines.append(f"| {colors} | {' | '.join(cells)} |")
    return "\n".join(lines).replace("| 1 iterations |", "| 1 iteration |")


def _third_table(table: PaperTable) -> str:
    return "\n".join(
        [
            f"| {' | '.join(f'{colors} colors' for colors in published.COLORS)} |",
            f"|{'---:|' * len(published.COLORS)}",
            f"| {' | '.join(_entry(table, colors, table.columns[0]) for colors in published.COLORS)} |",
        ]
    )


def _entry(table: PaperTable, colors: int, column: str) -> str:
    entry = table.entries[colors, column]
    if entry.cell is None:
        return f"{significant(entry.published)} → –"
    if entry.measured is None or entry.ratio is None:
        return f"{significant(entry.published)} → {entry.cell.status}"
    return f"{significant(entry.published)} → {significant(entry.measured)} ({significant(entry.ratio)}×)"


def _largest_case(view: View) -> str:
    lines = [
        "| backend | seconds | repetitions | start-up, once | speed-up over the paper's | inertia |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for backend in in_order({cell.case.backend for cell in view.cells}):
        cell = view.cell(backend, 10, 50)
        if cell is None or cell.seconds is None:
            continue
        starts = [
            other.cold.start
            for other in view.cells
            if other.case.backend == backend and other.cold is not None
        ]
        rival = rival_of(backend)
        base = view.seconds(rival, 10, 50) if rival is not None else None
        against = "" if base is None else f"{significant(base / cell.seconds)}× `{rival}`"
        repetitions = " · ".join(significant(row.seconds or 0.0) for row in cell.warm)
        start = seconds_text(median(starts)) if starts and max(starts) >= 0.005 else ""
        time, inertia = significant(cell.seconds), f"{cell.sample.inertia:.10g}"
        lines.append(f"| `{backend}` | {time} | {repetitions} | {start} | {against} | {inertia} |")
    return "\n".join(lines)
