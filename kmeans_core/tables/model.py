"""A fitted table model: centers and preparation, as a JSON file, to label new rows with."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from kmeans_core.clustering.quick_kernels import nearest_labels
from kmeans_core.errors import TableError
from kmeans_core.tables.preparation import CategoryColumn, NumberColumn, Preparation
from kmeans_core.types import FloatArray
from kmeans_core.wording import count_text

_KIND = "K-means Studio table model"
_VERSION = 1


@dataclass(frozen=True, eq=False)
class TableModel:
    """Centers and preparation, to label new rows with.

    Attributes
    ----------
    preparation : Preparation
        How rows become points.
    centers : ndarray of float64, shape (k, d)
        In the coordinates of the points.
    about : dict of str to object
        Where it came from: name, backend, inertia, rows.
    """

    preparation: Preparation
    centers: FloatArray
    about: dict[str, Any]

    def label(self, frame: pd.DataFrame) -> tuple[pd.Series, tuple[str, ...]]:
        """The cluster of each row of a table.

        Parameters
        ----------
        frame : DataFrame

        Returns
        -------
        labels : Series of Int32
            From 0; missing where the preparation drops the row.
        notes : tuple of str
            What should be known about it, as sentences.

        Raises
        ------
        TableError
            If the table lacks a column, or a column is not what it was.
        """
        prepared = self.preparation.apply(frame)
        labels = nearest_labels(prepared.points, self.centers)
        notes = unlabelled_notes(prepared.missing, prepared.outliers, prepared.unknown)
        return label_column(labels, prepared.rows, len(frame)), notes

    def to_json(self) -> str:
        """The model as a JSON file, which `from_json()` reads.

        Returns
        -------
        str
        """
        columns = [
            {"kind": "number" if isinstance(column, NumberColumn) else "category", **asdict(column)}
            for column in self.preparation.columns
        ]
        model = {
            "kind": _KIND,
            "version": _VERSION,
            "about": self.about,
            "columns": columns,
            "centers": self.centers.tolist(),
        }
        # Infinite limits mean that there are none; JSON has no word for infinity.
        return json.dumps(_without_infinity(model), indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes, name: str = "The file") -> "TableModel":
        """The model in a file that `to_json()` made.

        Parameters
        ----------
        text : str or bytes
        name : str, default "The file"
            What messages call it.

        Returns
        -------
        TableModel

        Raises
        ------
        TableError
            If it is not a model of this program, damaged, or of another version.
        """
        try:
            model = json.loads(text)
            if not isinstance(model, dict) or model.get("kind") != _KIND:
                raise TableError(f"{name} is not a model saved by K-means Studio; choose one that is.")
            if model["version"] != _VERSION:
                raise TableError(
                    f"{name} has version {model['version']!r}, and this program reads version {_VERSION}; "
                    "save it again."
                )
            columns = tuple(_column(entry) for entry in model["columns"])
            centers = np.array(model["centers"], dtype=np.float64)
            preparation = Preparation(columns)
            if centers.ndim != 2 or not centers.size or centers.shape[1] != len(preparation.names):
                raise ValueError("centers and columns do not match")
            if not np.isfinite(centers).all():
                raise ValueError("centers are not finite")
            return cls(preparation, centers, dict(model["about"]))
        except TableError:
            raise
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise TableError(f"{name} is a damaged model ({error}); save it again.") from None


def unlabelled_notes(missing: int, outliers: int, unknown: int) -> tuple[str, ...]:
    """Sentences about rows that a model could not label, or only in part."""
    notes = []
    if missing + outliers:
        notes.append(
            f"Not labelled: {count_text(missing, 'row')} with missing values, "
            f"{count_text(outliers, 'outlier')}."
        )
    if unknown:
        notes.append(f"With a category that the model does not know: {count_text(unknown, 'row')}.")
    return tuple(notes)


def free_name(names: Iterable[str], base_name: str = "cluster") -> str:
    """A name for a new column beside columns with these names."""
    taken = set(names)
    name, number = base_name, 1
    while name in taken:
        number += 1
        name = f"{base_name} ({number})"
    return name


def label_column(labels: Any, rows: Any, n_rows: int) -> pd.Series:
    """Labels of some rows as a column for all, missing for the others."""
    column = pd.Series(pd.NA, index=range(n_rows), dtype="Int32", name="cluster")
    column.iloc[rows] = np.asarray(labels, dtype=np.int32)
    return column


def _column(entry: dict[str, Any]) -> NumberColumn | CategoryColumn:
    if entry["kind"] == "category":
        return CategoryColumn(str(entry["name"]), tuple(str(level) for level in entry["levels"]))
    fill = entry["fill"]
    low = float("-inf") if entry["low"] is None else float(entry["low"])
    high = float("inf") if entry["high"] is None else float(entry["high"])
    scale = float(entry["scale"])
    if not np.isfinite([scale, float(entry["center"])]).all() or scale <= 0:
        raise ValueError(f"the scale of {entry['name']} is {scale}")
    return NumberColumn(
        str(entry["name"]), None if fill is None else float(fill), low, high, float(entry["center"]), scale
    )


def _without_infinity(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_infinity(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinity(entry) for entry in value]
    return None if isinstance(value, float) and np.isinf(value) else value
