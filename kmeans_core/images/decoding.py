"""From what Pillow opens to upright 8-bit sRGB pixels, and in words what was converted on the way."""

import io
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile, PngImagePlugin

from kmeans_core.errors import PictureError
from kmeans_core.images.color_profile import of_profile
from kmeans_core.images.declared_color import declared_encoding
from kmeans_core.images.deep_gray import from_deep_gray
from kmeans_core.images.png_chunks import PNG_SIGNATURE
from kmeans_core.images.rgb_encoding import RgbEncoding, levels_in_srgb
from kmeans_core.images.sixteen_bits import has_sixteen_bits, sixteen_bit_samples
from kmeans_core.types import ByteArray

# Of a color profile as well; printers' have several megabytes. Texts are left out before (`png_chunks.py`).
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20
# Color modes of Pillow with alpha, premultiplied alpha or a palette → the plain mode below them.
_WITHOUT_ALPHA = {"P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB", "RGBX": "RGB", "LA": "L", "La": "L"}

# What sRGB profiles call themselves; converting from one would only round. Names that merely contain
# "sRGB" can mean something else, such as linear light.
_SRGB_NAMES = {"sRGB", "sRGB IEC61966-2.1", "sRGB built-in", "sRGB2014", "c2", "GIMP built-in sRGB"}
# A picture's pixels are turned into an array by so many at a time.
_BAND_PIXELS = 2_000_000
_NO_PROFILE = "Its color profile is damaged or does not fit, so it was ignored."

# EXIF orientation → what turns the picture upright (Exif 3.0, tag 0x0112).
_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(
    image: ImageFile.ImageFile, data: bytes, name: str, *, frame: int | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, list[str]]:
    """The pixels, (height, width, 3) sRGB, their alpha, (height, width), or None if all are opaque, and what
    was converted on the way, as sentences.

    image: as Pillow opens it. data: the bytes of its file. frame: which one; by default the first, and if
    there are others, that is said. Raises PictureError if it is damaged.
    """
    notes: list[str] = []
    try:
        frames = getattr(image, "n_frames", 1)
        if image.format == "PSD":
            notes.append("Photoshop file: its layers are flattened.")
        elif frames > 1 and frame is None:
            notes.append(f"Has {frames} frames; the first is used.")
        if frame:
            image.seek(frame)
        is_deep = has_sixteen_bits(image) and not frame  # only of the first are there samples of 16 bits
        image.load()
        turn = _turn(image, notes)
        rgb = _to_rgb(image, data, is_deep, notes)
        rgb = rgb if turn is None else rgb.transpose(turn)
    except MemoryError:
        raise
    except Exception as error:  # damaged files surface as almost any exception
        raise PictureError(damaged(name, error)) from error
    pixels = _array(rgb, "RGB")
    alpha = np.asarray(rgb.getchannel("A")) if rgb.mode == "RGBA" else None
    if alpha is not None and alpha.min() == 255:
        alpha = None
    if alpha is not None:
        hidden = float((alpha == 0).mean())
        partly = float(((alpha > 0) & (alpha < 255)).mean())
        note = f"Has transparency: {_percent(hidden)} of its pixels are hidden and not counted"
        if partly:
            note += f"; {_percent(partly)} are partly transparent"
        notes.append(f"{note}.")
    pixels.flags.writeable = False
    return pixels, alpha, notes


def _array(image: Image.Image, mode: str) -> ByteArray:
    """The picture in that mode as an array. Band by band, for Pillow would have all of it twice more."""
    if image.width * image.height <= _BAND_PIXELS:
        return np.asarray(_in_mode(image, mode))
    made = np.empty((image.height, image.width, len(mode)), dtype=np.uint8)
    height = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, height):
        bottom = min(top + height, image.height)
        made[top:bottom] = np.asarray(_in_mode(image.crop((0, top, image.width, bottom)), mode))
    return made


def _turn(image: Image.Image, notes: list[str]) -> Image.Transpose | None:
    """What turns the picture upright."""
    # Pillow would turn by XMP where EXIF says nothing. Programs that turn pictures leave that as it was.
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)
    try:
        turn = _ORIENTATIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF surfaces as almost any exception
        notes.append("Its EXIF data are damaged, so they were ignored.")
        return None
    if turn is not None:
        notes.append("Rotated upright by its EXIF orientation.")
    return turn


