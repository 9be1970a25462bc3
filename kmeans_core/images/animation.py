"""Animated pictures: all frames of a GIF, WebP or PNG in, the same frames in few colors out."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import BinaryIO

import numpy as np
from PIL import ImageFile

from kmeans_core.errors import OptionError, PictureError
from kmeans_core.images.decoding import damaged, decode
from kmeans_core.images.options import DEFAULT_MEGAPIXELS, QuantizeOptions
from kmeans_core.images.picture import OpenedPicture, Picture, load_picture, opened, read_source
from kmeans_core.images.quantize import QuantizedPicture, quantize_picture
from kmeans_core.images.shared_palette import assigning
from kmeans_core.types import ByteArray, OnIteration
from kmeans_core.wording import count_text

# Formats whose frames are one after the other; those of others are pages, sizes or layers.
ANIMATED_FORMATS = ("GIF", "WEBP", "PNG", "AVIF")
FOREVER = 0


@dataclass(frozen=True, eq=False)
class Animation:
    """Frames as they are seen, one after the other.

    Attributes
    ----------
    frames : tuple of Picture
        One or more, of the same size.
    durations : tuple of float
        Milliseconds that each is shown, 0 or more.
    plays : int
        How often all of them are shown; 0 for ever.
    """

    frames: tuple[Picture, ...]
    durations: tuple[float, ...]
    plays: int

    def __post_init__(self) -> None:
        sizes = {frame.pixels.shape for frame in self.frames}
        if len(sizes) != 1 or len(self.durations) != len(self.frames) or self.plays < 0:
            raise OptionError(
                f"{count_text(len(self.frames), 'frame')} of {count_text(len(sizes), 'size')} with "
                f"{count_text(len(self.durations), 'duration')}, shown {self.plays} times, are no animation; "
                "give frames of one size, a duration for each, and 0 (for ever) or more times."
            )

    def tall(self) -> Picture:
        """All frames as one picture, each below the one before."""
        first, alpha = self.frames[0], None
        if any(frame.alpha is not None for frame in self.frames):
            alpha = np.concatenate([_alpha_of(frame) for frame in self.frames])
        pixels = np.concatenate([frame.pixels for frame in self.frames])
        return replace(first, pixels=pixels, alpha=alpha, notes=_notes_of(self.frames))


@dataclass(frozen=True, eq=False)
class QuantizedAnimation:
    """An animation in few colors.

    Attributes
    ----------
    animation : Animation
        What it was made from.
    made : tuple of QuantizedPicture
        One with all frames below each other and a palette for all of them, or one for each frame.
    """

    animation: Animation
    made: tuple[QuantizedPicture, ...]

    @property
    def has_one_palette(self) -> bool:
        return len(self.made) == 1

    def frame_indices(self) -> list[ByteArray]:
        """The index of each pixel, (height, width), of each frame, into its palette; one beyond its last
        color for hidden pixels."""
        if not self.has_one_palette:
            return [quantized.indices for quantized in self.made]
        return np.split(self.made[0].indices, len(self.animation.frames))


def count_frames(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    name: str | None = None,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
) -> int:
    """How many frames `load_animation()` would read, which decodes none of them. Its arguments and errors."""
    data, found_name = read_source(source)
    with opened(data, name or found_name, max_megapixels) as file:
        return len(_frame_numbers(file))


def load_animation(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    name: str | None = None,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
) -> Animation:
    """Reads all frames, each as it is seen, with what the ones before have left.

    Parameters
    ----------
    source, name
        As of `load_picture()`. A picture that is not animated is an animation of one frame.
    max_megapixels : float, default 50.0
        Of all frames together.

    Returns
    -------
    Animation

    Raises
    ------
    PictureError, OptionError
        As by `load_picture()`.
    """
    clock = perf_counter()
    data, found_name = read_source(source)
    first = load_picture(data, name=name or found_name, max_megapixels=max_megapixels)
    with opened(data, first.name, max_megapixels) as file:
        numbers = _frame_numbers(file)
        megapixels = len(numbers) * first.width * first.height / 1e6
        if megapixels > max_megapixels:
            raise PictureError(
                f"{first.name} has {len(numbers):,} frames of {first.width:,}×{first.height:,} pixels, "
                f"{megapixels:,.3g} megapixels; at most {max_megapixels:g} are allowed. Reduce its size "
                "first."
            )
        frames, durations = [], []
        for number in numbers:
            pixels, alpha, notes = decode(file.image, file.data, first.name, frame=number)
            frames.append(replace(first, pixels=pixels, alpha=alpha, notes=tuple(notes), load_seconds=0.0))
            durations.append(float(file.image.info.get("duration", 0)))
        of_file = (*frames[0].notes, *file.notes, *_ending(file, len(frames)))
        frames[0] = replace(frames[0], notes=of_file, load_seconds=perf_counter() - clock)
        return Animation(tuple(frames), tuple(durations), _plays(file.image))


def quantize_animation(
    animation: Animation,
    options: QuantizeOptions,
    *,
    one_palette: bool = True,
    on_iteration: OnIteration | None = None,
) -> QuantizedAnimation:
    """Reduces all frames to at most so many colors.

    Parameters
    ----------
    animation : Animation
    options, on_iteration
        As of `quantize_picture()`, whose errors these are.
    one_palette : bool, default True
        One for all frames, the best for all of them together, so that what does not move does not flicker;
        or one for each.

    Returns
    -------
    QuantizedAnimation
    """
    if not one_palette:
        made = [quantize_picture(frame, options, on_iteration=on_iteration) for frame in animation.frames]
        return QuantizedAnimation(animation, tuple(made))
    tall = animation.tall()
    if options.dither == "none":
        return QuantizedAnimation(animation, (quantize_picture(tall, options, on_iteration=on_iteration),))
    plain = quantize_picture(tall, replace(options, dither="none"), on_iteration=on_iteration)
    # Each frame by itself: errors are not handed on from the bottom of one to the top of the next.
    dithered = [
        quantize_picture(frame, assigning(plain.palette, options)).indices for frame in animation.frames
    ]
    return QuantizedAnimation(animation, (replace(plain, indices=np.concatenate(dithered)),))


def _frame_numbers(file: OpenedPicture) -> range:
    """Which of the images in a file are its frames."""
    if file.image.format not in ANIMATED_FORMATS:
        return range(1)
    try:
        count = int(getattr(file.image, "n_frames", 1))
    except Exception as error:  # damaged files surface as almost any exception
        raise PictureError(damaged(file.name, error)) from error
    # What a viewer shows that knows no animated PNG.
    is_apart = bool(getattr(file.image, "default_image", False))
    return range(1 if is_apart and count > 1 else 0, count)


def _ending(file: OpenedPicture, n_frames: int) -> tuple[str, ...]:
    """Pillow takes the end of a GIF for its last frame, wherever that end is."""
    if file.image.format != "GIF" or n_frames == 1 or file.data.rstrip(b"\0").endswith(b";"):
        return ()
    return (f"The file is cut short: what came after {count_text(n_frames, 'frame')} is missing.",)


def _plays(image: ImageFile.ImageFile) -> int:
    loops = image.info.get("loop")
    if (
        image.format == "GIF"
    ):  # which counts how often it starts again, and where that is missing, it does not
        return 1 if loops is None else FOREVER if loops == 0 else int(loops) + 1
    return int(loops or FOREVER)


def _alpha_of(frame: Picture) -> ByteArray:
    if frame.alpha is not None:
        return frame.alpha
    return np.full(frame.pixels.shape[:2], 255, np.uint8)


def _notes_of(frames: Sequence[Picture]) -> tuple[str, ...]:
    """What is said of any frame, once."""
    return tuple(dict.fromkeys(note for frame in frames for note in frame.notes))
