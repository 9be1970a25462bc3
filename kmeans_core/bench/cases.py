"""What is measured: one picture, one backend, one number of colors, one number of iterations."""

from dataclasses import dataclass

from kmeans_core.images.picture import Picture

# The paper's largest case.
PAPER_COLORS = 10
PAPER_ITERATIONS = 50


@dataclass(frozen=True, eq=False)
class Case:
    """Exactly `n_iter` iterations from centers that `seed` draws at random, the same for every backend."""

    picture: Picture
    backend: str
    n_colors: int = PAPER_COLORS
    n_iter: int = PAPER_ITERATIONS
    seed: int = 0
