"""The compiled backend where little or nothing is compiled yet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numpy.testing import assert_array_equal

from kmeans_core import cluster
from kmeans_core.backends.numba_ import NumbaBackend
from kmeans_core.images.compiling import compile_in_background, is_compiled

SCRIPT = """
import os
os.access = lambda path, mode: False  # what the system answers a nameless user; root is never refused
from kmeans_core import cluster
from kmeans_core.backends.numba_ import NumbaBackend
backend = NumbaBackend(avoid_compiling=True)
print(cluster([[0.0], [2.0], [9.0]], 2, backend=backend, max_iter=10**9).inertia)
import numba
from pathlib import Path
print(numba.config.CACHE_DIR)
print(len(list(Path(numba.config.CACHE_DIR).rglob("*.nbi"))))
"""


def test_compiled_code_goes_to_a_temporary_folder_where_nothing_else_can_be_written():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    inertia, folder, n_compiled = done.stdout.splitlines()
    assert inertia == "2.0"
    assert "numba-" in folder
    assert int(n_compiled) > 0
    assert not Path(folder).exists()  # it went with its process


@pytest.mark.parametrize("max_iter", [8, 80])
def test_in_a_hurry_the_same_to_the_last_bit(raccoon, max_iter):
    avoid_compiling, patient = (
        cluster(raccoon.colors, 24, weights=raccoon.counts, backend=backend, max_iter=max_iter, seed=5)
        for backend in (NumbaBackend(avoid_compiling=True), NumbaBackend())
    )
    assert_array_equal(avoid_compiling.centers, patient.centers)
    assert_array_equal(avoid_compiling.labels, patient.labels)
    assert avoid_compiling.inertia == patient.inertia


@pytest.mark.parametrize(
    ("n_iter", "expected"),
    [(5, set()), (10**9, {"jit_centers", "jit_tables"})],
)
def test_a_fit_that_avoids_compiling_compiles_the_iteration_or_nothing(tmp_path, n_iter, expected):
    script = f"""
from kmeans_core import cluster
from kmeans_core.backends.numba_ import NumbaBackend
cluster([[0.0], [2.0], [9.0]], 2, backend=NumbaBackend(avoid_compiling=True), max_iter={n_iter})
"""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert {file.name.split(".")[0] for file in tmp_path.rglob("*.nbi")} == expected


def test_compiled_in_a_process_of_its_own():
    compiling = compile_in_background()
    assert compile_in_background() is compiling
    assert compiling.wait(timeout=120) == 0
    assert is_compiled("bayer")
