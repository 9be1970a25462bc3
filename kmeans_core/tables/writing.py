"""Tables as files."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa

from kmeans_core.tables.number_spelling import to_numbers
from kmeans_core.wording import FORMULA_SIGNS


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV that is safe to open in a spreadsheet.

    A text that a spreadsheet would take for a formula and run, and that is no number, gets an apostrophe in
    front, which spreadsheets do not show (OWASP, *CSV injection*).
    """
    safe = frame.copy(deep=False)
    for name in frame.select_dtypes(object).columns:
        safe[name] = _without_formulas(frame[name])
    safe.columns = pd.Index(_without_formulas(pd.Series(list(frame.columns), dtype=object)))
    return safe.to_csv(index=False).encode()


def _without_formulas(cells: pd.Series) -> pd.Series:
    begins = cells.map(lambda cell: isinstance(cell, str) and len(cell) > 1 and cell[0] in FORMULA_SIGNS)
    suspects = cells[begins.astype(bool)]
    if suspects.empty:
        return cells
    texts = pa.array(suspects, pa.string())
    is_number = np.zeros(len(texts), dtype=bool)
    for decimal in ".,":
        is_number |= np.asarray(to_numbers(texts, decimal).is_valid())
    formulas = suspects[~is_number]
    return cells.where(~cells.index.isin(formulas.index), "'" + cells.astype(str))


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Columns that mix text and numbers, as in spreadsheets, become text."""
    plain = frame.copy(deep=False)
    for name in frame.select_dtypes(object).columns:
        if frame[name].dropna().map(type).nunique() > 1:
            plain[name] = frame[name].map(str, na_action="ignore")
    target = io.BytesIO()
    plain.to_parquet(target, index=False)
    return target.getvalue()
