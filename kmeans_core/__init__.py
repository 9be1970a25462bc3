"""K-means on weighted points: pictures as colors with counts, tables as rows, on interchangeable backends.

What the core offers to everybody; pages and scripts import these names from here.

Examples
--------
>>> import numpy as np
>>> from kmeans_core import cluster
>>> points = np.array([[0, 0], [0, 2], [10, 0], [10, 2]])
>>> result = cluster(points, 2, weights=[1, 3, 1, 1], backend="numpy")
>>> sorted(result.centers.tolist())
[[0.0, 1.5], [10.0, 1.0]]
>>> result.inertia
5.0

A picture in 16 colors, as the bytes of an indexed PNG:

>>> from kmeans_core import load_picture, quantize
>>> png = quantize(load_picture("assets/raccoon.png"), 16).png_bytes()

Notes
-----
The names are loaded when first used, so importing the package brings in no Numba, Spark or Pillow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmeans_core.backends import available_backends as available_backends
    from kmeans_core.collections.collection import quantize_collection as quantize_collection
    from kmeans_core.errors import KMeansError as KMeansError
    from kmeans_core.fitting import cluster as cluster
    from kmeans_core.images.histogram import ColorHistogram as ColorHistogram
    from kmeans_core.images.palette import Palette as Palette
    from kmeans_core.images.picture import Picture as Picture
    from kmeans_core.images.picture import load_picture as load_picture
    from kmeans_core.images.quantize import QuantizedPicture as QuantizedPicture
    from kmeans_core.images.quantize import quantize as quantize
    from kmeans_core.types import Iteration as Iteration
    from kmeans_core.types import KMeansResult as KMeansResult

__version__ = "0.5.0"

_HOME = {
    "available_backends": "backends",
    "cluster": "fitting",
    "ColorHistogram": "images.histogram",
    "Iteration": "types",
    "KMeansError": "errors",
    "KMeansResult": "types",
    "load_picture": "images.picture",
    "Palette": "images.palette",
    "Picture": "images.picture",
    "quantize": "images.quantize",
    "quantize_collection": "collections.collection",
    "QuantizedPicture": "images.quantize",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
