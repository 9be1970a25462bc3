"""Settings as values that travel: each field of a record says everything about itself in one place.

A record is a frozen dataclass whose fields are made by `option()`, or are records themselves. A field says
what its setting is called on a page, in a link and on the command line, what is allowed and what it is for;
flags, widgets, links, help and documentation come from that. A new setting is a field, and code that uses it.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any, Self, cast, get_args, get_origin, get_type_hints

_KEY, _WITHOUT = "option", "without"
MAX_ITERATIONS = 2**31 - 1  # what Spark's Java side can hold
MAX_SEED = 2**63 - 1

EFFORTS = {"fast": "Fast", "balanced": "Balanced", "best": "Best"}


@dataclass(frozen=True)
class Option:
    """What is known of one setting.

    Attributes
    ----------
    title, help, advice : str
        Of its widget; what it is, for command line and documentation; when to change it, else `help`.
    choices : mapping of str to str, str or None
        Value → title, or "module:name" of such a mapping, or of a function that returns one.
    least, most, above : float or None
        Bounds of a number: both allowed, and a lower one that is not.
    widget_least, widget_most, step, stops, percent, widget_format, slider
        Where the widget begins and ends, if narrower; its step; the numbers that it offers, if not all;
        whether it shows a hundred times the number; its format; if it is a slider, not a field to type in.
    flag, metavar, slug : str
        On the command line, "--max-iter" (turns off a switch that is on); of the flag; its name in links.
    unit, allowed, also : str
        Of a number, for messages; what is allowed, if bounds do not say it; what is beside the choices.
    """

    title: str
    help: str
    advice: str = ""
    choices: Mapping[str, str] | str | None = None
    least: float | None = None
    most: float | None = None
    above: float | None = None
    widget_least: float | None = None
    widget_most: float | None = None
    step: float | None = None
    percent: bool = False
    widget_format: str = ""
    slider: bool = False
    stops: tuple[float, ...] = ()
    flag: str = ""
    metavar: str = ""
    slug: str = ""
    unit: str = ""
    allowed: str = ""
    also: str = ""


@dataclass(frozen=True)
class Setting:
    """An option where it stands.

    Attributes
    ----------
    path, option, default, kind, is_optional
        `path` leads through the records to its field's name. `kind` is str, int, float, bool or tuple; with
        `is_optional`, None is a value too.
    """

    path: tuple[str, ...]
    option: Option
    default: Any
    kind: type
    is_optional: bool = False

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def slug(self) -> str:
        return self.option.slug or self.name

    @property
    def flag(self) -> str:
        if self.option.flag:
            return self.option.flag
        words = self.name.replace("_", "-")
        return f"--no-{words}" if self.default is True else f"--{words}"

    @property
    def choices(self) -> Mapping[str, str] | None:
        """value → title; None for a setting without a list of values."""
        where = self.option.choices
        if not isinstance(where, str):
            return where
        module, _, name = where.partition(":")
        found = getattr(import_module(module), name)
        return cast(Mapping[str, str], found() if callable(found) else found)


def option(default: Any = MISSING, **about: Any) -> Any:
    """A field of a record.

    Parameters
    ----------
    default, **about
        Its default, and fields of `Option`.
    """
    return field(default=default, metadata={_KEY: Option(**about)})


def nested(record: Callable[[], Any], *, without: tuple[str, ...] = ()) -> Any:
    """A field that is a record itself.

    Parameters
    ----------
    record, without : callable, tuple of str
        What makes the record; names of its settings that are not offered here, and keep their defaults.
    """
    return field(default_factory=record, metadata={_WITHOUT: without})


class Record:
    """What every record can do."""

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """name → setting, in their order, those of records within it in their places."""
        return {setting.name: setting for setting in _settings(cls, ())}

    @classmethod
    def all_settings(cls) -> dict[str, Setting]:
        """The same with those that a record within it is not offered with."""
        return {setting.name: setting for setting in _settings(cls, (), offered=False)}

    @classmethod
    def of(cls, **values: Any) -> Self:
        """A record with these settings, by their names, wherever in it they stand; defaults for the rest."""
        found = cls()
        for name, value in values.items():
            found = found.having(name, value)
        return found

    def having(self, name: str, value: Any) -> Self:
        """The same with another value of one setting, wherever it stands."""
        setting = self.all_settings().get(name)
        if setting is None:
            raise TypeError(f"{type(self).__name__} has no setting {name!r}")
        return cast(Self, _having(self, setting.path, value))

    def values(self) -> dict[str, Any]:
        """name → value of every setting."""
        return {name: _value(self, setting.path) for name, setting in self.settings().items()}


def _settings(
    record: type, path: tuple[str, ...], *, offered: bool = True, made: Any = None
) -> Iterator[Setting]:
    """made: the record that is the default here; None for that of its class."""
    hidden: set[str] = set()
    hints = _hints(record)
    for one in fields(record):
        here = (*path, one.name)
        if _KEY in one.metadata:
            kind, is_optional = _kind(hints[one.name])
            default = one.default if made is None else getattr(made, one.name)
            yield Setting(here, one.metadata[_KEY], default, kind, is_optional)
        elif one.default_factory is not MISSING and is_dataclass(inside := one.default_factory()):
            hidden = set(one.metadata.get(_WITHOUT, ())) if offered else set()
            inner = _settings(type(inside), here, offered=offered, made=inside)
            yield from (setting for setting in inner if setting.name not in hidden)


@cache
def _hints(record: type) -> dict[str, Any]:
    return get_type_hints(record)


def _kind(hint: Any) -> tuple[type, bool]:
    """`float | None` → (float, True), `tuple[str, ...]` → (tuple, False)."""
    if get_origin(hint) is types.UnionType:
        kinds = [kind for kind in get_args(hint) if kind is not types.NoneType]
        return kinds[0], len(kinds) < len(get_args(hint))
    return get_origin(hint) or hint, False


def _having(record: Any, path: tuple[str, ...], value: Any) -> Any:
    head, *rest = path
    inner = _having(getattr(record, head), tuple(rest), value) if rest else value
    return replace(record, **{head: inner})


def _value(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        record = getattr(record, name)
    return record


@dataclass(frozen=True)
class FitOptions(Record):
    """Settings of one fit, which `cluster()` describes and checks before any backend sees them.

    Attributes
    ----------
    n_clusters, backend, init, max_iter, tol, early_stop, distance, seed, effort, n_fixed
        At most as many clusters as distinct points. `init` is "given" where the caller gave the centers,
        and `n_fixed` of them, the first, stay where they are.
    """

    n_clusters: int = option(
        8,
        title="Clusters",
        help="how many clusters",
        advice="The curve beside the picture helps to choose.",
        least=1,
        most=MAX_SEED,
        widget_most=50,
        flag="--clusters",
        metavar="K",
        slug="clusters",
    )
    backend: str = option(
        "numba",
        title="Backend",
        help="what computes it",
        choices="kmeans_core.backends:backend_titles",
    )
    init: str = option(
        "k-means++",
        title="Initial centers",
        help="where the initial centers come from",
        advice="Where the initial centers come from. k-means++ spreads them at random and rarely ends badly; "
        "greedy draws several each time and keeps the best; k-means|| is k-means++ in a few passes, for data "
        "on many machines; splitting cuts the points in two again and again, without chance; maximin always "
        "takes the farthest point, and so favors rare, extreme ones; random draws any; first takes the first "
        "points, which are the darkest colors of a picture.",
        choices="kmeans_core.clustering.seeding:INITS",
        also="or pass an array of centers",
    )
    max_iter: int = option(
        100,
        title="Maximum iterations",
        help="maximum number of iterations",
        advice="More iterations let the centers converge; the convergence curve shows when further ones "
        "change nothing.",
        least=1,
        most=MAX_ITERATIONS,
        widget_most=1000,
        metavar="N",
        slug="iterations",
    )
    tol: float = option(
        0.0,
        title="Tolerance",
        help="stop when no center moves farther than this, in the unit of the points",
        advice="Stop when no center moves farther than this. 0 runs until nothing changes its cluster.",
        least=0,
        stops=(0.0, 0.0001, 0.001, 0.01, 0.1),
        metavar="T",
        slug="tolerance",
    )
    early_stop: bool = option(
        True,
        title="Stop when nothing changes",
        help="run all --max-iter iterations",
        advice="Off always runs the maximum, as the paper does: for comparing times, not for better results.",
    )
    distance: str = option(
        "euclidean",
        title="Distance",
        help="what centers are nearest by; manhattan stands for k-medians",
        choices="kmeans_core.clustering.distances:DISTANCE_TITLES",
    )
    seed: int = option(
        0,
        title="Seed",
        help="seed of every random choice",
        advice="Another seed draws other initial centers, which can give slightly different results.",
        least=0,
        most=MAX_SEED,
        widget_most=2**31 - 1,
        metavar="S",
    )
    effort: str = option(
        "fast",
        title="Effort",
        help="how long to search for better initial centers",
        advice="Balanced and best first search for better initial centers: centers of little use move to "
        "where they help more. The final error is a few percent lower. Balanced takes hardly longer than "
        "fast, best takes seconds.",
        choices=EFFORTS,
    )
    n_fixed: int = 0
