"""The settings of a collection, beside those of its pictures."""

from dataclasses import dataclass

from kmeans_core.images.options import DEFAULT_MEGAPIXELS, MAX_MEGAPIXELS
from kmeans_core.options import Record, option

SHARED, OWN, BOTH = "shared", "own", "both"
PALETTES = {
    SHARED: "One for all pictures",
    OWN: "One for each picture",
    BOTH: "Both, each in a folder of its own",
}
WEIGHTS = {"pixels": "Every pixel", "pictures": "Every picture"}
WORKERS = {"threads": "This process", "spark": "Spark", "dask": "Dask"}
FILE_FORMATS = {"png": "PNG", "optimized": "PNG, optimized", "webp": "WebP"}


@dataclass(frozen=True)
class CollectionOptions(Record):
    """How many pictures are worked on.

    Attributes
    ----------
    on : {"threads", "spark", "dask"}
        Who works: threads of this process, Spark (`KMEANS_SPARK_MASTER`), or Dask (`KMEANS_DASK_SCHEDULER`).
    palettes : {"shared", "own", "both"}
        One palette for all pictures, one for each, or both, each kind in a folder of its own.
    weigh : {"pixels", "pictures"}
        What counts alike in the shared palette.
    file_format : {"png", "optimized", "webp"}
    max_megapixels : float, default 50.0
        Larger pictures are rows with an error; at most 178.
    groups : int, default 0
        Into how many groups of similar colors the pictures are put, at most 256; 0 for none.
    delta_e : bool, default False
        Whether the manifest has the mean color difference (CIEDE2000) of each picture, which takes as long
        as all else.
    """

    on: str = option(
        "threads",
        title="Works on",
        help="who reads and writes the pictures",
        advice="This process is as fast as its machine; Spark and Dask have the machines that you give them.",
        choices=WORKERS,
    )
    palettes: str = option(
        SHARED,
        title="Palettes",
        help="palettes to write pictures with",
        advice="One palette makes the pictures a series; their own show each at its best.",
        choices=PALETTES,
    )
    weigh: str = option(
        "pixels",
        title="Counts alike",
        help="what counts alike in the shared palette",
        advice="By pixels, a large picture has more say than a small one.",
        choices=WEIGHTS,
    )
    file_format: str = option(
        "png",
        title="Format",
        help="of the files that are written",
        advice="Optimized PNG files and WebP are smaller and take longer.",
        choices=FILE_FORMATS,
        flag="--format",
    )
    max_megapixels: float = option(
        DEFAULT_MEGAPIXELS,
        title="Largest picture",
        help="largest picture, in megapixels",
        advice="Larger ones are left out, with a row that says so.",
        above=0,
        most=MAX_MEGAPIXELS,
        metavar="M",
        unit="a number of megapixels",
    )
    groups: int = option(
        0,
        title="Groups",
        help="groups of pictures with similar colors, 0 for none",
        advice="Pictures with similar colors come together: for catalogs, or to find what does not belong.",
        least=0,
        most=256,
        metavar="N",
    )
    delta_e: bool = option(
        False,
        title="Color difference",
        help="the mean CIEDE2000 of each picture, in the manifest",
        advice="How different the pictures look, and not only how far their numbers are apart. Takes about "
        "as long as all else.",
    )
