"""The compiled backend where its compiled code cannot be kept."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os
os.access = lambda path, mode: False  # what the system answers a nameless user; root is never refused
from kmeans_core import cluster
print(cluster([[0.0], [2.0], [9.0]], 2).inertia)
import numba
print(numba.config.CACHE_DIR)
"""


def test_compiled_code_goes_to_a_temporary_folder_where_nothing_else_can_be_written():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    inertia, folder = done.stdout.splitlines()
    assert inertia == "2.0"
    assert "kmeans-studio-numba-" in folder
    assert list(Path(folder).rglob("*.nbi"))
