"""One run over a collection: both passes, and what comes of them."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import NamedTuple, TypeVar

from kmeans_core.backends.distributed import Workers
from kmeans_core.collections.counting import Counted, CountTask, add_up, count_group, known_counts
from kmeans_core.collections.files import PictureAt
from kmeans_core.collections.groups import group_outputs, group_sheet
from kmeans_core.collections.listing import Listing
from kmeans_core.collections.lookup import Lookup
from kmeans_core.collections.manifest import write_manifest
from kmeans_core.collections.report import CollectionProgress, CollectionReport, GroupTime
from kmeans_core.collections.settings import CollectionSettings
from kmeans_core.collections.state import OutputFolder
from kmeans_core.collections.workers import TellingWorkers
from kmeans_core.collections.writing import DONE, FAILED, WriteTask, find_written, write_group
from kmeans_core.errors import OutputError
from kmeans_core.images.options import MAX_COLORS, QuantizeOptions
from kmeans_core.images.palette import Palette
from kmeans_core.images.palette_files import palette_bytes
from kmeans_core.images.shared_palette import assigning, find_palette, nearest_labels
from kmeans_core.types import ByteArray
from kmeans_core.wording import count_text

Result = TypeVar("Result")

PALETTE_FILE = "palette.json"
# The folder of those of the groups.
SHEETS = "contact-sheets"
# Pictures that a worker takes at a time, and how many such groups there are even of few.
_MAX_GROUP, _MIN_GROUPS = 32, 16


class SharedPalette(NamedTuple):
    """options: that assign its colors. lookup: the name of its `Lookup`; "" for dithering."""

    palette: Palette
    options: QuantizeOptions
    lookup: str = ""


class Clock:
    """Wall time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = perf_counter()

    def stage(self, name: str) -> None:
        """Ends a stage."""
        now = perf_counter()
        self.seconds[name] = now - self._began
        self._began = now


class _Stage:
    """How far a pass is. done: pictures that were there before it."""

    def __init__(self, name: str, done: int, total: int, say: Callable[[CollectionProgress], None]) -> None:
        self._name, self._done, self._total, self._say = name, done, total, say
        self._began, self._before, self._megapixels = perf_counter(), done, 0.0
        say(CollectionProgress(name, done, total))

    def add(self, n_pictures: int, megapixels: float) -> None:
        self._done += n_pictures
        self._megapixels += megapixels
        share = (self._total - self._done) / (self._done - self._before)
        left = share * (perf_counter() - self._began)
        self._say(CollectionProgress(self._name, self._done, self._total, self._megapixels, left))


