"""`quantize` on animated pictures: every frame, its time and the repetitions come back, or it is said."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kmeans_core.__main__ import main
from kmeans_core.images.animation import FOREVER, load_animation
from tests.commands.calls import fails
from tests.images.test_animation import saved, scene


@pytest.fixture
def clip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "clip.gif"
    file.write_bytes(saved(scene(), "gif", loop=0))
    return file


def test_twelve_frames_in_and_out(clip, capsys):
    assert main(["quantize", str(clip), "--colors", "4", "--palette", "clip.json", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["output"], report["frames"]) == ("clip-4-colors.gif", 12)
    assert (report["width"], report["height"]) == (30, 20)
    palette = [color["hex"] for color in report["palette"]]
    before, after = load_animation(clip), load_animation("clip-4-colors.gif")
    assert after.durations == before.durations
    assert (len(after.frames), after.plays) == (12, FOREVER)
    shown = {
        bytes(color).hex()
        for frame in after.frames
        for color in np.unique(frame.pixels.reshape(-1, 3), axis=0)
    }
    assert {f"#{color}" for color in shown} <= set(palette)
    assert "first is used" not in " ".join(report["notes"])
    written = json.loads(Path("clip.json").read_text())
    assert [color["hex"] for color in written["colors"]] == palette


@pytest.mark.parametrize(("name", "kind"), [("out.webp", "WEBP"), ("out.png", "PNG")])
def test_into_another_format(clip, capsys, name, kind):
    assert main(["quantize", str(clip), "--colors", "4", "--output", name]) == 0
    assert f"{name}: 12 frames of 30×20" in capsys.readouterr().out
    with Image.open(name) as image:
        assert (image.format, image.n_frames) == (kind, 12)


def test_the_first_frame_alone_on_demand(clip, capsys):
    assert main(["quantize", str(clip), "--colors", "4", "--frames", "first"]) == 0
    assert "Has 12 frames; the first is used." in capsys.readouterr().out
    with Image.open("clip-4-colors.png") as image:
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("option", [["--target", "psnr=30"], ["--colors", "4", "--measures"]])
def test_what_is_for_still_pictures(clip, capsys, option):
    said = fails(capsys, "quantize", clip, *option)
    assert (
        f"clip.gif has 12 frames, and {option[-2 if '=' in option[-1] else -1]} is for still pictures" in said
    )
    assert "--frames first" in said


def test_among_others_the_first_frame_is_taken_and_that_is_said(clip, capsys):
    assert main(["quantize", str(clip), "--colors", "4,8", "--output", "out/"]) == 0
    said = capsys.readouterr().out
    assert said.count("Has 12 frames; the first is used.") == 2
