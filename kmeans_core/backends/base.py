"""What a backend is: a protocol, its declared traits, and the fit it hands back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Protocol

from kmeans_core.clustering import seeding
from kmeans_core.types import FitOptions, FloatArray, Iteration, LabelArray, OnIteration, RealArray


@dataclass(frozen=True)
class Traits:
    """What a backend can do. Asking for more is an error that names a backend that can.

    own: runs our loop, hence gives bit-identical centers and labels on 8-bit colors.
    initial_centers: starts from the centers it is given; otherwise it seeds by itself.
    history: its result tells every iteration with inertia, shift and changed labels.
    progress: calls `on_iteration`.
    fixed_iterations: can run exactly `max_iter` rounds (`early_stop=False`).
    distributed: splits the points over processes or machines.
    benchmark_only: a yardstick to measure against, not offered for work.
    per_pixel: works through a point of weight n as n points.
    inits: seeding methods by name. seeds_in_fit: those of them that `fit()` does itself, where the points
        are. distances: distances by name.
    """

    own: bool
    initial_centers: bool = True
    history: bool = True
    progress: bool = True
    fixed_iterations: bool = True
    distributed: bool = False
    benchmark_only: bool = False
    per_pixel: bool = False
    inits: tuple[str, ...] = seeding.METHODS
    seeds_in_fit: tuple[str, ...] = ()
    distances: tuple[str, ...] = ("euclidean",)

    @property
    def fixed_centers(self) -> bool:
        """Whether centers can be made to stay: our loop does that."""
        return self.own


@dataclass(frozen=True, eq=False)
class Fit:
    """What a backend hands to `cluster()`.

    centers: (k, d) float64. labels: (n,) int32, the nearest centers, or None to have them computed.
    sums: of counted colors by these labels, as `counted.cluster_sums`, if the backend has them anyway.
    seconds: phases the backend itself can tell apart, such as transfer.
    """

    centers: FloatArray
    labels: LabelArray | None
    n_iter: int
    converged: bool
    history: tuple[Iteration, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sums: FloatArray | None = None

    def with_seconds(self, **seconds: float) -> "Fit":
        """The same with more phases."""
        return replace(self, seconds={**self.seconds, **seconds})


class Backend(Protocol):
    """One way to run k-means. Instances are cheap: nothing is imported or started before it is needed.

    title: what people call it. summary: one sentence for a table. start_phase: what `start()` pays for:
    "jit", "session" (of Spark), "cluster" (of Dask), "import", or nothing ("").
    """

    name: str
    title: str
    summary: str
    start_phase: str
    traits: Traits

    def missing(self) -> str | None:
        """Why the backend cannot run here, as a sentence that says what to do; None if it can."""

    def version(self) -> str:
        """Versions of what it runs on, for example "numpy 2.4.6"."""

    def start(self) -> None:
        """Does what is paid once a process: compiles, starts Java. Calling it again is free."""

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        """First centers, (k, d); only asked of backends that accept initial centers."""

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        """Runs k-means on checked input. points: (n, d). weights: (n,) float64. centers: (k, d), or None
        where the backend seeds by itself, unless there are only k distinct points, then these."""


class SeedsOnDriver:
    """What backends share that start from centers chosen here, by the NumPy kernel."""

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        return seeding.seed_centers(
            points, weights, options.n_clusters, method=options.init, seed=options.seed
        )


class OnNumpy:
    """What backends share that need nothing but NumPy: always there, nothing to pay for first."""

    start_phase = ""

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return f"numpy {version('numpy')}"

    def start(self) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class BackendInfo:
    """One row of `available_backends()`.

    reason: why it cannot run here, or None.
    """

    name: str
    title: str
    summary: str
    available: bool
    reason: str | None
    version: str
    traits: Traits
