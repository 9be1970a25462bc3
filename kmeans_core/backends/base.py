"""What a backend is: a protocol, what it says about itself, and the fit it hands back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from kmeans_core.clustering import seeding
from kmeans_core.errors import UnsupportedOptionError
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, Iteration, LabelArray, OnIteration, RealArray

if TYPE_CHECKING:
    from kmeans_core.backends.distributed import CachingWorkers, SequentialWorkers

# The comparison of all backends on one case; the others are presets of the benchmark.
HEAD_TO_HEAD = "backends"


@dataclass(frozen=True)
class Traits:
    """What a backend can do. Asking for more is an error that names a backend that can.

    Attributes
    ----------
    own : bool
        Runs our loop, hence gives bit-identical centers and labels on 8-bit colors.
    initial_centers, fixed_iterations : bool
        Accepts initial centers, or else chooses its own; can run exactly `max_iter` (`early_stop=False`).
    history, progress : bool
        Its result records every iteration with inertia, shift and changed labels; it calls `on_iteration`.
    distributed, per_pixel : bool
        Splits the points over processes or machines; treats a point of weight n as n points.
    reads_files, full_silhouette : bool
        Has `workers()` that read tables from files; can measure the silhouette of all points where they are.
    inits, seeds_in_fit, distances : tuple of str
        Seeding methods; those of them that `fit()` does itself, where the points are; distances.
    """

    own: bool
    initial_centers: bool = True
    history: bool = True
    progress: bool = True
    fixed_iterations: bool = True
    distributed: bool = False
    per_pixel: bool = False
    reads_files: bool = False
    full_silhouette: bool = False
    inits: tuple[str, ...] = seeding.INIT_METHODS
    seeds_in_fit: tuple[str, ...] = ()
    distances: tuple[str, ...] = ("euclidean",)

    @property
    def fixed_centers(self) -> bool:
        """Whether it supports fixed centers: our loop does."""
        return self.own


@dataclass(frozen=True)
class Work:
    """What a fit has to do, as far as its time depends on it.

    Attributes
    ----------
    n_points, n_dims, n_clusters, n_iter : int
        Numbers of points, coordinates, clusters and iterations.
    counted : bool, default False
        8-bit colors with whole numbers of pixels by Euclidean distances, of which compiled code skips most.
    """

    n_points: int
    n_dims: int
    n_clusters: int
    n_iter: int
    counted: bool = False

    @property
    def differences(self) -> float:
        """Differences of coordinates to square: one for each coordinate of each pair of point and center."""
        return float(self.n_points) * self.n_dims * self.n_clusters * self.n_iter


@dataclass(frozen=True, eq=False)
class Fit:
    """What a backend hands to `cluster()`.

    Attributes
    ----------
    centers, labels : ndarray of float64, shape (k, d); ndarray of int32, shape (n,), or None
        The nearest centers are computed if None.
    n_iter, converged, history, notes
        As in `KMeansResult`.
    seconds : mapping of str to float
        Phases that only the backend can time, such as transfer.
    sums, inertia : ndarray of float64, shape (k, 5), or None; float, or None
        By these labels, as `counted.cluster_sums()` and `kernels.inertia()`, if the backend has them anyway.
    """

    centers: FloatArray
    labels: LabelArray | None
    n_iter: int
    converged: bool
    history: tuple[Iteration, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sums: FloatArray | None = None
    inertia: float | None = None

    def with_seconds(self, **seconds: float) -> "Fit":
        """The same with more phases."""
        return replace(self, seconds={**self.seconds, **seconds})


class Backend(Protocol):
    """One way to run k-means. Instances are cheap: nothing is imported or started before it is needed.

    `BackendBase` has a value for all that most backends leave as it is.

    Attributes
    ----------
    name, title, in_text, summary : str
        In options, links and results; what people call it, and inside a sentence; one sentence for a table.
    traits : Traits
    order : int
        Where it stands in lists, legends and tables: from the slowest idea to the fastest code (0 to 49),
        then what spreads over machines (50 and more).
    color : str
        In every chart, "#0072b2"; see `docs/`.
    yardstick, rival : bool, str
        Only there to be measured against; the yardstick that its time is compared with, or "".
    compared_on : tuple of str
        Comparisons it takes part in, by names of the benchmark's presets; none for a backend that does
        other work in an iteration than the others.
    engine, start_title, warm_up_seconds : str, str, float
        What it runs on that has to be started, "Spark" or "Dask", "" for this process; what `start()` pays
        for, as a few words, or ""; work that an engine needs, once started, until its times stay the same.
    packages : tuple of str
        Distributions whose versions are part of a measurement's environment.
    """

    name: str
    title: str
    summary: str
    traits: Traits
    order: int
    color: str
    yardstick: bool
    rival: str
    engine: str
    start_title: str
    warm_up_seconds: float

    @property
    def compared_on(self) -> tuple[str, ...]: ...

    @property
    def packages(self) -> tuple[str, ...]: ...

    @property
    def in_text(self) -> str:
        """Its title as it stands in the middle of a sentence."""

    def missing(self) -> str | None:
        """Why the backend cannot run here, as a sentence that says what to do; None if it can."""

    def version(self) -> str:
        """Versions of what it runs on, for example "numpy 2.4.6"."""

    def address(self) -> str:
        """Where it runs: "" for this machine, else the cluster that is set, such as "spark://host:7077"."""

    def start(self) -> None:
        """Does what is needed once per process: compiles, starts Java. Calling it again is free."""

    def estimate_seconds(self, work: Work) -> float | None:
        """About how long a fit takes, once started; None if that is not known, or long whatever the work."""

    def workers(self) -> "SequentialWorkers | CachingWorkers":
        """What reads tables from files for it; only asked of backends that can."""

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        """Initial centers, (k, d); only called on backends that accept them."""

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        """Runs k-means on checked input.

        Parameters
        ----------
        points, weights, centers, options, on_iteration
            (n, d); (n,) float64; (k, d), or None if the backend chooses its own; with only k distinct points,
            always these points.
        """


class BackendBase:
    """What most backends leave as it is: pure Python in this process, initial centers by the NumPy kernel.

    To derive from: `name`, `title`, `summary`, `traits` and `fit()` are to be given, see `Backend`.

    Attributes
    ----------
    modules, extra : tuple of str, str
        What `packages` bring, one each, where the names differ; extra of our own package, that brings them.
    """

    name: str
    title: str
    summary: str
    traits: Traits
    order = 100
    color = "#888888"
    yardstick = False
    rival = ""
    compared_on: tuple[str, ...] = (HEAD_TO_HEAD,)
    engine = ""
    start_title = ""
    warm_up_seconds = 0.0
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()  # that they bring, one each, where the names differ
    extra = ""  # of our own package, that brings them

    @property
    def in_text(self) -> str:
        return self.title

    def missing(self) -> str | None:
        modules = self.modules or self.packages
        absent = [
            package
            for package, module in zip(self.packages, modules, strict=True)
            if find_spec(module) is None
        ]
        if not absent:
            return None
        wanted = f"'kmeans-studio[{self.extra}]'" if self.extra else " ".join(absent)
        return f"{self.title} is not installed; run: pip install {wanted}"

    def version(self) -> str:
        if self.missing() is not None:
            return ""
        return ", ".join(f"{package} {version(package)}" for package in self.packages)

    def address(self) -> str:
        return ""

    def start(self) -> None:
        """Nothing to do."""

    def estimate_seconds(self, work: Work) -> float | None:
        return None

    def workers(self) -> "SequentialWorkers | CachingWorkers":
        raise UnsupportedOptionError(f"The backend {self.name} does not read files in chunks.")

    def seed_centers(self, points: RealArray, weights: RealArray, options: FitOptions) -> FloatArray:
        return seeding.seed_centers(
            points, weights, options.n_clusters, method=options.init, seed=options.seed
        )


@dataclass(frozen=True)
class BackendInfo:
    """One row of `available_backends()`.

    Attributes
    ----------
    name, title, summary, version, traits
        Of the `Backend`.
    available, reason : bool, str or None
        Whether it can run here, and why not.
    """

    name: str
    title: str
    summary: str
    available: bool
    reason: str | None
    version: str
    traits: Traits

    @classmethod
    def of(cls, backend: Backend) -> "BackendInfo":
        reason = backend.missing()
        return cls(
            backend.name,
            backend.title,
            backend.summary,
            reason is None,
            reason,
            backend.version(),
            backend.traits,
        )
