"""The tables of the Benchmark page: the paper's three, its claims, leaderboard, history and raw data."""

import math
from functools import partial

import pandas as pd
import streamlit as st

from kmeans_core.bench.analysis.claims import Holds, claims
from kmeans_core.bench.described import title_of
from kmeans_core.bench.output import scaling_charts as scaling_figures
from kmeans_core.bench.output.chart_parts import iterations_text
from kmeans_core.bench.output.tables import Leaderboard, PaperTable, leaderboard, paper_tables
from kmeans_core.bench.records import published
from kmeans_core.bench.records.exchange import RESULT_FORMATS, export_rows
from kmeans_core.bench.records.results import DONE, Cell
from kmeans_core.wording import seconds_text, significant
from pages.components.benchmark.charts import ALGORITHMS, NOT_PAPER_PICTURE, choose_algorithms, show_chart
from pages.components.benchmark.results import Selection
from pages.components.shared.texts import as_text

_MIME = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


# The paper's tables


def tables_tab(selection: Selection) -> None:
    if not selection.view.is_paper_picture:
        st.info(NOT_PAPER_PICTURE, icon=":material/image:")
        return
    ours = choose_algorithms("tables_with") == ALGORITHMS[1]
    st.caption(
        f"Published: {published.SOURCE}, on {published.MACHINE}. Here: medians, seconds. Ratio: how many "
        "times faster it was here."
    )
    for table in paper_tables(selection.view, ours=ours):
        st.markdown(f"**Table {table.number}: {table.title}**, here with {title_of(table.backend)}")
        st.dataframe(_paper_frame(table), key=f"table_{table.number}", alt=_table_alt(table))


def _paper_frame(table: PaperTable) -> pd.DataFrame:
    """Rows are numbers of colors; under each number of iterations published, here, and the ratio."""
    colors = sorted({row for row, _ in table.entries})
    columns: dict[tuple[str, str], list[str]] = {}
    for column in table.columns:
        heading = iterations_text(int(column)) if column.isdecimal() else column
        entries = [table.entries[row, column] for row in colors]
        columns[heading, "paper"] = [significant(entry.published) for entry in entries]
        columns[heading, "here"] = [_cell_text(entry.cell) for entry in entries]
        columns[heading, "ratio"] = [
            "" if entry.ratio is None else f"{significant(entry.ratio)}×" for entry in entries
        ]
    return pd.DataFrame(columns, index=pd.Index(colors, name="Colors"))


def _table_alt(table: PaperTable) -> str:
    return f"Table {table.number} of the paper: published seconds, seconds measured here, and their ratio"


def _cell_text(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    return cell.status if cell.seconds is None else significant(cell.seconds)


# Claims


_ICONS = {
    Holds.YES: ":material/check_circle:",
    Holds.PARTLY: ":material/contrast:",
    Holds.NO: ":material/cancel:",
    Holds.UNKNOWN: ":material/pending:",
}


def claims_tab(selection: Selection) -> None:
    if not selection.view.is_paper_picture:
        st.info(NOT_PAPER_PICTURE, icon=":material/image:")
        return
    st.caption(f"What the paper says, and what was measured here. {published.SOURCE}.")
    for claim in claims(selection.view):
        with st.container(border=True):
            st.markdown(f"{_ICONS[claim.holds]} **{claim.text}** ({claim.where}): *{claim.holds}*")
            st.markdown(claim.evidence)


# The leaderboard


def leaderboard_tab(selection: Selection) -> None:
    board = leaderboard(selection.view)
    texts, shades = {}, {}
    for colors, iterations in board.settings:
        column = (f"{colors} colors", f"{iterations} it.")
        texts[column] = [_board_text(board, name, (colors, iterations)) for name in board.backends]
        shades[column] = [_shade(board.slowdown(name, (colors, iterations))) for name in board.backends]
    index = pd.Index([title_of(name) for name in board.backends], name="Backend")
    frame = pd.DataFrame(texts, index=index)
    styles = pd.DataFrame(shades, index=index)
    st.dataframe(
        frame.style.apply(lambda _: styles, axis=None),
        key="leaderboard",
        alt="Median times of each backend on each setting, the darker the slower",
    )
    st.caption(
        "Medians of warm repetitions. The stronger the color, the slower compared with the fastest in its "
        "column. Failures are named; “–” was not measured. * did different work and is not ranked: it "
        "stopped before the last iteration, or its result has another inertia; the bars above say which."
    )
    failures = [cell for cell in board.cells.values() if cell.status != DONE]
    for cell in failures:
        st.caption(as_text(f"{cell.case.title}: {cell.status}. {cell.message}"))


def _board_text(board: Leaderboard, name: str, setting: tuple[int, int]) -> str:
    cell = board.cells.get((name, setting))
    if cell is None:
        return "–"
    if cell.seconds is None:
        return cell.status
    return seconds_text(cell.seconds) + (" *" if (name, setting) in board.differences else "")


def _shade(slowness: float | None) -> str:
    """Orange over the theme's background: none for the fastest, full from a thousand times slower on."""
    if slowness is None:
        return ""
    return f"background-color: rgba(213, 94, 0, {min(math.log10(slowness) / 3, 1) * 0.5:.2f})"


# History


def history_tab(selection: Selection) -> None:
    view = selection.view
    cells = {
        cell.case: view.results.history[cell.case]
        for cell in view.cells_at(selection.n_clusters, selection.n_iter)
    }
    rows = [
        {
            "Backend": title_of(case.backend),
            "Measured": pd.Timestamp(cell.last.measured_at),
            "Commit": str(cell.sample.environment.get("commit", "")),
            "Seconds": cell.seconds,
            "Repetitions": len(cell.warm),
            "Change": None if index == 0 else _change(runs[index - 1], cell),
            "Inertia": cell.sample.inertia,
            "Status": cell.status,
        }
        for case, runs in cells.items()
        for index, cell in enumerate(runs)
    ]
    st.caption(
        f"Every run with {selection.n_clusters} colors and {iterations_text(selection.n_iter)} on this "
        "machine."
    )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="history",
        column_config={
            "Seconds": st.column_config.NumberColumn(format="%.4g"),
            "Change": st.column_config.NumberColumn(
                format="percent", help="Change of the median since the run before."
            ),
            "Inertia": st.column_config.NumberColumn(format="localized"),
        },
        alt="Earlier runs of this setting",
    )
    again = {case: runs for case, runs in cells.items() if len(runs) > 1}
    for case, runs in again.items():
        st.markdown(f"**{title_of(case.backend)} over time**")
        show_chart(scaling_figures.history_chart(runs))


def _change(before: Cell, after: Cell) -> float | None:
    if before.seconds is None or after.seconds is None:
        return None
    return after.seconds / before.seconds - 1.0


# Data


def data_tab(selection: Selection) -> None:
    results = selection.view.results
    st.markdown(
        f"{len(results.repetitions):,} repetitions of {len(results):,} cells on {selection.title}, with "
        "phases, iterations, memory, inertia and the environment they ran in."
    )
    with st.container(horizontal=True):
        for kind in RESULT_FORMATS:
            st.download_button(
                f"All rows as {kind.upper() if kind != 'parquet' else 'Parquet'}",
                partial(export_rows, results.repetitions, kind),
                f"kmeans-benchmark.{kind}",
                _MIME[kind],
                key=f"export_{kind}",
                on_click="ignore",
                icon=":material/download:",
            )
    st.caption("`python -m kmeans_core results --import FILE` adds such a file to the results of a machine.")
