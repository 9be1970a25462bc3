"""Colors of files as a browser shows them: what their chunks mean, by Chromium."""

import base64

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from kmeans_core import load_picture
from tests.images.made_pictures import (
    DISPLAY_P3,
    RGB,
    SRGB,
    avif,
    chromaticities,
    chunk,
    code_points,
    embedded,
    gamma,
    png,
    srgb_profile,
)

COLORS = np.array(
    [[[200, 120, 60], [60, 120, 200], [10, 20, 30], [128, 128, 128], [255, 0, 0], [5, 5, 5]]], dtype=np.uint8
)
GAMMAS = [1, 38462, 41667, 43000, 44000, 45455, 47000, 48000, 55556, 100_000, 220_000]
CHUNKS = {
    **{f"gamma {stored}": [gamma(stored)] for stored in GAMMAS},
    "primaries alone": [chromaticities(DISPLAY_P3)],
    "primaries": [gamma(45455), chromaticities(DISPLAY_P3)],
    "primaries of sRGB": [gamma(45455), chromaticities(SRGB)],
    "another white": [gamma(45455), chromaticities((0.3457, 0.3585, *SRGB[2:]))],
    "impossible": [gamma(45455), chromaticities([0] * 8)],
    "sRGB before gamma": [chunk(b"sRGB", b"\0"), gamma(100_000)],
    "code points before sRGB": [code_points(12, 13), chunk(b"sRGB", b"\0")],
    "code points before a profile": [code_points(12, 13), embedded(srgb_profile())],
    **{f"primaries {at}": [code_points(at, 13)] for at in (1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 22)},
    **{f"curve {at}": [code_points(1, at)] for at in (1, 2, 4, 5, 6, 8, 11, 13, 14, 15)},
    "narrow range": [code_points(12, 13, 0, 0)],
}
# On a canvas of sRGB.
DRAWN = """async url => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return [...canvas.getImageData(0, 0, image.width, image.height).data];
}"""


@pytest.fixture(scope="module")
def blank(chromium):
    page = chromium.new_page()
    yield page
    page.close()


def as_shown(page: Page, data: bytes, kind: str) -> np.ndarray:
    address = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return np.array(page.evaluate(DRAWN, address)).reshape(-1, 4)[:, :3]


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_chunks_of_png(blank, chunks):
    data = png(COLORS, RGB, *chunks)
    assert np.abs(as_shown(blank, data, "png") - load_picture(data).pixels[0]).max() <= 1


@pytest.mark.parametrize("numbers", [(1, 13), (12, 13), (9, 13), (1, 1), (6, 6), (9, 14), (1, 8), (2, 2)])
def test_primaries_and_curves_of_avif(blank, numbers):
    image = Image.fromarray(COLORS.repeat(16, axis=0).repeat(16, axis=1))
    data = avif(image, *numbers)
    pixels = load_picture(data).pixels.reshape(-1, 3)
    assert np.abs(as_shown(blank, data, "avif") - pixels).max() <= 2
