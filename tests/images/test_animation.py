"""Animated pictures: no frame, time or repetition is lost, and each frame is of few colors."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.animation import (
    FOREVER,
    Animation,
    QuantizedAnimation,
    load_animation,
    quantize_animation,
)
from kmeans_core.images.animation_files import ANIMATION_FORMATS, animation_bytes
from kmeans_core.images.options import QuantizeOptions
from tests.images.test_quantize import picture_of

FAST = QuantizeOptions.of(n_colors=6, effort="fast")


def scene(n_frames: int = 12, *, hidden: bool = False, seed: int = 0) -> Animation:
    """A square that moves over a noisy background; hidden: outside of a disk."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    rows, columns = np.mgrid[:20, :30]
    frames = []
    for number in range(n_frames):
        pixels = ground.copy()
        pixels[4:9, 2 * number % 24 : 2 * number % 24 + 5] = (200, 10 * number % 256, 30)
        alpha = np.where((rows - 10) ** 2 + (columns - 15 - number) ** 2 < 90, 255, 0).astype(np.uint8)
        frames.append(picture_of(pixels, alpha if hidden else None))
    return Animation(tuple(frames), tuple(20.0 * (1 + number % 3) for number in range(n_frames)), FOREVER)


def saved(animation: Animation, kind: str, **options) -> bytes:
    """Written by Pillow."""
    file = io.BytesIO()
    images = [Image.fromarray(frame.pixels) for frame in animation.frames]
    images[0].save(
        file,
        kind,
        save_all=True,
        append_images=images[1:],
        duration=list(animation.durations),
        **options,
    )
    return file.getvalue()


def rgba(quantized: QuantizedAnimation) -> list[np.ndarray]:
    """What each frame should look like: hidden pixels are all zero."""
    found = []
    for number, indices in enumerate(quantized.frame_indices()):
        colors = quantized.made[0 if quantized.has_one_palette else number].palette.colors
        table = np.zeros((len(colors) + 1, 4), np.uint8)
        table[:-1] = np.hstack([colors, np.full((len(colors), 1), 255)])
        found.append(table[indices])
    return found


def seen(animation: Animation) -> list[np.ndarray]:
    frames = []
    for frame in animation.frames:
        alpha = np.full(frame.pixels.shape[:2], 255, np.uint8) if frame.alpha is None else frame.alpha
        frames.append(np.dstack([np.where(alpha[..., None] > 0, frame.pixels, 0), alpha]))
    return frames


@pytest.mark.parametrize("kind", ["webp", "png"])
def test_every_frame_is_read_with_its_time_and_the_repetitions(kind):
    made = scene()
    options = {"lossless": True} if kind == "webp" else {}
    read = load_animation(saved(made, kind, loop=3, **options))
    assert read.durations == made.durations
    assert read.plays == 3
    for found, expected in zip(read.frames, made.frames, strict=True):
        assert_array_equal(found.pixels, expected.pixels)


@pytest.mark.parametrize(("loop", "plays"), [(None, 1), (0, FOREVER), (4, 5)])
def test_a_gif_counts_how_often_it_starts_again(loop, plays):
    animation = load_animation(saved(scene(3), "gif", **({} if loop is None else {"loop": loop})))
    assert animation.plays == plays
    assert len(animation.frames) == 3
    written = animation_bytes(quantize_animation(animation, FAST), "gif")
    assert load_animation(written).plays == plays


def test_a_picture_of_a_png_that_is_no_frame_of_it_is_left_out():
    file = io.BytesIO()
    images = [Image.new("RGB", (4, 4), color) for color in ("red", "green", "blue")]
    images[0].save(file, "PNG", save_all=True, append_images=images[1:], default_image=True, duration=50)
    animation = load_animation(file.getvalue())
    assert [tuple(frame.pixels[0, 0]) for frame in animation.frames] == [(0, 128, 0), (0, 0, 255)]


