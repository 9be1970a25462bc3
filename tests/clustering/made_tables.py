"""Tables that are hard to cluster exactly, and the labels of brute force."""

import numpy as np

from kmeans_core.clustering import kernels


def rows(kind, n_points, n_dims, seed):
    """Tables that are hard for 32 bits, each in its own way."""
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(n_points, n_dims))
    return {
        "normal": plain,
        "blobs": plain + 30 * rng.integers(0, 4, (n_points, 1)),
        "ties": rng.integers(0, 3, (n_points, n_dims)).astype(float),
        "near ties": rng.integers(0, 3, (n_points, n_dims)) + 1e-13 * plain,
        "far away": plain + 1e8,
        "denormal": plain * 5e-324 * 100,
        "vanishing squares": plain * 1e-162,
        "tiny": plain * 1e-140,
        "huge": plain * 1e139,
        "one far": np.where(np.arange(n_points)[:, None] == n_points // 2, 1e30, plain),
        "constant column": np.where(np.arange(n_dims) == 0, 7.0, plain),
        "equal": np.full((n_points, n_dims), 0.1),
        "scales": plain * 10.0 ** rng.integers(-12, 12, n_dims),
    }[kind]


KINDS = [
    "normal", "blobs", "ties", "near ties", "far away", "denormal", "vanishing squares", "tiny", "huge",
    "one far", "constant column", "equal", "scales",
]  # fmt: skip


def brute(points, centers):
    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    return kernels.assign(columns, centers, np.empty(len(points)))


def made(kind, n_points, n_dims, seed, layout):
    """The table in 64 or 32 bits or as columns, all finite."""
    with np.errstate(over="ignore", under="ignore"):
        points = rows(kind, n_points, n_dims, seed).astype(np.float32 if layout == "32 bits" else np.float64)
    points[~np.isfinite(points)] = 1.0
    return np.asarray(points, order="F" if layout == "columns" else "C")
