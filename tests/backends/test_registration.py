"""A backend that is registered in one place is everywhere: API, command line, pages, benchmark."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kmeans_core import available_backends, cluster
from kmeans_core.__main__ import main
from kmeans_core.backends import compared_backends, register_backend, registry, unregister_backend
from kmeans_core.bench.analysis.verdict import verdict
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.described import described, title_of
from kmeans_core.bench.measuring.cases import BlobsSource, Case, Plan
from kmeans_core.bench.measuring.machine import describe_environment, machine_id
from kmeans_core.bench.measuring.presets import grid
from kmeans_core.bench.measuring.runner import run_plan
from kmeans_core.bench.output.charts import backends_chart
from kmeans_core.bench.output.tables import leaderboard
from kmeans_core.bench.records.results import DONE
from kmeans_core.bench.records.store import Store
from kmeans_core.errors import BackendUnavailableError, OptionError, UnsupportedOptionError
from pages.components.shared.backends import backends as known_to_pages
from tests.app.pages import open_page

TOY = "tests.toy_backend:ToyBackend"


@pytest.fixture
def toy():
    register_backend("toy", TOY)
    known_to_pages.clear()
    yield "toy"
    unregister_backend("toy")
    known_to_pages.clear()


def test_in_the_list_and_in_a_fit(toy, blobs):
    row = next(row for row in available_backends() if row.name == toy)
    assert (row.title, row.available, row.version) == ("Toy", True, "toy 1.0")
    assert_array_equal(cluster(blobs, 4, backend=toy).labels, cluster(blobs, 4, backend="numpy").labels)


@pytest.mark.parametrize("command", ["quantize", "table", "benchmark"])
def test_in_the_help_of_commands(toy, command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "toy" in capsys.readouterr().out


@pytest.mark.parametrize(("page", "key"), [("", "backend"), ("tables", "table_backend")])
def test_among_the_choices_of_pages(toy, page, key):
    app = open_page(page)
    assert "Toy" in app.selectbox(key=key).options
    app.selectbox(key=key).set_value(toy).run()
    assert not app.exception
    assert not app.error


def test_in_the_sentences_that_name_able_backends(toy, blobs):
    with pytest.raises(UnsupportedOptionError, match=r"cannot run a fixed number of iterations; use .*toy"):
        cluster(blobs, 4, backend="sklearn", early_stop=False)


def test_measured_drawn_ranked_and_judged(toy, tmp_path):
    assert toy in [backend.name for backend in compared_backends("quick")]
    source, store = BlobsSource(500), Store(tmp_path / "results.sqlite3")
    run_plan(Plan.of(grid([source], ["numpy", toy], [4], [3])), store, repeat=1)
    assert {row.status for row in store.repetitions()} == {DONE}
    environment = describe_environment()
    view = View.of(store.results(machine_id(environment)), source.key)
    assert toy in leaderboard(view).backends
    drawn = backends_chart(view, 4, 3).figure.data[0]
    assert "Toy" in drawn.y
    assert drawn.marker.color[drawn.y.index("Toy")] == "#123456"
    fastest = min(view.cells_at(4, 3), key=lambda cell: cell.seconds)
    assert title_of(fastest.case.backend) in verdict(view, 4, 3)


def test_results_of_a_backend_that_is_gone_are_still_shown():
    case = Case("s", "toy", 2, 1, 1)
    assert case.title == "toy, 2 colors, 1 iteration"
    assert described("toy").order > max(backend.order for backend in compared_backends())


@pytest.mark.parametrize(
    ("name", "location", "message"),
    [("numpy", TOY, "The name 'numpy' is taken"), ("toy", "tests.toy_backend", "write it as 'module:Class'")],
)
def test_what_cannot_be_registered(name, location, message):
    with pytest.raises(OptionError, match=message):
        register_backend(name, location)


def test_code_that_does_not_load_is_said_and_spoils_nothing(blobs):
    register_backend("broken", "no.such.module:Broken")
    try:
        assert "broken" not in [row.name for row in available_backends()]
        with pytest.raises(
            BackendUnavailableError, match=r"broken cannot be loaded from no\.such\.module:Broken"
        ):
            cluster(blobs, 2, backend="broken")
    finally:
        unregister_backend("broken")


ASK = """
import numpy as np
from kmeans_core import available_backends, cluster
print([row.version for row in available_backends() if row.name == "toy"])
print(cluster(np.arange(8.0).reshape(-1, 1), 2, backend="toy").backend)
"""


def test_as_an_installed_package(tmp_path):
    """What an installer leaves behind: the module, and the metadata with the entry point."""
    module = Path(__file__).parents[1] / "toy_backend.py"
    (tmp_path / "toy_package.py").write_bytes(module.read_bytes())
    metadata = tmp_path / "toy_package-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-package\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[{registry.ENTRY_POINTS}]\ntoy = toy_package:ToyBackend\nnumpy = toy_package:ToyBackend\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["['toy 1.0']", "toy"]
    assert "numpy" in done.stderr  # a name of ours is not given away, and that is said


def test_every_backend_says_all_there_is_to_say():
    for backend in registry.all_backends():
        assert backend.title
        assert backend.summary.endswith(".")
        assert len(backend.color) == 7
        assert not backend.rival or registry.load_backend(backend.rival).yardstick
    orders = [backend.order for backend in registry.all_backends()]
    assert orders == sorted(set(orders))
    assert np.all(np.array(orders) >= 0)
