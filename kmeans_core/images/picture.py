"""Reading any picture that Pillow reads into 8-bit sRGB pixels, and telling what was done to get there."""

import io
import os
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from kmeans_core.errors import OptionError, PictureError

DEFAULT_MEGAPIXELS = 50.0
# Pillow itself refuses to open anything larger, as a protection against decompression bombs.
MOST_MEGAPIXELS = 178.0
_PNG = b"\x89PNG\r\n\x1a\n"
# EPS is a program: Pillow would hand the file to Ghostscript to run it.
_REFUSED_FORMATS = {"EPS"}
# Color modes of Pillow with alpha, premultiplied alpha or a palette → the plain mode below them.
_WITHOUT_ALPHA = {"P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB", "RGBX": "RGB", "LA": "L", "La": "L"}

# What sRGB profiles call themselves; converting from one would only round. Names that merely contain
# "sRGB" can mean something else, such as linear light.
_SRGB_NAMES = {"sRGB", "sRGB IEC61966-2.1", "sRGB built-in", "sRGB2014", "c2", "GIMP built-in sRGB"}

# EXIF orientation → what turns the picture upright (Exif 3.0, tag 0x0112).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

ByteArray = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    pixels: (height, width, 3) uint8 sRGB, read-only.
    alpha: (height, width) uint8, or None if every pixel is opaque; read-only.
    name: file name without folders. format: Pillow's name of the format, "PNG".
    input_bytes: size of the file.
    notes: what was converted on the way, as sentences.
    load_seconds: wall time of reading and decoding.
    """

    pixels: ByteArray
    alpha: ByteArray | None
    name: str
    format: str
    input_bytes: int
    notes: tuple[str, ...]
    load_seconds: float

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def visible(self) -> NDArray[np.bool_] | None:
        """(height, width) mask of the pixels that are shown, if only faintly, or None if all are."""
        if self.alpha is None or self.alpha.all():
            return None
        return self.alpha > 0

    @property
    def is_partly_transparent(self) -> bool:
        """Whether it has pixels that are neither hidden nor opaque."""
        return self.alpha is not None and bool(((self.alpha > 0) & (self.alpha < 255)).any())


def load_picture(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    name: str | None = None,
    max_megapixels: float = DEFAULT_MEGAPIXELS,
) -> Picture:
    """Reads a picture from a path, from the bytes of a file, or from an open binary file.

    The first frame counts. EXIF orientation is applied, embedded color profiles are converted to sRGB,
    every other color mode becomes 8-bit RGB with alpha where there is any; `notes` tells what was done.

    name: what to call it; default: the file's name.
    max_megapixels: largest width × height in millions, up to 178; compared with the size in the file's
        header, before anything is decoded.

    Raises PictureError if the file is missing, empty, too large, damaged, or no picture.
    """
    if not 0 < max_megapixels <= MOST_MEGAPIXELS:
        raise OptionError(
            f"max_megapixels={max_megapixels!r} is not allowed; "
            f"give more than 0 and at most {MOST_MEGAPIXELS:g}."
        )
    clock = perf_counter()
    data, found_name = _read(source)
    name = name or found_name
    if not data:
        raise PictureError(f"{name} is empty (0 bytes); choose a picture file such as PNG, JPEG or WebP.")
    for size in _sizes_inside(data):
        _check_size(size, name, max_megapixels)
    with _open(data, name) as image:
        _check_size(image.size, name, max_megapixels)
        image_format = image.format or "unknown"
        pixels, alpha, notes = _decode(image, data, name)
    return Picture(pixels, alpha, name, image_format, len(data), tuple(notes), perf_counter() - clock)


def _read(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, "picture"
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            return path.read_bytes(), path.name
        except FileNotFoundError:
            raise PictureError(f"{path} does not exist; check the path.") from None
        except IsADirectoryError:
            raise PictureError(f"{path} is a folder; name one picture file in it.") from None
        except OSError as error:
            raise PictureError(f"{path} cannot be read: {error.strerror or error}.") from error
    return source.read(), Path(str(getattr(source, "name", "picture"))).name


def _open(data: bytes, name: str) -> Image.Image:
    Image.init()
    allowed = [name for name in Image.ID if name not in _REFUSED_FORMATS]
    try:
        with warnings.catch_warnings():
            # The limit is ours to check, from the size that opening reveals.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=allowed)
    except UnidentifiedImageError:
        raise PictureError(
            f"{name} is not a picture that can be read; "
            "choose a PNG, JPEG, WebP, GIF, TIFF, BMP or similar file."
        ) from None
    except Image.DecompressionBombError:
        raise PictureError(
            f"{name} claims more than {MOST_MEGAPIXELS:g} megapixels in {len(data):,} bytes and was not "
            "opened; reduce its size first."
        ) from None
    except Exception as error:  # damaged headers surface as almost any exception
        raise PictureError(_damaged(name, error)) from error


def _sizes_inside(data: bytes) -> Iterator[tuple[int, int]]:
    """Sizes of the PNG files in an icon file. Pillow decodes those while it opens the icon, whose own header
    may claim less."""
    if not data.startswith((b"\0\0\1\0", b"icns")):
        return
    start = data.find(_PNG)
    while start >= 0 and len(data) >= start + 24:
        width, height = struct.unpack_from(">II", data, start + 16)
        yield width, height
        start = data.find(_PNG, start + 1)


def _check_size(size: tuple[int, int], name: str, max_megapixels: float) -> None:
    width, height = size
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise PictureError(
            f"{name} has {width:,}×{height:,} pixels, {megapixels:,.1f} megapixels; "
            f"at most {max_megapixels:g} are allowed. Reduce its size first."
        )


def _decode(image: Image.Image, data: bytes, name: str) -> tuple[ByteArray, ByteArray | None, list[str]]:
    notes: list[str] = []
    try:
        frames = getattr(image, "n_frames", 1)
        if image.format == "PSD":
            notes.append("Photoshop file: its layers as they look together are used.")
        elif frames > 1:
            notes.append(f"Holds {frames} frames; the first is used.")
        image.load()
        upright = _upright(image, notes)
        rgb = _to_rgb(upright, data, notes)
    except Exception as error:  # damaged files surface as almost any exception
        raise PictureError(_damaged(name, error)) from error
    pixels = np.asarray(_in_mode(rgb, "RGB"))
    alpha = np.asarray(rgb.getchannel("A")) if rgb.mode == "RGBA" else None
    if alpha is not None and alpha.min() == 255:
        alpha = None
    if alpha is not None:
        hidden = float((alpha == 0).mean())
        partly = float(((alpha > 0) & (alpha < 255)).mean())
        note = f"Has transparency: {_percent(hidden)} of its pixels are not shown and not counted"
        if partly:
            note += f"; {_percent(partly)} are partly transparent"
        notes.append(f"{note}.")
    pixels.flags.writeable = False
    return pixels, alpha, notes


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF surfaces as almost any exception
        notes.append("Its EXIF data are damaged and were ignored.")
        return image
    if turn is None:
        return image
    notes.append("Turned upright as its EXIF orientation says.")
    return image.transpose(turn)


def _to_rgb(image: Image.Image, data: bytes, notes: list[str]) -> Image.Image:
    """The picture as RGB, or as RGBA where it has transparency."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _from_deep_gray(image, notes)
    if data.startswith(_PNG) and data[24] == 16:
        notes.append("16 bits a channel were reduced to 8.")
    if image.mode == "P":
        notes.append("Palette picture, read as RGB.")
    elif image.mode in ("1", "L", "LA", "La"):
        notes.append("Gray picture, read as RGB.")
    if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
        image = image.convert("RGBA")  # an alpha for each entry; Pillow warns of any other way
    transparent = image.has_transparency_data
    alpha = image.convert("RGBA").getchannel("A") if transparent else None
    color = _to_srgb(image, notes)
    if alpha is not None:
        color = color.copy() if color is image else color
        color.putalpha(alpha)
    return color


