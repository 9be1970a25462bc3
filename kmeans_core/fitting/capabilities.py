"""What is asked of a backend, compared with what it can do."""

from collections.abc import Callable
from typing import Any

from kmeans_core.backends import capable_backends
from kmeans_core.backends.base import Backend, Traits
from kmeans_core.errors import OptionError, UnsupportedOptionError
from kmeans_core.options import FitOptions


def check_capabilities(backend: Backend, options: FitOptions) -> None:
    """Raises UnsupportedOptionError, naming the backends that can, if this one cannot do what is asked, and
    OptionError for what no backend can."""
    traits = backend.traits
    if options.effort != "fast" and options.init == "given":
        raise OptionError(
            f"effort={options.effort!r} searches for initial centers, and init gives them; "
            "leave out one of the two."
        )
    if options.n_fixed > options.n_clusters:
        raise OptionError(
            f"fixed has {options.n_fixed:,} centers, more than n_clusters={options.n_clusters:,}, which "
            "includes them; ask for more clusters, or fix fewer centers."
        )
    for is_asked, is_able, what in (
        (
            True,
            lambda traits: options.distance in traits.distances,
            f"does not support distance={options.distance!r}",
        ),
        (
            options.effort != "fast",
            lambda traits: traits.initial_centers,
            "chooses its own initial centers, so effort has no effect",
        ),
        (
            options.init == "given",
            lambda traits: traits.initial_centers,
            "does not accept initial centers",
        ),
        (
            options.n_fixed > 0,
            lambda traits: traits.fixed_centers,
            "does not support fixed centers",
        ),
        (
            options.init != "given",
            lambda traits: options.init in traits.inits,
            f"does not support init={options.init!r}",
        ),
        (
            not options.early_stop,
            lambda traits: traits.fixed_iterations,
            "cannot run a fixed number of iterations",
        ),
    ):
        if is_asked and not is_able(traits):
            raise _refusal(backend, what, is_able)


def settled(traits: Traits) -> dict[str, Any]:
    """Settings that a backend leaves no choice in.

    Parameters
    ----------
    traits : Traits

    Returns
    -------
    dict of str to object
        Name → the one value that the backend can do.
    """
    found: dict[str, Any] = {}
    if not traits.fixed_iterations:
        found["early_stop"] = True
    if not traits.initial_centers:
        found["effort"] = "fast"
    if len(traits.distances) == 1:
        found["distance"] = traits.distances[0]
    if not traits.full_silhouette:
        found["silhouette"] = "sample"
    if not traits.fixed_centers:
        found["locked"] = ()
    return found


def _refusal(backend: Backend, what: str, is_able: Callable[[Traits], bool]) -> UnsupportedOptionError:
    names = ", ".join(other.name for other in capable_backends(is_able))
    return UnsupportedOptionError(f"The backend {backend.name} {what}; use {names}.")
