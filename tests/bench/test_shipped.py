"""What comes with the project and what its documents say of it: the same figures, of the kernels as they are.

Whoever changes a kernel measures again, with `make bench`.
"""

import json

import pytest

from kmeans_core.bench.analysis.ceilings import ceiling_rows
from kmeans_core.bench.analysis.targets import MachineMeasurements, target_rows
from kmeans_core.bench.analysis.view import View
from kmeans_core.bench.measuring import table_peers
from kmeans_core.bench.measuring.cases import PictureSource
from kmeans_core.bench.measuring.machine import is_same_code
from kmeans_core.bench.output import collection_report, peer_report, readme, target_text
from kmeans_core.bench.records.results import Results
from kmeans_core.bench.records.shipped import FOLDER, RACCOON, shipped_repetitions
from kmeans_core.locations import APP

LIMITS = FOLDER / "limits.json"


def view():
    return View.of(Results(shipped_repetitions()), PictureSource.of(RACCOON).key)


def targets():
    environment = json.loads(LIMITS.read_text("utf-8"))["environment"]
    machine = MachineMeasurements.load(LIMITS, environment)
    peers = peer_report.PeerComparison.load(peer_report.SHIPPED)
    rows = target_rows(view(), peers.results, machine)
    return target_text.as_markdown(rows, ceiling_rows(view(), machine), environment)


def collections():
    return collection_report.as_markdown(
        collection_report.CollectionComparison.load(collection_report.SHIPPED)
    )


SECTIONS = {
    "benchmarks.md, paper": ("benchmarks.md", readme, lambda: readme.section(view())),
    "benchmarks.md, peers": (
        "benchmarks.md",
        peer_report,
        lambda: peer_report.as_markdown(peer_report.PeerComparison.load(peer_report.SHIPPED)),
    ),
    "benchmarks.md, tables": (
        "benchmarks.md",
        table_peers,
        lambda: table_peers.as_markdown(table_peers.TableComparison.load(table_peers.SHIPPED)),
    ),
    "benchmarks.md, targets": ("benchmarks.md", target_text, targets),
    "collections.md": ("collections.md", collection_report, collections),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_documents_say_what_is_shipped(name):
    document, module, made = SECTIONS[name]
    text = (APP / "docs" / document).read_text("utf-8")
    written = text.partition(module.BEGIN)[2].partition(module.END)[0]
    assert written.strip() == made()


def test_cells_were_measured_with_these_kernels():
    outdated = [
        cell.case for cell in Results(shipped_repetitions()).where(lambda case: True) if cell.is_outdated
    ]
    assert not outdated


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_files_were_measured_with_these_kernels(path):
    assert is_same_code(json.loads(path.read_text("utf-8"))["environment"])