def _to_srgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """RGB by the embedded color profile if there is one that says something else than sRGB."""
    profile_bytes = image.info.get("icc_profile")
    base = _in_mode(image, _WITHOUT_ALPHA.get(image.mode, image.mode))
    if profile_bytes:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
            described = ImageCms.getProfileDescription(profile).strip()
            if described not in _SRGB_NAMES:
                converted = ImageCms.profileToProfile(
                    base, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
                assert converted is not None
                notes.append(f"Converted from the color profile {described} to sRGB.")
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            notes.append("Its color profile is damaged or does not fit and was ignored.")
    if base.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(base, lab, ImageCms.createProfile("sRGB"), outputMode="RGB")
        assert converted is not None
        notes.append("Converted from LAB to sRGB.")
        return converted
    if base.mode not in ("RGB", "L", "1"):
        notes.append(f"Converted from {base.mode} to RGB.")
    return _in_mode(base, "RGB")


def _from_deep_gray(image: Image.Image, notes: list[str]) -> Image.Image:
    """Gray of more than 8 bits. Pillow's own conversion would cut off everything above 255."""
    values = np.asarray(image)
    if image.mode == "F":
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = values.min(), values.max()
    if image.mode == "F" or low < 0 or high > 65535:
        span = np.float32(high) - np.float32(low)
        scaled = np.rint((values.astype(np.float32) - np.float32(low)) * (255 / span if span else 0))
        notes.append(f"Gray values from {low:.4g} to {high:.4g} were scaled to 8 bits.")
    elif high > 255 or image.mode.startswith("I;16"):
        # Rounds value / 257, which takes 65535 to 255.
        scaled = (values.astype(np.uint32) * 255 + 32767) // 65535
        notes.append("16-bit gray was reduced to 8 bits.")
    else:
        scaled = values
        notes.append("Gray picture, read as RGB.")
    color = Image.fromarray(scaled.astype(np.uint8)).convert("RGB")
    hidden = image.info.get("transparency")
    if isinstance(hidden, int):
        color.putalpha(Image.fromarray(np.where(values == hidden, np.uint8(0), np.uint8(255))))
    return color


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The picture in that mode; itself, not a copy, if it is in it already."""
    return image if image.mode == mode else image.convert(mode)


def _percent(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def _damaged(name: str, error: Exception) -> str:
    cause = " ".join(str(error).split()).rstrip(".")[:120] or type(error).__name__
    return f"{name} is damaged or cut short and cannot be decoded ({cause}); choose an intact file."
