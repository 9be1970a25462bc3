"""How far a collection is, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from kmeans_core.collections.options import CollectionOptions
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette


@dataclass(frozen=True)
class CollectionProgress:
    """How far a collection is.

    Attributes
    ----------
    stage : {"listing", "counting", "fitting", "writing", "grouping"}
    done, total : int
        Pictures.
    megapixels : float
        Read in this stage and this run.
    seconds_left : float or None
        Of this stage, as it went so far; None where that cannot be told.
    """

    stage: str
    done: int
    total: int
    megapixels: float = 0.0
    seconds_left: float | None = None


class GroupTime(NamedTuple):
    """What a worker took for some pictures. stage: "count" or "write"."""

    stage: str
    n_pictures: int
    seconds: float


@dataclass(frozen=True, eq=False)
class CollectionReport:
    """What a collection came to.

    Attributes
    ----------
    n_pictures : int
        All that were found.
    n_counted, n_written : int
        Pictures whose colors were counted, and that were written, in this run; the others had been before.
    n_failed : int
        Pictures that could not be read or written; the manifest says why.
    n_pixels : int
        Visible ones of all pictures; 0 without a shared palette.
    n_colors : int
        Distinct colors of all pictures; 0 without a shared palette.
    palette : Palette or None
        The shared one.
    seconds : mapping of str to float
        By stage, wall time.
    workers : str
        Who worked, as people say it.
    n_workers : int
        How many pictures were worked on at once.
    work : tuple of GroupTime
        In this run.
    notes : tuple of str
    """

    n_pictures: int
    n_counted: int
    n_written: int
    n_failed: int
    n_pixels: int
    n_colors: int
    palette: Palette | None
    seconds: Mapping[str, float]
    workers: str
    n_workers: int
    work: tuple[GroupTime, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As `collection --json` prints it."""
        palette = self.palette
        return {
            "pictures": self.n_pictures,
            "counted": self.n_counted,
            "written": self.n_written,
            "failed": self.n_failed,
            "pixels": self.n_pixels,
            "unique_colors": self.n_colors,
            "palette": None if palette is None else [entry.hex for entry in palette.entries],
            "seconds": dict(self.seconds),
            "workers": self.workers,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class CollectionStatus:
    """What a folder has of a collection.

    Attributes
    ----------
    n_pictures, n_failed : int
        All, and those that could not be read or written.
    input_bytes, output_bytes : int
        Of all files, before and after.
    quantize, collection
        The settings it was made with.
    colors : tuple of str
        Of the palette of all, "#8a7f6e"; empty if there is none.
    """

    n_pictures: int
    n_failed: int
    input_bytes: int
    output_bytes: int
    quantize: QuantizeOptions
    collection: CollectionOptions
    colors: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As `collection --status --json` prints it."""
        return {
            "pictures": self.n_pictures,
            "failed": self.n_failed,
            "input_bytes": self.input_bytes,
            "output_bytes": self.output_bytes,
            "palette": list(self.colors) or None,
            "options": {**self.quantize.values(), **self.collection.values()},
        }