def _to_rgb(image: Image.Image, data: bytes, is_deep: bool, notes: list[str]) -> Image.Image:
    """The picture as RGB, or as RGBA where it has transparency. is_deep: with color samples of 16 bits."""
    encoding = declared_encoding(image, data, notes)
    profile = None if encoding else _foreign_profile(image, notes)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        if profile:
            encoding = of_profile(profile.content, is_gray=True, source=profile.source)
            if not encoding:
                notes.append(_NO_PROFILE)
        return from_deep_gray(image, encoding, notes)
    if is_deep:
        notes.append("Reduced from 16 to 8 bits per channel.")
    if image.mode == "P":
        notes.append("Indexed picture, converted to RGB.")
    elif image.mode in ("1", "L", "LA", "La"):
        notes.append("Grayscale picture, converted to RGB.")
    if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
        image = image.convert("RGBA")  # an alpha for each entry; Pillow warns of any other way
    samples = None
    if is_deep and (encoding or profile or isinstance(image.info.get("transparency"), tuple)):
        samples = sixteen_bit_samples(image, data)
        if profile:
            is_gray = samples.shape[2] == 2
            encoding = of_profile(profile.content, is_gray, profile.source)
    alpha = _alpha(image, data) if samples is None else _alpha_of_samples(image, samples)
    if encoding:
        notes.append(f"Converted from {encoding.source} to sRGB.")
        color = Image.fromarray(_levels(image, samples, encoding)).convert("RGB")
    else:
        color = _to_srgb(image, profile, notes)
    if alpha is not None:
        color = color.copy() if color is image else color
        color.putalpha(alpha)
    return color


def _alpha(image: Image.Image, data: bytes) -> Image.Image | None:
    hidden = image.info.get("transparency")
    is_png_gray = data.startswith(PNG_SIGNATURE) and image.mode == "L"
    if is_png_gray and data[24] in (2, 4) and isinstance(hidden, int):
        # The file has its own levels there, and Pillow's are spread over 8 bits.
        image.info["transparency"] = hidden * (255 // ((1 << data[24]) - 1))
    return _in_mode(image, "RGBA").getchannel("A") if image.has_transparency_data else None


def _alpha_of_samples(image: Image.Image, samples: NDArray[np.uint16]) -> Image.Image | None:
    hidden = image.info.get("transparency")
    if isinstance(hidden, tuple):
        return Image.fromarray(np.where((samples == hidden).all(axis=-1), np.uint8(0), np.uint8(255)))
    if samples.shape[2] == 3:
        return None
    return Image.fromarray(((samples[..., -1].astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8))


def _levels(image: Image.Image, samples: NDArray[np.uint16] | None, encoding: RgbEncoding) -> ByteArray:
    if samples is None:
        base = _in_mode(image, _WITHOUT_ALPHA.get(image.mode, image.mode))
        return levels_in_srgb(
            np.asarray(_in_mode(base, "L" if base.mode in ("1", "L") else "RGB")), encoding, 255
        )
    return levels_in_srgb(samples[..., 0] if samples.shape[2] == 2 else samples[..., :3], encoding, 65535)


class _Profile(NamedTuple):
    content: bytes
    opened: ImageCms.ImageCmsProfile
    source: str


def _foreign_profile(image: Image.Image, notes: list[str]) -> _Profile | None:
    """The embedded color profile, if it is not that of sRGB."""
    content = image.info.get("icc_profile")
    if not content:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(content))
        described = ImageCms.getProfileDescription(opened).strip()
    except (ImageCms.PyCMSError, OSError, ValueError):
        notes.append(_NO_PROFILE)
        return None
    if described in _SRGB_NAMES and _has_srgb_primaries(opened):
        return None
    return _Profile(content, opened, f"the color profile {described}")


def _to_srgb(image: Image.Image, profile: _Profile | None, notes: list[str]) -> Image.Image:
    """RGB, converted by the color profile if there is one."""
    base = _in_mode(image, _WITHOUT_ALPHA.get(image.mode, image.mode))
    if profile:
        try:
            converted = _converted(base, profile.opened)
            notes.append(f"Converted from {profile.source} to sRGB.")
            return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            notes.append(_NO_PROFILE)
    if base.mode == "LAB":
        notes.append("Converted from LAB to sRGB.")
        return _converted(base, ImageCms.createProfile("LAB"))
    if base.mode not in ("RGB", "L", "1"):
        notes.append(f"Converted from {base.mode} to RGB.")
    return _in_mode(base, "RGB")


def _converted(image: Image.Image, profile: Any) -> Image.Image:
    converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert converted is not None
    return converted


def _has_srgb_primaries(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether red, green and blue of a profile, whatever it calls itself, are those of sRGB."""
    srgb = ImageCms.createProfile("sRGB")
    for name in ("red_colorant", "green_colorant", "blue_colorant"):
        found, expected = getattr(profile.profile, name), getattr(srgb, name)
        if found is not None and not np.allclose(found[0], expected[0], atol=0.003):
            return False
    return True


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The picture in that mode; itself, not a copy, if it is in it already."""
    return image if image.mode == mode else image.convert(mode)


def _percent(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def damaged(name: str, error: Exception) -> str:
    """The message about a picture that Pillow fails on."""
    cause = " ".join(str(error).split()).rstrip(".")[:120] or type(error).__name__
    return f"{name} is damaged or cut short and cannot be decoded ({cause}); choose an intact file."
