"""From what Pillow opens to upright 8-bit sRGB pixels, and in words what was converted on the way."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from kmeans_core.errors import PictureError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
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
        return _from_deep_gray(image, notes)
    if data.startswith(PNG_SIGNATURE) and data[24] == 16:
        notes.append("Reduced from 16 to 8 bits per channel.")
    if image.mode == "P":
        notes.append("Indexed picture, converted to RGB.")
    elif image.mode in ("1", "L", "LA", "La"):
        notes.append("Grayscale picture, converted to RGB.")
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
    """RGB, converted by the embedded color profile if that is not sRGB."""
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
        notes.append("Grayscale picture, converted to RGB.")
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


def damaged(name: str, error: Exception) -> str:
    """The message about a picture that Pillow fails on."""
    cause = " ".join(str(error).split()).rstrip(".")[:120] or type(error).__name__
    return f"{name} is damaged or cut short and cannot be decoded ({cause}); choose an intact file."
