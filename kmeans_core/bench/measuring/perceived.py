"""The perceived difference of pictures in 256 colors from their originals, by the space they were clustered
in.

Without dithering; the value is the mean CIEDE2000 over pixels. Nothing is timed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np

from kmeans_core.bench.measuring.peers import PEERS
from kmeans_core.bench.output.readme import replace_marked
from kmeans_core.images.color_spaces import SPACES
from kmeans_core.images.perceptual_quality import mean_difference
from kmeans_core.images.picture import Picture, load_picture
from kmeans_core.images.quantize import quantize

BEGIN, END = "<!-- spaces: written by `make bench` -->", "<!-- /spaces -->"
N_COLORS = 256
_PEER = "libimagequant"


@dataclass(frozen=True)
class PictureDifferences:
    """picture: its file name. differences: way of quantizing → mean CIEDE2000."""

    picture: str
    differences: dict[str, float]


def measure_perceived(
    paths: Iterable[Path], *, n_colors: int = N_COLORS, on_picture: Callable[[str], None] | None = None
) -> list[PictureDifferences]:
    """Each picture in each color space of ours, and by libimagequant."""
    rows = []
    for path in paths:
        if on_picture is not None:
            on_picture(path.name)
        picture = load_picture(path)
        differences = {}
        for space in SPACES:
            made = quantize(picture, n_colors, space=space)
            differences[space] = mean_difference(picture, made.palette.colors, made.indices)
        differences[_PEER] = _of_peer(picture, n_colors)
        rows.append(PictureDifferences(path.name, differences))
    return rows


def means(rows: Sequence[PictureDifferences]) -> dict[str, float]:
    """Way of quantizing → mean over the pictures."""
    return {way: mean(row.differences[way] for row in rows) for way in rows[0].differences}


def as_markdown(rows: Sequence[PictureDifferences]) -> str:
    """One row per picture, and their means."""
    ways = [*SPACES, _PEER]
    lines = [
        f"| {N_COLORS} colors, no dithering | {' | '.join(SPACES.get(method, method) for method in ways)} |",
        f"|---|{'---:|' * len(ways)}",
        *(_line(row.picture, row.differences, ways) for row in rows),
        _line("**mean**", means(rows), ways),
    ]
    return "\n".join(lines)


def write_perceived(rows: Sequence[PictureDifferences], readme: Path) -> None:
    """Replaces what stands between the two marks in a file. Raises OutputError if they are not there."""
    replace_marked(readme, BEGIN, END, as_markdown(rows))


def _line(title: str, differences: dict[str, float], ways: Sequence[str]) -> str:
    min_difference = min(differences.values())
    texts = [
        f"**{differences[method]:.2f}**"
        if differences[method] == min_difference
        else f"{differences[method]:.2f}"
        for method in ways
    ]
    return f"| {title} | {' | '.join(texts)} |"


def _of_peer(picture: Picture, n_colors: int) -> float:
    made = PEERS[_PEER].run(picture, n_colors)
    assert isinstance(made, tuple)
    colors, indices = made
    return mean_difference(
        picture, colors, np.asarray(indices, dtype=np.uint8).reshape(picture.height, picture.width)
    )
