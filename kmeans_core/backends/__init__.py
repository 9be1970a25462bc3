"""Interchangeable ways to run k-means, one file each, which says everything about its backend.

Anything above may import what stands here; what a backend runs on (Spark, Dask, Numba) is imported when it
is first used.
"""

from kmeans_core.backends.registry import (
    all_backends,
    available_backends,
    backend_names,
    backend_titles,
    capable_backends,
    compared_backends,
    get_backend,
    load_backend,
    register_backend,
    unregister_backend,
)

__all__ = [
    "all_backends",
    "available_backends",
    "backend_names",
    "backend_titles",
    "capable_backends",
    "compared_backends",
    "get_backend",
    "load_backend",
    "register_backend",
    "unregister_backend",
]
