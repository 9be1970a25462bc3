"""Workers have the package as a ZIP file in a folder of each run, and compile once for all of them."""

import json
import subprocess
import sys

from kmeans_core.backends.packaging import zipped_package

SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from kmeans_core.images import jit_histogram
from kmeans_core.clustering import jit_kernels
assert jit_histogram.__file__.startswith(sys.argv[1])
print(json.dumps([module.stats.cache_path for module in (jit_histogram.paint, jit_kernels.assign)]))
"""


def folders(zip_file):
    command = [sys.executable, "-c", SCRIPT, str(zip_file)]
    done = subprocess.run(command, cwd=zip_file.parent, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_copy_keeps_its_code_in_the_same_place(tmp_path):
    copies = [tmp_path / "one", tmp_path / "two"]
    for copy in copies:
        copy.mkdir()
    first, second = (folders(zipped_package(copy)) for copy in copies)
    assert first == second
    assert len(set(first)) == 2  # a folder of each module
