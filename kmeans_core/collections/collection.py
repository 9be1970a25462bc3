"""`quantize_collection()`: many pictures in, a palette of all of them or one each, every picture out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from kmeans_core.backends.distributed import Workers
from kmeans_core.collections.counting import CountTask
from kmeans_core.collections.files import PictureAt, as_it_is_now, find_pictures
from kmeans_core.collections.listing import listed
from kmeans_core.collections.manifest import manifest_rows, members
from kmeans_core.collections.options import BOTH, OWN, SHARED, CollectionOptions
from kmeans_core.collections.reading import Reading
from kmeans_core.collections.report import CollectionProgress, CollectionReport, CollectionStatus
from kmeans_core.collections.run import SHEETS, Clock, Run, SharedPalette
from kmeans_core.collections.settings import CollectionSettings
from kmeans_core.collections.state import OutputFolder
from kmeans_core.collections.workers import workers_on
from kmeans_core.collections.writing import FAILED, WriteTask
from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import IMAGE_FORMATS
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import hex_of
from kmeans_core.images.stages import check_quantize_options
from kmeans_core.types import ByteArray
from kmeans_core.validation import checked

OnProgress = Callable[[CollectionProgress], None]


def quantize_collection(
    sources: str | Sequence[str],
    output: str,
    options: QuantizeOptions | None = None,
    collection: CollectionOptions | None = None,
    *,
    within: Sequence[str] = (),
    apart: bool = False,
    workers: Workers | None = None,
    on_progress: OnProgress | None = None,
) -> CollectionReport:
    """Reduces many pictures to a palette of all of them, or to one each, and writes them to a folder.

    What has been done before, and is still right, is not done again: a run that was ended goes on where it
    was, and new pictures join without reading the others for the palette.

    Parameters
    ----------
    sources : str or sequence of str
        Folders, with all below them, patterns, or files: paths or addresses that fsspec knows, which every
        worker can read.
    output : str
        A folder, path or address, which every worker can write to.
    options : QuantizeOptions, optional
        Of the pictures.
    collection : CollectionOptions, optional
        Of all together.
    within : sequence of str, optional
        Folders of this machine. A picture that is in none of them, wherever links to it lead, is a row with
        an error.
    apart : bool, default False
        Has pictures read by processes with limits on memory and time, as those of strangers should be.
    workers : Workers, optional
        Who works, instead of what the options say.
    on_progress : callable, optional
        Called with a `CollectionProgress`; an exception in it ends the work.

    Returns
    -------
    CollectionReport
        The folder then has the pictures, in the folders and by the names they had; `manifest.parquet`, a row
        for each; `palette.json`; and for groups, `contact-sheets`.

    Raises
    ------
    OptionError
        For sources that are not there, two pictures that would be written to the same file, and what is
        wrong with the options; nothing is written then.
    OutputError
        If the output cannot be written. What is written stays.
    BackendUnavailableError, BackendFailedError
        If Spark or Dask is not there, or broke down.
    """
    how = checked(collection or CollectionOptions())
    settings = CollectionSettings(check_quantize_options(options or QuantizeOptions()), how)
    reading = Reading(how.max_megapixels, tuple(str(Path(folder).resolve()) for folder in within), apart)
    sources = [sources] if isinstance(sources, str) else list(sources)
    folder = OutputFolder(output)
    nothing = f"There are no pictures in {', '.join(sources)}; name other folders or files."
    return _work(
        folder, find_pictures(sources, folder.address), nothing, settings, reading, workers, on_progress
    )


def change_collection(
    output: str,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    on: str | None = None,
    workers: Workers | None = None,
    on_progress: OnProgress | None = None,
) -> CollectionReport:
    """Adds pictures to a collection, or takes some out, with the settings that it has.

    The palette of all is fitted from the one there was: as `find_palette()` does for all pictures from that
    start.

    Parameters
    ----------
    output : str
        The folder that `quantize_collection()` wrote.
    add : sequence of str
        As the sources of `quantize_collection()`.
    remove : sequence of str
        Names of pictures or folders as the manifest has them, or patterns of names. What was made of the
        pictures is removed from the folder; the pictures themselves are left alone.
    on : {"threads", "spark", "dask"}, optional
        Who works; as before by default.
    workers, on_progress
        As of `quantize_collection()`.

    Returns
    -------
    CollectionReport

    Raises
    ------
    OptionError
        If the folder has no collection, or no picture of a name to be removed. And what
        `quantize_collection()` raises.
    """
    folder = OutputFolder(output)
    settings = CollectionSettings.load(folder)
    if on is not None:
        settings = settings.worked_on(on)
    leaving = _leaving(folder, remove)
    added = {picture.url: picture for picture in (find_pictures(add, folder.address) if add else ())}

    def pictures() -> Iterator[PictureAt]:
        for member in members(folder):
            if member.name not in leaving and member.url not in added:
                yield as_it_is_now(member)
        yield from added.values()

    nothing = f"No picture would be left in {output}; delete the folder instead."
    reading, start = Reading(settings.collection.max_megapixels), settings.palette
    report = _work(folder, pictures(), nothing, settings, reading, workers, on_progress, start)
    outputs = _write_task(folder, settings, reading, None).outputs_of
    useless = {place for name in leaving for place in outputs(name)}
    if useless:  # what is made of another picture may have that name now
        for member in members(folder):
            useless.difference_update(outputs(member.name))
    for place in useless:
        folder.remove(place)
    return report


def _leaving(folder: OutputFolder, patterns: Sequence[str]) -> set[str]:
    """The names that patterns match. Raises OptionError if one matches none."""
    leaving: set[str] = set()
    unmatched = set(patterns)
    for member in members(folder) if patterns else ():
        for pattern in patterns:
            is_below = f"{member.name}/".startswith(f"{pattern.rstrip('/')}/")
            if is_below or fnmatchcase(member.name, pattern):
                leaving.add(member.name)
                unmatched.discard(pattern)
    if unmatched:
        named = min(unmatched)
        raise OptionError(f"{named} is no picture or folder of this collection; see its manifest.parquet.")
    return leaving


def _work(
    folder: OutputFolder,
    pictures: Iterable[PictureAt],
    nothing: str,
    settings: CollectionSettings,
    reading: Reading,
    workers: Workers | None,
    on_progress: OnProgress | None,
    start: ByteArray | None = None,
) -> CollectionReport:
    say, clock, how = on_progress or (lambda _: None), Clock(), settings.collection
    say(CollectionProgress("listing", 0, 0))
    with listed(pictures, IMAGE_FORMATS[how.file_format].suffix) as listing:
        if not len(listing):
            raise OptionError(nothing)
        kinds = [f"{kind}/" for kind in (SHARED, OWN)] if how.palettes == BOTH else [""]
        listing.check_kept(folder.below, kinds)
        if how.groups:
            listing.check_free(SHEETS)
        folder.make()
        workers = workers or workers_on(how.on)
        clock.stage("start")
        return _passes(Run(listing, folder, workers, say, clock), folder, settings, reading, start)


def _passes(
    run: Run,
    folder: OutputFolder,
    settings: CollectionSettings,
    reading: Reading,
    start: ByteArray | None,
) -> CollectionReport:
    how, shared = settings.collection, None
    if how.palettes != OWN:
        task = CountTask(folder.url, how.weigh, reading)
        shared = run.find_shared(task, settings.quantize, start)
    run.write(_write_task(folder, settings, reading, shared))
    if how.groups:
        run.group(how.groups)
    palette = None if shared is None else shared.palette
    run.finish(settings.having_found(palette), palette)
    return run.report(palette)


def _write_task(
    folder: OutputFolder, settings: CollectionSettings, reading: Reading, shared: SharedPalette | None
) -> WriteTask:
    how, options = settings.collection, settings.quantize
    by_kind: dict[str, QuantizeOptions] = {}
    if how.palettes != OWN:  # without a visible pixel, nothing is to be reduced
        by_kind[SHARED] = options if shared is None else shared.options
    if how.palettes != SHARED:
        by_kind[OWN] = options
    lookup = "" if shared is None else shared.lookup
    return WriteTask(folder.url, by_kind, how.file_format, reading, how.delta_e, lookup)


def collection_status(output: str) -> CollectionStatus:
    """What is in a folder that `quantize_collection()` wrote.

    Parameters
    ----------
    output : str
        A folder, path or address.

    Returns
    -------
    CollectionStatus

    Raises
    ------
    OptionError
        If it has no collection.
    """
    folder = OutputFolder(output)
    settings = CollectionSettings.load(folder)
    n_pictures = input_bytes = output_bytes = 0
    for picture in members(folder):
        n_pictures += 1
        input_bytes += picture.size
    failed: set[str] = set()
    for name, status, size in manifest_rows(folder, "name", "status", "output_bytes"):
        output_bytes += size or 0
        if status == FAILED:
            failed.add(name)
    return CollectionStatus(
        n_pictures=n_pictures,
        n_failed=len(failed),
        input_bytes=input_bytes,
        output_bytes=output_bytes,
        quantize=settings.quantize,
        collection=settings.collection,
        colors=() if settings.palette is None else tuple(map(hex_of, settings.palette)),
    )
