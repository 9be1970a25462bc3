"""What the worker process can be asked to do."""

from collections.abc import Callable, Mapping
from typing import Any

from kmeans_core.images.picture import load_picture
from kmeans_core.images.quantize import EncodedPicture, encode, quantize


def quantize_file(
    data: bytes,
    name: str,
    n_colors: int,
    settings: Mapping[str, Any],
    on_progress: Callable[[Any], None],
) -> EncodedPicture:
    """Reads a picture file, reduces it and encodes the result.

    settings: further arguments of `quantize()`. on_progress: called with "starting" and then with each
    `Iteration`.
    """
    on_progress("starting")
    picture = load_picture(data, name=name)
    return encode(picture, quantize(picture, n_colors, **settings, on_iteration=on_progress))
