"""The files that recorded command lines read: samples from `assets/`, and small ones made here."""

import io
from functools import cache

import numpy as np
import pandas as pd
from PIL import Image

from kmeans_core.tables.samples import sample_table
from tests.conftest import ASSETS


def provide(words, folder):
    """Puts the files that the words of a command line name into a folder."""
    for name in dict.fromkeys(word.split("/")[0] for word in words):
        for place in (ASSETS / name, ASSETS / "samples" / name):
            if place.is_file():
                (folder / name).write_bytes(place.read_bytes())
        for path, data in MADE[name]().items() if name in MADE else ():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(data)


@cache
def _badge():
    """A disc of many colors that fades out towards its edge."""
    across, down = np.meshgrid(np.arange(120), np.arange(90))
    distance = np.hypot(across - 60, down - 45)
    alpha = np.clip(8 * (44 - distance), 0, 255)
    channels = [2 * across, 255 - 2 * down, (across * down) % 256, alpha]
    file = io.BytesIO()
    Image.fromarray(np.stack(channels, axis=2).astype(np.uint8)).save(file, "PNG")
    return {"badge.png": file.getvalue()}


@cache
def _iris():
    return sample_table("iris").frame


def _groups(n_rows, seed):
    """Rows around four centers, with a category and three decimals."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, n_rows)
    centers = np.array([[0, 0, 5], [9, 1, 0], [2, 12, 9], [15, 9, 2]])
    frame = pd.DataFrame(centers[group] + rng.normal(size=(n_rows, 3)), columns=["x", "y", "z"]).round(3)
    return frame.assign(kind=np.where(group < 2, "low", "high"))


@cache
def _gaps():
    """Every 17th x and every 23rd y is missing, and every 50th z is far away."""
    frame = _groups(300, 7)
    frame.loc[::17, "x"] = np.nan
    frame.loc[::23, "y"] = np.nan
    frame.loc[::50, "z"] = 100.0
    return frame


@cache
def _rows():
    """So many that they are read in two chunks."""
    return {f"rows/{part}.csv": _csv(_groups(16_000, part)) for part in range(3)}


def _csv(frame, **options):
    return frame.to_csv(index=False, lineterminator="\n", **options).encode()


def _parquet(frame):
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def _book(frame):
    """A spreadsheet whose first sheet is of no use."""
    file = io.BytesIO()
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        pd.DataFrame({"note": ["see the next sheet"]}).to_excel(book, sheet_name="about", index=False)
        frame.to_excel(book, sheet_name="flowers", index=False)
    return file.getvalue()


MADE = {
    "badge.png": _badge,
    "broken.png": lambda: {"broken.png": b"no picture"},
    "iris.csv": lambda: {"iris.csv": _csv(_iris())},
    "iris.parquet": lambda: {"iris.parquet": _parquet(_iris())},
    "iris.xlsx": lambda: {"iris.xlsx": _book(_iris())},
    "reversed.csv": lambda: {"reversed.csv": _csv(_iris()[::-1])},
    "wine.csv": lambda: {"wine.csv": _csv(sample_table("wine").frame)},
    "gaps.csv": lambda: {"gaps.csv": _csv(_gaps())},
    "gaps.tsv": lambda: {"gaps.tsv": _csv(_gaps(), sep="\t")},
    "rows": _rows,
}
