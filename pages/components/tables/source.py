"""The table that the Tables page works on: a sample, generated blobs, or an upload."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import streamlit as st

from kmeans_core.tables.columns import column_kinds
from kmeans_core.tables.encodings import ENCODINGS
from kmeans_core.tables.load import Table
from kmeans_core.tables.packed_frames import frame_bytes
from kmeans_core.tables.read_options import NOTHING_KNOWN, ReadOptions
from kmeans_core.tables.reading_apart import load_table_apart
from kmeans_core.tables.samples import SAMPLES, blobs_table, sample_table
from pages.components.shared.kept import Kept, max_kept_bytes
from pages.components.shared.presence import while_reading
from pages.components.shared.turns import turn

_BLOBS = "blobs"
_TEXTS = (".csv", ".tsv", ".txt")
_UPLOADS = [*(ending[1:] for ending in _TEXTS), "parquet", "xlsx", "xls", "xlsb", "ods"]
_UPLOAD_MEGABYTES = 50
_DETECT = "Detect"
_DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
_SETTINGS = ReadOptions.settings()
LINK_NUMBERS = {"blob_rows": (10, 1_000_000), "blob_columns": (1, 20), "blob_centers": (1, 50)}


_KINDS: Kept[dict[str, str]] = Kept(lambda kinds: 200 * len(kinds))
_TABLES: Kept[Table] = Kept(lambda table: frame_bytes(table.frame))


@dataclass(frozen=True)
class TableSource:
    """A table as the user chose it. key: the same for the same content. credit: who made it, for samples."""

    key: str
    title: str
    table: Table
    credit: str = ""


def sample_titles() -> dict[str, str]:
    """Names of the samples → what they are called, there and in the URL."""
    return {**{name: sample.title for name, sample in SAMPLES.items()}, _BLOBS: "Blobs"}


def choose_table() -> TableSource:
    """A list of samples, and a place to drop a file, which comes first.

    Raises TableError if the upload cannot be read.
    """
    titles = sample_titles()
    has_own = st.session_state.get("table_upload") is not None
    name = st.selectbox(
        "Sample table" if has_own else "Table",
        list(titles),
        format_func=titles.__getitem__,
        key="table",
        bind="query-params",
        persist_state="session",
        disabled=has_own,
        help="Small classics that come with scikit-learn, or blobs of any size. Your own table, if there is "
        "one, takes their place.",
    )
    uploaded = st.file_uploader(
        "Your own table",
        type=_UPLOADS,
        key="table_upload",
        max_upload_size=_UPLOAD_MEGABYTES,
        help="CSV, TSV, Parquet or a spreadsheet. It stays in this server's memory while you use the page, "
        "and is not stored. Remove it to go back to the samples.",
    )
    if uploaded is not None:
        return _upload(uploaded.getvalue(), uploaded.name)
    if name == _BLOBS:
        return _blobs()
    return _sample(name)


def _upload(data: bytes, name: str) -> TableSource:
    digest = hashlib.sha256(data + name.encode()).hexdigest()
    options = NOTHING_KNOWN
    if not name.lower().endswith(".parquet"):
        with st.expander("How it is read", icon=":material/troubleshoot:"):
            options = _choose_reading(digest, data, name)
    table = _loaded(digest, data, name, options)
    return TableSource(f"{digest}:{options.values()}", name.rpartition(".")[0] or name, table)


def _choose_reading(digest: str, data: bytes, name: str) -> ReadOptions:
    """What is found out by itself, to be set right."""
    if name.lower().endswith(_TEXTS):
        options = ReadOptions(
            delimiter=_choose("delimiter", _DELIMITERS),
            encoding=_choose("encoding", ENCODINGS),
            decimal=_choose("decimal", _SETTINGS["decimal"].choices or {}),
            first_row=_choose("first_row", _SETTINGS["first_row"].choices or {}),
        )
    else:
        sheets = _loaded(digest, data, name, NOTHING_KNOWN).sheets
        options = ReadOptions(
            sheet=_choose("sheet", {sheet: sheet for sheet in sheets}) if len(sheets) > 1 else None,
            first_row=_choose("first_row", _SETTINGS["first_row"].choices or {}),
        )
    columns = list(_loaded(digest, data, name, options).frame.columns)
    numbers = _choose_columns("numbers", columns)
    texts = _choose_columns("texts", columns)
    # A column in both is one of numbers; with fewer to choose from, other choices would be lost.
    return replace(options, numbers=numbers, texts=tuple(one for one in texts if one not in numbers))


def _choose(setting: str, titles: Mapping[str, str]) -> str | None:
    about = _SETTINGS[setting].option
    chosen = st.selectbox(
        about.title,
        ["", *titles],
        format_func=lambda value: titles.get(value, _DETECT),
        key=f"table_{setting}",
        help=about.advice or about.help,
    )
    return chosen or None


def _choose_columns(setting: str, columns: Sequence[str]) -> tuple[str, ...]:
    about = _SETTINGS[setting].option
    # Other columns are another list to choose from.
    key = f"table_{setting}_{hash(tuple(columns))}"
    return tuple(st.multiselect(about.title, columns, key=key, help=about.advice))


def _blobs() -> TableSource:
    with st.container(horizontal=True):
        numbers = [
            int(
                st.number_input(
                    title, *LINK_NUMBERS[key], value, key=key, bind="query-params", persist_state="session"
                )
            )
            for key, title, value in (
                ("blob_rows", "Rows", 1500),
                ("blob_columns", "Columns", 2),
                ("blob_centers", "Centers", 4),
            )
        ]
    table = _made(*numbers)
    return TableSource(f"blobs:{numbers}", "Blobs", table, "made by scikit-learn's make_blobs")


def _loaded(digest: str, data: bytes, name: str, options: ReadOptions) -> Table:
    def read() -> Table:
        with st.spinner("Reading the table…"):
            return load_table_apart(
                data, name, options, max_bytes=max_kept_bytes() // 2, on_wait=while_reading()
            )

    return _TABLES.get((digest, options), read)


def _made(n_rows: int, n_columns: int, n_centers: int) -> Table:
    def make() -> Table:
        with st.spinner("Making the blobs…"), turn():
            return blobs_table(n_rows, n_columns, min(n_centers, n_rows))

    return _TABLES.get((n_rows, n_columns, n_centers), make)


@cache
def _sample(name: str) -> TableSource:
    return TableSource(name, SAMPLES[name].title, sample_table(name), SAMPLES[name].credit)


def kinds_of_columns(source: TableSource) -> dict[str, str]:
    """What each column holds, see `column_kinds()`."""

    def look() -> dict[str, str]:
        with turn():
            return column_kinds(source.table.frame)

    return _KINDS.get(source.key, look)


def first_sample() -> TableSource:
    """For a page that has nothing else to show."""
    return _sample(next(iter(SAMPLES)))