def test_other_files_have_one_frame():
    file = io.BytesIO()
    pages = [Image.new("L", (4, 4), level) for level in (0, 255)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    animation = load_animation(file.getvalue())
    assert len(animation.frames) == 1
    assert animation.durations == (0.0,)


@given(
    n_frames=st.integers(1, 6),
    n_colors=st.sampled_from([1, 2, 5, 16, 256]),
    hidden=st.booleans(),
    one_palette=st.booleans(),
    kind=st.sampled_from(sorted(ANIMATION_FORMATS)),
    plays=st.sampled_from([FOREVER, 1, 2, 7]),
    seed=st.integers(0, 20),
)
def test_what_is_written_is_read_again(n_frames, n_colors, hidden, one_palette, kind, plays, seed):
    made = scene(n_frames, hidden=hidden, seed=seed)
    animation = Animation(made.frames, made.durations, plays)
    options = QuantizeOptions.of(n_colors=n_colors, effort="fast")
    quantized = quantize_animation(animation, options, one_palette=one_palette)
    assert len(quantized.made) == (1 if one_palette else n_frames)
    read = load_animation(animation_bytes(quantized, kind))
    frames, durations = rgba(quantized), animation.durations
    if kind == "webp":
        frames, durations = without_repeats(frames, durations)
    if len(frames) > 1 or kind != "webp":  # which then has neither times nor repetitions
        assert read.durations == durations
        assert read.plays == plays
    for found, expected in zip(seen(read), frames, strict=True):
        assert_array_equal(found, expected)


def without_repeats(frames, durations):
    """Equal frames in a row as one."""
    kept, times = [frames[0]], [durations[0]]
    for frame, duration in zip(frames[1:], durations[1:], strict=True):
        if np.array_equal(frame, kept[-1]):
            times[-1] += duration
        else:
            kept.append(frame)
            times.append(duration)
    return kept, tuple(times)


def test_one_palette_is_the_best_for_all_frames_and_nothing_flickers():
    animation = scene()
    quantized = quantize_animation(animation, FAST)
    colors = quantized.made[0].palette.colors.astype(int)
    first = None
    for frame, indices in zip(animation.frames, quantized.frame_indices(), strict=True):
        distances = ((frame.pixels[:, :, None].astype(int) - colors) ** 2).sum(axis=3)
        chosen = np.take_along_axis(distances, indices[..., None].astype(int), axis=2)[..., 0]
        assert_array_equal(chosen, distances.min(axis=2))
        # Where nothing moves, nothing changes.
        first = indices if first is None else first
        assert_array_equal(indices[10:], first[10:])


@pytest.mark.parametrize("dither", ["floyd-steinberg", "bayer"])
def test_each_frame_is_dithered_by_itself(dither):
    made = scene(2)
    twice = Animation((made.frames[0], made.frames[0]), (10.0, 10.0), FOREVER)
    options = QuantizeOptions.of(n_colors=6, effort="fast", dither=dither)
    one, other = quantize_animation(twice, options).frame_indices()
    assert_array_equal(one, other)
    plain, _ = quantize_animation(twice, FAST).frame_indices()
    assert (one != plain).any()


def test_equal_frames_stay_two():
    made = scene(1)
    twice = Animation(made.frames * 2, (30.0, 40.0), 2)
    for kind in ("gif", "png"):
        assert load_animation(animation_bytes(quantize_animation(twice, FAST), kind)).durations == (
            30.0,
            40.0,
        )


def test_a_gif_that_is_cut_short_says_so():
    """Between two frames, and within one."""
    data = saved(scene(), "gif")
    whole = [at for at in range(len(data)) if data[at : at + 3] == b"\x21\xf9\x04"]
    animation = load_animation(data[: whole[5]])
    assert len(animation.frames) == 5
    assert "The file is cut short: what came after 5 frames is missing." in animation.frames[0].notes
    with pytest.raises(PictureError, match="cut short"):
        load_animation(data[: whole[5] + 60])
    assert not load_animation(data).frames[0].notes[1:]


def test_errors_say_what_is_allowed():
    data = saved(scene(), "gif")
    with pytest.raises(PictureError, match=r"12 frames of 30×20 pixels, 0\.0072 megapixels; at most 0\.005"):
        load_animation(data, name="a.gif", max_megapixels=0.005)
    with pytest.raises(PictureError, match="cut short"):
        load_animation(saved(scene(), "webp", lossless=True)[:500], name="a.webp")
    with pytest.raises(
        OptionError, match="kind='bmp' is no format of animations; use one of: gif, png, webp"
    ):
        animation_bytes(quantize_animation(scene(1), FAST), "bmp")
    frames = scene(2).frames
    with pytest.raises(OptionError, match="2 frames of 1 size with 1 duration"):
        Animation(frames, (10.0,), FOREVER)
