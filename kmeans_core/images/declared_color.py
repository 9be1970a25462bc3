"""What a file says of its colors, by order of precedence (PNG, third edition, 4.3 and 13.14)."""

import struct
from collections.abc import Mapping

from PIL import Image

from kmeans_core.images.png_chunks import PNG_SIGNATURE, color_chunks
from kmeans_core.images.rgb_encoding import CAMERA_CURVES, SRGB_CURVE, RgbEncoding, of_code_points, of_gamma

_NCLX = b"colrnclx"
# A box of AVIF's header, which stands at its beginning.
_HEADER_BYTES = 65536


def declared_encoding(image: Image.Image, data: bytes, notes: list[str]) -> RgbEncoding | None:
    """The encoding by anything but a color profile.

    Parameters
    ----------
    image : PIL.Image.Image
        Its color profile is taken out where something else goes before it.
    data : bytes
        The file.
    notes : list of str
        Gets what is left out.

    Returns
    -------
    RgbEncoding or None
        None for sRGB, or where a profile is what counts.
    """
    if data.startswith(PNG_SIGNATURE):
        return _of_png(image, color_chunks(data), notes)
    if image.format == "AVIF" and not image.info.get("icc_profile"):
        at = data.find(_NCLX, 0, _HEADER_BYTES)
        if at >= 0 and len(data) >= at + 12:
            primaries, transfer = struct.unpack_from(">HH", data, at + len(_NCLX))
            if transfer in CAMERA_CURVES:
                transfer = SRGB_CURVE  # as browsers show these files, unlike PNG's
            return _of_code_points(primaries, transfer, "its nclx box", notes)
    return None


def _of_png(image: Image.Image, chunks: Mapping[bytes, bytes], notes: list[str]) -> RgbEncoding | None:
    numbers = chunks.get(b"cICP", b"")
    if len(numbers) == 4 and 2 not in numbers[:2]:
        if numbers[2] or numbers[3] != 1:
            notes.append("Its cICP chunk has a narrow range or a matrix, as video has, so it was ignored.")
        else:
            n_notes = len(notes)
            encoding = _of_code_points(numbers[0], numbers[1], "its cICP chunk", notes)
            if len(notes) == n_notes:
                image.info.pop("icc_profile", None)
                return encoding
    if image.info.get("icc_profile") or b"sRGB" in chunks or len(chunks.get(b"gAMA", b"")) != 4:
        return None
    (gamma,) = struct.unpack(">I", chunks[b"gAMA"])
    chromaticities = None
    if len(chunks.get(b"cHRM", b"")) == 32:
        numbers_of = [number / 100_000 for number in struct.unpack(">8I", chunks[b"cHRM"])]
        white, *colors = zip(numbers_of[::2], numbers_of[1::2], strict=True)
        chromaticities = [*colors, white]
    source = "its gAMA and cHRM chunks" if chromaticities else "its gAMA chunk"
    try:
        return of_gamma(100_000 / gamma, chromaticities, source)
    except (ZeroDivisionError, ValueError):
        verb = "say" if chromaticities else "says"
        notes.append(f"What {source} {verb} is not possible, so it was ignored.")
        return None


def _of_code_points(primaries: int, transfer: int, source: str, notes: list[str]) -> RgbEncoding | None:
    try:
        return of_code_points(primaries, transfer, source)
    except LookupError as error:
        notes.append(f"What {source} says, {error.args[0]}, is not known here, so it was ignored.")
        return None
