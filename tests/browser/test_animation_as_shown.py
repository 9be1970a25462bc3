"""Animations as Chromium decodes them: another reader than the one we write with."""

import base64

import numpy as np
import pytest

from kmeans_core.images.animation import Animation, quantize_animation
from kmeans_core.images.animation_files import ANIMATION_FORMATS, animation_bytes
from tests.images.test_animation import FAST, rgba, scene

pytestmark = pytest.mark.browser

_DECODED = """async ({ data, type }) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const decoder = new ImageDecoder({ data: bytes, type });
    await decoder.tracks.ready;
    const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
    const frames = [];
    for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
        const { image } = await decoder.decode({ frameIndex });
        const canvas = new OffscreenCanvas(image.codedWidth, image.codedHeight).getContext("2d");
        canvas.drawImage(image, 0, 0);
        const pixels = canvas.getImageData(0, 0, image.codedWidth, image.codedHeight).data;
        frames.push({ milliseconds: image.duration / 1000, pixels: [...pixels] });
    }
    return { frames, repetitions: repetitionCount === Infinity ? 0 : repetitionCount + 1 };
}"""


@pytest.mark.parametrize("kind", sorted(ANIMATION_FORMATS))
@pytest.mark.parametrize("hidden", [False, True])
def test_frames_times_and_repetitions(page, app, kind, hidden):
    made = scene(5, hidden=hidden)
    animation = Animation(made.frames, made.durations, 3)
    quantized = quantize_animation(animation, FAST)
    page.goto(f"{app.url}/_stcore/health")
    data = base64.b64encode(animation_bytes(quantized, kind)).decode()
    shown = page.evaluate(_DECODED, {"data": data, "type": f"image/{kind}"})
    assert [frame["milliseconds"] for frame in shown["frames"]] == list(animation.durations)
    assert shown["repetitions"] == 3
    for frame, expected in zip(shown["frames"], rgba(quantized), strict=True):
        assert np.array_equal(np.reshape(frame["pixels"], expected.shape), expected)
