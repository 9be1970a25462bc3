"""The table that the Tables page works on: a sample, generated blobs, or an upload."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from kmeans_core.tables.encodings import ENCODINGS
from kmeans_core.tables.load import Table, load_table
from kmeans_core.tables.samples import SAMPLES, blobs_table, sample_table

_BLOBS = "blobs"
_UPLOADS = ["csv", "tsv", "txt", "parquet", "xlsx", "xls", "xlsb", "ods"]
_UPLOAD_MEGABYTES = 50
_DELIMITERS = {"Detect": None, "Comma": ",", "Semicolon": ";", "Tab": "\t", "Vertical bar": "|"}
LINK_NUMBERS = {"blob_rows": (10, 1_000_000), "blob_columns": (1, 20), "blob_centers": (1, 50)}


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
    name = st.selectbox(
        "Table",
        list(titles),
        format_func=titles.__getitem__,
        key="table",
        bind="query-params",
        persist_state="session",
        help="Small classics that come with scikit-learn, or blobs of any size.",
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
    delimiter = encoding = sheet = None
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        chosen = st.selectbox(
            "Columns are separated by",
            list(_DELIMITERS),
            key="table_delimiter",
            help="Change it when the columns come out wrong.",
        )
        delimiter = _DELIMITERS[chosen]
        encoding = st.selectbox(
            "Encoding",
            [None, *ENCODINGS],
            format_func=lambda name: ENCODINGS.get(name, "Detect"),
            key="table_encoding",
            help="Change it when letters come out wrong.",
        )
    else:
        sheets = _loaded(digest, data, name, None, None, None).sheets
        if len(sheets) > 1:
            sheet = st.selectbox("Sheet", sheets, key=f"table_sheet_{digest[:8]}")
    table = _loaded(digest, data, name, delimiter, encoding, sheet)
    return TableSource(f"{digest}:{delimiter}:{encoding}:{sheet}", name.rpartition(".")[0] or name, table)


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


@st.cache_resource(max_entries=4, ttl="1h", show_spinner="Reading the table…")
def _loaded(
    digest: str, _data: bytes, _name: str, delimiter: str | None, encoding: str | None, sheet: str | None
) -> Table:
    return load_table(_data, _name, delimiter=delimiter, encoding=encoding, sheet=sheet)


@st.cache_resource(max_entries=2, ttl="1h", show_spinner="Making the blobs…")
def _made(n_rows: int, n_columns: int, n_centers: int) -> Table:
    return blobs_table(n_rows, n_columns, min(n_centers, n_rows))


@st.cache_resource(show_spinner=False)
def _sample(name: str) -> TableSource:
    return TableSource(name, SAMPLES[name].title, sample_table(name), SAMPLES[name].credit)


def first_sample() -> TableSource:
    """For a page that has nothing else to show."""
    return _sample(next(iter(SAMPLES)))
