"""Backends as results name them: what they say of themselves, even where they are no longer installed."""

from kmeans_core.backends import load_backend
from kmeans_core.backends.base import Backend, BackendBase, Fit, Traits
from kmeans_core.errors import BackendUnavailableError, KMeansError
from kmeans_core.options import FitOptions
from kmeans_core.types import FloatArray, OnIteration, RealArray


def described(name: str) -> Backend:
    """The backend of that name, or a stand-in that shows it by its name alone, last and in gray."""
    try:
        return load_backend(name)
    except KMeansError:
        return _Gone(name)


def title_of(name: str) -> str:
    """What people call a backend."""
    return described(name).title


def color_of(name: str) -> str:
    """Of a backend, in every chart."""
    return described(name).color


def sentence_name(name: str, *, first: bool = False) -> str:
    """A backend inside a sentence, or as its first words: "the paper's NumPy", "Numba"."""
    backend = described(name)
    if backend.in_text == backend.title:
        return backend.title
    return backend.in_text[0].upper() + backend.in_text[1:] if first else backend.in_text


def rival_of(name: str) -> str | None:
    """The yardstick whose time a backend's is compared with."""
    return described(name).rival or None


def address_of(name: str) -> str:
    """Where a backend would run now: the cluster that is set, or "" for this machine."""
    return load_backend(name).address()


def in_order(names: set[str]) -> list[str]:
    """The names in the order of lists, legends and tables."""
    return sorted(names, key=lambda name: (described(name).order, name))


class _Gone(BackendBase):
    summary = "Not installed here."
    traits = Traits(own=False)
    order = 1000
    compared_on: tuple[str, ...] = ()

    def __init__(self, name: str) -> None:
        self.name = self.title = name

    def missing(self) -> str:
        return "The package that brought it is not installed."

    def fit(
        self,
        points: RealArray,
        weights: RealArray,
        centers: FloatArray | None,
        options: FitOptions,
        on_iteration: OnIteration | None,
    ) -> Fit:
        raise BackendUnavailableError(f"The backend {self.name} cannot run here: {self.missing()}")
