"""Perceived quality by color space: the claim of docs/benchmarks.md, on its pictures."""

import json

import pytest

from kmeans_core.__main__ import main
from kmeans_core.bench.measuring.perceived import (
    BEGIN,
    END,
    PictureDifferences,
    as_markdown,
    means,
    measure_perceived,
)
from tests.conftest import ASSETS


def test_oklab_is_nearer_than_srgb_and_than_libimagequant():
    rows = measure_perceived(ASSETS / "samples" / name for name in ("cat.png", "rocket.jpg", "temple.jpg"))
    found = means(rows)
    assert found["oklab"] < found["srgb"]
    assert found["oklab"] < found["libimagequant"]
    assert found["lab"] < found["oklab"]


def test_the_table():
    row = PictureDifferences(
        "a.png", {"srgb": 2.0, "linear": 3.0, "lab": 1.0, "oklab": 1.5, "libimagequant": 1.75}
    )
    lines = as_markdown([row]).splitlines()
    assert lines[2] == "| a.png | 2.00 | 3.00 | **1.00** | 1.50 | 1.75 |"
    assert lines[3].startswith("| **mean** |")


def test_the_command(capsys, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    horse = str(ASSETS / "samples" / "horse.png")
    assert main(["benchmark", "--preset", "spaces", "--image", horse, "--write", str(readme), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["means"]["srgb"] == 0  # no more than 256 colors: an exact copy
    assert "| horse.png |" in readme.read_text()
    assert "old" not in readme.read_text()


@pytest.mark.parametrize("option", ["colors", "iterations"])
def test_what_does_not_go_together(capsys, option):
    assert main(["benchmark", "--preset", "spaces", f"--{option}", "3"]) == 2
    assert f"--preset spaces and --{option} do not go together" in capsys.readouterr().err
