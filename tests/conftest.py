"""What all tests share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from kmeans_core import ColorHistogram, load_picture
from kmeans_core.backends import available_backends
from kmeans_core.images.compiling import compile_in_background, is_compiled
from tests.quick_java import set_environment

ASSETS = Path(__file__).parents[1] / "assets"

set_environment()

# The same examples on every machine, and no limit on how long a first, compiling one may take.
settings.register_profile("studio", deadline=None, derandomize=True)
settings.load_profile("studio")


def require(name: str) -> None:
    """A backend that cannot run here is a reported skip on a laptop and a failure in CI."""
    row = next(row for row in available_backends(yardsticks=True) if row.name == name)
    if row.available:
        return
    message = f"{name} cannot run here: {row.reason}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


# What starts Java, Dask, browsers or servers, or measures.
_LONG_FOLDERS = {"backends", "bench", "browser", "cluster", "commands", "jobs"}
_LONG_FILES = {"test_by_path.py", "test_quantize_page.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first, so that two workers end together."""
    items.sort(
        key=lambda item: item.path.parent.name not in _LONG_FOLDERS and item.path.name not in _LONG_FILES
    )


@pytest.fixture(scope="session", autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Benchmark results of tests, and of the apps they start, are separate from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KMEANS_BENCH_STORE", str(tmp_path_factory.mktemp("store") / "results.sqlite3"))
        yield


@pytest.fixture(scope="session")
def compiled() -> None:
    """All code for pictures is compiled, as `make run` and `make test` leave it."""
    if not is_compiled("bayer", effort="balanced"):
        assert compile_in_background().wait(timeout=300) == 0


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Streamlit's AppTest leaves a script as `__main__`, which processes that Dask starts would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def raccoon() -> ColorHistogram:
    return ColorHistogram.of(load_picture(ASSETS / "raccoon.png"))


@pytest.fixture
def blobs() -> np.ndarray:
    """60 points around four far corners."""
    rng = np.random.default_rng(3)
    corners = np.array([[0, 0], [0, 50], [50, 0], [50, 50]])
    return np.concatenate([corner + rng.normal(size=(15, 2)) for corner in corners])
