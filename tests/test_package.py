"""The package itself: light to import, its names where they should be."""

import json
import subprocess
import sys

import pytest

import kmeans_core


def test_importing_loads_nothing_heavy():
    script = "import json, sys, kmeans_core; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {
        *("numpy", "numba", "pyspark", "pandas", "PIL", "sklearn", "scipy", "dask", "streamlit", "plotly")
    }


@pytest.mark.parametrize("name", kmeans_core.__all__)
def test_every_public_name_is_there(name):
    assert getattr(kmeans_core, name).__doc__


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'kmeans'"):
        kmeans_core.kmeans  # noqa: B018
