"""Numba's compiler as every compiled module here uses it.

A compiled function calls compiled functions of its own module only: what Numba keeps on disk is renewed when
that file changes, not when others do (https://numba.readthedocs.io/en/stable/developer/caching.html).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from kmeans_core.temporary import new_folder

Function = TypeVar("Function", bound=Callable[..., object])


def _ensure_cache_folder() -> None:
    """Keeps compiled code in a temporary folder if neither this package's folder nor the home can be written,
    as on hosts that run a container as an unnamed user.
    """
    if numba.config.CACHE_DIR:
        return
    package = Path(__file__).parent
    try:
        home = Path.home()
    except RuntimeError:
        home = package
    if not any(os.access(folder, os.W_OK) for folder in (package, home)):
        numba.config.CACHE_DIR = str(new_folder("numba"))


def _share_between_copies() -> None:
    """See `zip_locator.py`. What other packages compile is kept where Numba keeps it."""
    # A version of Numba that has no such setting compiles anew in each run.
    if ".zip" in __file__ and not getattr(numba.config, "CACHE_LOCATOR_CLASSES", "unknown"):
        usual = ("UserProvidedCacheLocator", "InTreeCacheLocator", "UserWideCacheLocator")
        ours = f"{__package__}.zip_locator.SameForEveryCopy"
        numba.config.CACHE_LOCATOR_CLASSES = ",".join((*usual, "IPythonCacheLocator", ours))


_ensure_cache_folder()
_share_between_copies()


def compiled(function: Function) -> Function:
    """Compiles a function at its first call, keeps the result on disk, and runs it without the GIL."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def compiled_in_any_order(function: Function) -> Function:
    """The same for sums that are exact in any order (whole numbers below 2⁵³, no NaN), so that they can be
    vectorized.
    """
    return cast(Function, numba.njit(cache=True, nogil=True, fastmath={"reassoc", "nnan", "nsz"})(function))


def compiled_in_lanes(function: Function) -> Function:
    """The same for floats whose rounding is accounted for, in whatever order they are added and fused."""
    return cast(
        Function, numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})(function)
    )


def is_compiled(module: Any, name: str) -> bool:
    """Whether a function of a module has been compiled, in this process or on disk."""
    code = getattr(module, name)
    if code.signatures:
        return True
    written = Path(module.__file__).stat().st_mtime
    index_files = Path(code.stats.cache_path).glob(f"{module.__name__.rpartition('.')[2]}.{name}-*.nbi")
    return any(file.stat().st_mtime >= written for file in index_files)
