"""The first pass: the colors of all pictures, counted by workers, kept in files, and added up by ranges."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from functools import partial
from time import perf_counter
from typing import NamedTuple

from kmeans_core.backends.distributed import Workers
from kmeans_core.collections.adding import PictureAdder
from kmeans_core.collections.counts import ColorCounts, about_counts
from kmeans_core.collections.files import STATE_FOLDER, PictureAt
from kmeans_core.collections.listing import Listing
from kmeans_core.collections.reading import Reading, read_picture
from kmeans_core.collections.state import MERGED, OutputFolder
from kmeans_core.errors import InputError, PictureError
from kmeans_core.images.picture import Picture

_COUNTED = "counted-"
# Files that are added up in one step.
_FAN_IN = 64
_N_RANGES = 16
# In all files together: 80 MB.
_FEW_COLORS = 4_000_000
_N_CODES = 1 << 24


class CountTask(NamedTuple):
    """What all workers are told. output: its URL. weigh: of `CollectionOptions`."""

    output: str
    weigh: str
    reading: Reading


class Counted(NamedTuple):
    """What a group of pictures came to. file: with the counts of `n_colors`. hidden: whether one has hidden
    pixels. seconds: of the worker, 0 if it was counted earlier."""

    file: str
    n_pictures: int
    n_pixels: int
    n_colors: int
    hidden: bool
    seconds: float = 0.0


def known_counts(output: OutputFolder, listing: Listing, task: CountTask) -> tuple[list[Counted], list[str]]:
    """What earlier runs counted of pictures that are all there as they were, and the files of no use any
    more. The pictures are marked. Where one could not be read, it may be now, so that group is of no use."""
    known, useless = [], []
    for file in output.state_files(_COUNTED):
        try:
            with output.open(file) as source:
                about = json.loads(about_counts(source))
            members = [PictureAt(*member) for member in about["members"]]
        except (InputError, OSError, ValueError, KeyError, TypeError):
            useless.append(file)
            continue
        is_whole = about["weigh"] == task.weigh and not about["n_failed"]
        is_whole = is_whole and about["largest"] <= task.reading.max_megapixels * 1e6
        if is_whole and all(listing.has(member, "NOT counted") for member in members):
            listing.mark_counted(members)
            measures = (about[measure] for measure in ("n_pixels", "n_colors", "hidden"))
            known.append(Counted(file, len(members), *measures))
        else:
            useless.append(file)
    return known, useless


def add_up(workers: Workers, output: OutputFolder, counted: Sequence[Counted]) -> ColorCounts:
    """The counts in all files together. Few are added up here. Many are added up by workers, in a tree; the
    last step is by ranges of colors, so that each has a part of them in memory."""
    files, added = [one.file for one in counted], list[str]()
    if sum(one.n_colors for one in counted) <= _FEW_COLORS:
        return ColorCounts.merged([_counts_in(output, file) for file in files])
    while len(files) > _FAN_IN:
        groups = [files[at : at + _FAN_IN] for at in range(0, len(files), _FAN_IN)]
        files = list(workers.map(partial(_merge_files, output.url), groups))
        added += files
    ranges = itertools.pairwise(_N_CODES * i // _N_RANGES for i in range(_N_RANGES + 1))
    whole = ColorCounts.joined(workers.map(partial(_merge_range, output.url, files), ranges))
    for file in added:
        output.remove(file)
    return whole


# From here on: what runs on the workers.


def count_group(task: CountTask, group: Sequence[PictureAt]) -> Counted:
    """Counts the colors of some pictures, and keeps the counts in a file. Those that cannot be read have
    none; the second pass says why. Raises OSError if the file cannot be written."""
    clock = perf_counter()
    output, n_read, largest = OutputFolder(task.output), 0, 0
    adder = PictureAdder(task.weigh, sum(file.size for file in group))
    for picture in _readable(group, task.reading):
        adder.add(picture)
        n_read += 1
        largest = max(largest, picture.width * picture.height)
    counts = adder.counts()
    about = {
        "weigh": task.weigh,
        "members": group,
        "n_failed": len(group) - n_read,
        "n_pixels": adder.n_pixels,
        "n_colors": len(counts.codes),
        "largest": largest,
        "hidden": adder.hidden,
    }
    text = json.dumps(about, sort_keys=True).encode()
    file = f"{STATE_FOLDER}/{_COUNTED}{hashlib.sha256(text).hexdigest()[:32]}.parquet"
    output.write(file, counts.to_parquet(text))
    seconds = perf_counter() - clock
    return Counted(file, len(group), adder.n_pixels, len(counts.codes), adder.hidden, seconds)


def _readable(group: Sequence[PictureAt], reading: Reading) -> Iterator[Picture]:
    for file in group:
        try:
            yield read_picture(file, reading)
        except PictureError:
            continue


def _merge_files(url: str, files: Sequence[str]) -> str:
    output = OutputFolder(url)
    merged = ColorCounts.empty()
    for file in files:  # one after the other: together they may be large
        merged = ColorCounts.merged([merged, _counts_in(output, file)])
    name = hashlib.sha256("\n".join(files).encode()).hexdigest()[:32]
    file = f"{STATE_FOLDER}/{MERGED}{name}.parquet"
    output.write(file, merged.to_parquet())
    return file


def _merge_range(url: str, files: Sequence[str], part: tuple[int, int]) -> ColorCounts:
    output = OutputFolder(url)
    return ColorCounts.merged([_counts_in(output, file, part) for file in files])


def _counts_in(output: OutputFolder, file: str, part: tuple[int, int] = (0, _N_CODES)) -> ColorCounts:
    with output.open(file) as source:
        return ColorCounts.from_parquet(source, part)
