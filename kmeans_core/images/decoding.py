"""From what Pillow opens to upright 8-bit sRGB pixels, and in words what was converted on the way."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from kmeans_core.errors import PictureError
from kmeans_core.images.deep_gray import from_deep_gray
from kmeans_core.images.png_chunks import PNG_SIGNATURE

# Of a color profile as well; printers' have several megabytes. Texts are left out before (`png_chunks.py`).
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20
# Color modes of Pillow with alpha, premultiplied alpha or a palette → the plain mode below them.
_WITHOUT_ALPHA = {"P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB", "RGBX": "RGB", "LA": "L", "La": "L"}

# What sRGB profiles call themselves; converting from one would only round. Names that merely contain
# "sRGB" can mean something else, such as linear light.
_SRGB_NAMES = {"sRGB", "sRGB IEC61966-2.1", "sRGB built-in", "sRGB2014", "c2", "GIMP built-in sRGB"}

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
    image: Image.Image, data: bytes, name: str
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, list[str]]:
    """The pixels, (height, width, 3) sRGB, their alpha, (height, width), or None if all are opaque, and what
    was converted on the way, as sentences.

    image: as Pillow opens it. data: the bytes of its file. Raises PictureError if it is damaged.
    """
    notes: list[str] = []
    try:
        frames = getattr(image, "n_frames", 1)
        if image.format == "PSD":
            notes.append("Photoshop file: its layers are flattened.")
        elif frames > 1:
            notes.append(f"Has {frames} frames; the first is used.")
        image.load()
        upright = _upright(image, notes)
        rgb = _to_rgb(upright, data, notes)
    except Exception as error:  # damaged files surface as almost any exception
        raise PictureError(damaged(name, error)) from error
    pixels = np.asarray(_in_mode(rgb, "RGB"))
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


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    # Pillow would turn by XMP where EXIF says nothing. Programs that turn pictures leave that as it was.
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)
    try:
        turn = _ORIENTATIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF surfaces as almost any exception
        notes.append("Its EXIF data are damaged, so they were ignored.")
        return image
    if turn is None:
        return image
    notes.append("Rotated upright by its EXIF orientation.")
    return image.transpose(turn)


def _to_rgb(image: Image.Image, data: bytes, notes: list[str]) -> Image.Image:
    """The picture as RGB, or as RGBA where it has transparency."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return from_deep_gray(image, notes)
    if data.startswith(PNG_SIGNATURE) and data[24] == 16:
        notes.append("Reduced from 16 to 8 bits per channel.")
    if image.mode == "P":
        notes.append("Indexed picture, converted to RGB.")
    elif image.mode in ("1", "L", "LA", "La"):
        notes.append("Grayscale picture, converted to RGB.")
    if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
        image = image.convert("RGBA")  # an alpha for each entry; Pillow warns of any other way
    hidden = image.info.get("transparency")
    if (
        data.startswith(PNG_SIGNATURE)
        and image.mode == "L"
        and isinstance(hidden, int)
        and data[24] in (2, 4)
    ):
        # The file has its own levels there, and Pillow's are spread over 8 bits.
        image.info["transparency"] = hidden * (255 // ((1 << data[24]) - 1))
    transparent = image.has_transparency_data
    alpha = image.convert("RGBA").getchannel("A") if transparent else None
    color = _to_srgb(image, notes)
    if alpha is not None:
        color = color.copy() if color is image else color
        color.putalpha(alpha)
    return color


def _to_srgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """RGB, converted by the embedded color profile if that is not sRGB."""
    profile_bytes = image.info.get("icc_profile")
    base = _in_mode(image, _WITHOUT_ALPHA.get(image.mode, image.mode))
    if profile_bytes:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
            described = ImageCms.getProfileDescription(profile).strip()
            if described not in _SRGB_NAMES or not _has_srgb_primaries(profile):
                converted = ImageCms.profileToProfile(
                    base, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
                assert converted is not None
                notes.append(f"Converted from the color profile {described} to sRGB.")
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            notes.append("Its color profile is damaged or does not fit, so it was ignored.")
    if base.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(base, lab, ImageCms.createProfile("sRGB"), outputMode="RGB")
        assert converted is not None
        notes.append("Converted from LAB to sRGB.")
        return converted
    if base.mode not in ("RGB", "L", "1"):
        notes.append(f"Converted from {base.mode} to RGB.")
    return _in_mode(base, "RGB")


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