class Run:
    """One run: what it works on, and what has come of it so far."""

    def __init__(
        self,
        listing: Listing,
        folder: OutputFolder,
        workers: Workers,
        say: Callable[[CollectionProgress], None],
        clock: Clock,
    ) -> None:
        self._listing, self._folder, self._workers = listing, folder, TellingWorkers(workers)
        self._say, self._clock = say, clock
        self._n_counted = self._n_written = self._n_failed = self._n_pixels = self._n_colors = 0
        self._notes: list[str] = []
        self._work: list[GroupTime] = []

    def find_shared(
        self, task: CountTask, options: QuantizeOptions, start: ByteArray | None
    ) -> SharedPalette | None:
        """The palette of all pictures; None if none of them has a visible pixel. start: of its fit."""
        known, useless = known_counts(self._folder, self._listing, task)
        total = len(self._listing)
        missing = self._listing.count("NOT counted")
        done = total - missing
        fresh: list[Counted] = []
        stage = _Stage("counting", done, total, self._say)
        for group in self._each(partial(count_group, task), self._groups("NOT counted", missing)):
            fresh.append(group)
            self._work.append(GroupTime("count", group.n_pictures, group.seconds))
            self._n_counted += group.n_pictures
            stage.add(group.n_pictures, group.n_pixels / 1e6)
        counted = [*known, *fresh]
        for file in set(useless) - {one.file for one in counted}:  # the same again has the same name
            self._folder.remove(file)
        self._clock.stage("count")
        with self._writing():
            whole = add_up(self._workers, self._folder, counted)
        self._clock.stage("merge")
        self._n_pixels = sum(one.n_pixels for one in counted)
        self._n_colors = len(whole.codes)
        if not self._n_colors:
            self._notes.append("No picture has a visible pixel: there is no palette of all.")
            return None
        self._say(CollectionProgress("fitting", total, total))
        # Hidden pixels take an entry of a file's table.
        most = MAX_COLORS - any(one.hidden for one in counted)
        options = replace(options, n_colors=min(options.n_colors, most))
        histogram = whole.histogram()
        palette = find_palette(histogram, options, start=start)
        shared = SharedPalette(palette, assigning(palette, options))
        if options.dither == "none":
            labels = nearest_labels(histogram, shared.options)
            with self._writing():
                lookup = Lookup.from_labels(histogram.colors, labels).save(self._folder)
            shared = shared._replace(lookup=lookup)
        self._clock.stage("fit")
        return shared

    def write(self, task: WriteTask) -> None:
        """Writes what is not there yet."""
        with self._writing():
            find_written(self._folder, self._listing, task)
        total, missing = len(self._listing), self._listing.count("NOT written")
        if total > missing:
            self._notes.append(f"{count_text(total - missing, 'picture')} had been written before.")
        stage = _Stage("writing", total - missing, total, self._say)
        for pictures, seconds in self._each(partial(write_group, task), self._groups("NOT written", missing)):
            self._work.append(GroupTime("write", len(pictures), seconds))
            for name, rows in pictures:
                self._listing.put_written(name, json.dumps(rows))
                self._n_failed += any(row["status"] == FAILED for row in rows)
            self._n_written += len(pictures)
            sizes = ((rows[0]["width"] or 0) * (rows[0]["height"] or 0) for _, rows in pictures)
            stage.add(len(pictures), sum(sizes) / 1e6)
        self._n_written -= self._n_failed
        self._clock.stage("write")

    def group(self, n_groups: int) -> None:
        """Puts what is written into groups of similar colors, with a contact sheet of each."""
        names, outputs = [], []
        for name, rows, _ in self._listing.written():
            found = next((row["output"] for row in json.loads(rows) if row["status"] == DONE), None)
            if found is not None:
                names.append(name)
                outputs.append(found)
        if not names:
            return
        self._say(CollectionProgress("grouping", 0, len(names)))
        with self._writing():
            labels = group_outputs(self._workers, self._folder, outputs, n_groups)
            self._listing.put_groups(zip(names, labels, strict=True))
            for sheet_of_before in self._folder.files_in(SHEETS, "group-*.png"):
                self._folder.remove(sheet_of_before)
            for number in range(1, int(labels.max()) + 1):
                members = [output for output, label in zip(outputs, labels, strict=True) if label == number]
                sheet = group_sheet(self._folder, members)
                self._folder.write(f"{SHEETS}/group-{number:03}.png", sheet)
        self._clock.stage("group")

    def finish(self, settings: CollectionSettings, palette: Palette | None) -> None:
        """Writes the manifest, the palette, and what the collection was made with."""
        with self._writing():
            write_manifest(self._folder, self._listing)
            if palette is not None:
                self._folder.write(PALETTE_FILE, palette_bytes(palette, "json", "collection"))
            settings.save(self._folder)
        self._folder.tidy()
        self._clock.stage("finish")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _not_written(self._folder, error) from None

    def report(self, palette: Palette | None) -> CollectionReport:
        return CollectionReport(
            n_pictures=len(self._listing),
            n_counted=self._n_counted,
            n_written=self._n_written,
            n_failed=self._n_failed,
            n_pixels=self._n_pixels,
            n_colors=self._n_colors,
            palette=palette,
            seconds=self._clock.seconds,
            workers=self._workers.describe(),
            n_workers=self._workers.count,
            work=tuple(self._work),
            notes=tuple(self._notes),
        )

    def _groups(self, condition: str, count: int) -> Iterator[list[PictureAt]]:
        size = max(1, min(_MAX_GROUP, count // _MIN_GROUPS))
        return self._listing.pages(condition, size)

    def _each(
        self, function: Callable[[Sequence[PictureAt]], Result], groups: Iterable[list[PictureAt]]
    ) -> Iterator[Result]:
        """What workers make of each group, in order. Raises OutputError for what they cannot write."""
        with self._writing(), closing(self._workers.map(function, groups)) as answers:
            yield from answers


def _not_written(folder: OutputFolder, error: OSError) -> OutputError:
    return OutputError(
        f"{folder.url} cannot be written ({error.strerror or error}); make room or name another folder, and "
        "run it again: what is written stays."
    )
