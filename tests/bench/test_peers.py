"""Other people's quantizers: they run for real, are judged alike, and their figures are read back."""

import json

import numpy as np
import pytest
from PIL import Image

from kmeans_core.__main__ import main
from kmeans_core.bench.measuring import peers
from kmeans_core.bench.measuring.peers import PEERS, REFERENCE, PeerResult, measure_peers, summarize
from kmeans_core.bench.output.peer_report import (
    BEGIN,
    END,
    PeerComparison,
    as_text,
    pareto_chart,
    write_peers,
)
from kmeans_core.errors import OptionError, OutputError, StoreError

MACHINE = {"cpu": "A chip", "cores": 2, "memory_gb": 8, "system": "Linux", "python": "3.11"}


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """Four flat colors, with a little noise."""
    rng = np.random.default_rng(0)
    colors = np.array([[250, 10, 10], [10, 250, 10], [10, 10, 250], [240, 240, 240]])
    pixels = colors[rng.integers(0, 4, (40, 50))] + rng.integers(-3, 4, (40, 50, 3))
    path = tmp_path_factory.mktemp("peers") / "four.png"
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)
    return path


def test_everybody_finds_four_colors(picture):
    found = {row.peer: row for row in measure_peers([picture], [4], repeat=1)}
    assert list(found) == list(PEERS)
    for name, row in found.items():
        assert row.picture == "four.png"
        assert row.seconds > 0
        if not name.startswith("pillow"):  # which is quick rather than good
            assert row.used == 4
            assert row.mse < 20, name  # noise of variance 4 in each channel


def test_a_missing_package_is_said(picture, monkeypatch):
    other = peers.Peer("X", "x", "no-such-package", lambda *_: None)
    monkeypatch.setitem(peers.PEERS, "x", other)
    with pytest.raises(
        OptionError, match=r"needs no-such-package; run: pip install -r requirements-dev\.txt"
    ):
        list(measure_peers([picture]))


def result(peer, picture, seconds, mse, colors=16):
    return PeerResult(picture, 1.0, colors, peer, seconds, mse, colors)


RESULTS = (
    result(REFERENCE, "a", 2.0, 10.0),
    result(REFERENCE, "b", 4.0, 20.0),
    result("fast", "a", 0.5, 9.0),
    result("fast", "b", 1.0, 22.0),
    result("opencv", "a", 5.0, 12.0),
)


def test_shares_of_the_reference():
    rows = {row.peer: row for row in summarize(RESULTS)}
    assert rows["fast"].times == pytest.approx(1.5 / 6)
    assert rows["fast"].error == pytest.approx((0.9 + 1.1) / 2)
    assert (rows["fast"].better, rows["fast"].pictures, rows["fast"].seconds) == (1, 2, 1.5)
    # On the picture that it was measured on.
    assert rows["opencv"].times == pytest.approx(2.5)
    assert rows["opencv"].error == pytest.approx(1.2)


def test_as_text_and_chart():
    comparison = PeerComparison(MACHINE, RESULTS)
    text = as_text(comparison)
    assert "16 colors" in text
    assert "−0.0 %" in text or "+0.0 %" in text
    chart = pareto_chart(comparison, 16)
    assert [row["quantizer"] for row in chart.data][:1] == ["K-means Studio, fast"]
    front = chart.figure.data[0]
    assert list(front.x) == pytest.approx([0.25])  # faster than the reference, and no worse
    assert pareto_chart(comparison, 99).is_empty


def test_saved_loaded_and_written(tmp_path):
    comparison = PeerComparison(MACHINE, RESULTS)
    comparison.save(tmp_path / "folder" / "peers.json")
    assert PeerComparison.load(tmp_path / "folder" / "peers.json") == comparison
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_peers(comparison, readme)
    text = readme.read_text()
    assert "| K-means Studio, fast | +0.0 %, 1.50 s |" in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    (tmp_path / "other.md").write_text("no marks")
    with pytest.raises(OutputError, match="lacks the lines"):
        write_peers(comparison, tmp_path / "other.md")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(StoreError, match=r"bad\.json has no comparison with peers"):
        PeerComparison.load(tmp_path / "bad.json")


def test_the_command(picture, tmp_path, capsys, monkeypatch):
    quick = {name: PEERS[name] for name in ("fast", REFERENCE, "libimagequant")}
    monkeypatch.setattr(peers, "PEERS", quick)
    monkeypatch.setattr(
        peers.measure_peers, "__kwdefaults__", {"repeat": 1, "peers": tuple(quick), "known": ()}
    )
    store = ["--store", str(tmp_path / "store.sqlite3")]
    call = [
        "benchmark",
        "--preset",
        "peers",
        "--image",
        str(picture),
        "--colors",
        "4",
        "--repeat",
        "1",
        *store,
    ]
    assert main([*call, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["peer"] for row in report["results"]] == list(quick)
    stored = (tmp_path / "peers.json").read_text()
    assert main([*call, "--json"]) == 0  # what is there is not measured again
    capsys.readouterr()
    assert (tmp_path / "peers.json").read_text() == stored
    for extra, said in (
        (["--iterations", "3"], "--preset peers and --iterations do not go together"),
        (["--colors", "300"], "takes --colors from 2 to 256"),
    ):
        assert main([*call, *extra]) == 2
        assert said in capsys.readouterr().err
