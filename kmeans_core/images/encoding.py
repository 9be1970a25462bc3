"""A quantized picture as an image file, and all that is known about it in one report."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter

import numpy as np
from PIL import Image

from kmeans_core.errors import OptionError
from kmeans_core.images.color_codes import codes, colors_of
from kmeans_core.images.palette import Palette
from kmeans_core.images.picture import Picture
from kmeans_core.images.quantize import QuantizedPicture
from kmeans_core.images.report import QuantizeReport
from kmeans_core.types import ByteArray, Iteration

# From this alpha on, pixels are visible in formats without partial transparency.
_MIN_VISIBLE_ALPHA = 128
_MAX_IN_GIF = 256


@dataclass(frozen=True, eq=False)
class EncodedPicture:
    """A quantized picture as a file, with its report: all that a page shows, in little memory.

    Attributes
    ----------
    png : bytes
        The file.
    history : tuple of Iteration
        One for each iteration; empty for backends that do not record them.
    report : QuantizeReport
        The values of `quantize --json`.
    """

    png: bytes
    history: tuple[Iteration, ...]
    report: QuantizeReport

    @property
    def palette(self) -> Palette:
        """Its visible colors."""
        return self.report.palette

    def indices(self) -> ByteArray:
        """The palette's index of each pixel, (height, width) uint8, read from the file; arbitrary for hidden
        pixels.
        """
        return indices_of(self.png, self.palette)


def indices_of(png: bytes, palette: Palette) -> ByteArray:
    """The index into the palette of each pixel of a quantized picture's PNG, (height, width) uint8."""
    with Image.open(io.BytesIO(png)) as image:
        if image.mode == "P":
            table = np.array(image.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
            spread: ByteArray = palette.places(table)[np.asarray(image)]
            return spread
        pixels = np.asarray(image.convert("RGB"))
    return palette.places(pixels.reshape(-1, 3)).reshape(pixels.shape[:2])


@dataclass(frozen=True)
class ImageFormat:
    """A format that pictures are written in.

    Attributes
    ----------
    title, suffix, mime : str
        What people call it; ending of its files, with the dot; its media type.
    write : callable
        The PNG of a quantized picture → the file, as bytes.
    max_side : int, default 2**31 - 1
        In pixels.
    package : str, default ""
        The module it needs, if that may be missing.
    """

    title: str
    suffix: str
    mime: str
    write: Callable[[bytes], bytes]
    max_side: int = 2**31 - 1
    package: str = ""

    @property
    def is_available(self) -> bool:
        return not self.package or find_spec(self.package) is not None


def encode(picture: Picture, quantized: QuantizedPicture) -> EncodedPicture:
    """Encodes a quantized picture as PNG and reports on all phases, from reading the file on.

    Parameters
    ----------
    picture : Picture
        The original.
    quantized : QuantizedPicture
        What `quantize()` made of it.

    Returns
    -------
    EncodedPicture
    """
    clock = perf_counter()
    png = quantized.png_bytes()
    report = report_on(picture, quantized, len(png), perf_counter() - clock)
    return EncodedPicture(png, quantized.fit.history if quantized.fit else (), report)


def report_on(
    picture: Picture, quantized: QuantizedPicture, n_bytes: int, encode_seconds: float
) -> QuantizeReport:
    """The report on a quantized picture, whose file of so many bytes took so long to write."""
    fit, quality = quantized.fit, quantized.quality
    return QuantizeReport(
        options=quantized.options,
        backend=fit.backend if fit else None,
        width=picture.width,
        height=picture.height,
        unique_colors=quantized.unique_colors,
        palette=quantized.palette,
        inertia=fit.inertia if fit else 0.0,
        mse=quality.mse,
        psnr=quality.psnr,
        n_iter=fit.n_iter if fit else 0,
        converged=fit.converged if fit else True,
        seconds={**quantized.seconds, "encode": encode_seconds},
        input_bytes=picture.input_bytes,
        output_bytes=n_bytes,
        raw_bytes=picture.width * picture.height * (3 if picture.alpha is None else 4),
        notes=quantized.notes,
    )


def image_bytes(png: bytes, kind: str) -> bytes:
    """The PNG of a quantized picture as another file with the same pixels.

    GIF has no partial transparency: pixels with an alpha of 128 or more become opaque.

    Parameters
    ----------
    png : bytes
        The file.
    kind : str
        One of `IMAGE_FORMATS`.

    Returns
    -------
    bytes

    Raises
    ------
    OptionError
        For an unknown format, a missing package, or a picture larger than the format allows.
    """
    if kind not in IMAGE_FORMATS:
        raise OptionError(f"The image format {kind!r} is unknown; use one of: {', '.join(IMAGE_FORMATS)}.")
    image_format = IMAGE_FORMATS[kind]
    if not image_format.is_available:
        raise OptionError(
            f"{image_format.title} needs the package pyoxipng, which is not installed; on Python 3.11 to "
            "3.13, run: pip install 'kmeans-studio[pictures]'. Or write a plain PNG or a lossless WebP."
        )
    with Image.open(io.BytesIO(png)) as image:
        if max(image.size) > image_format.max_side:
            raise OptionError(
                f"{image.width:,}×{image.height:,} pixels are more than {image_format.title} can hold "
                f"({image_format.max_side:,} per side); write a PNG."
            )
    return image_format.write(png)


def image_format_of(file_name: str) -> str:
    """The kind of image file that a name stands for, by its ending. Raises OptionError for another one."""
    for kind, image_format in IMAGE_FORMATS.items():
        if file_name.lower().endswith(image_format.suffix):
            return kind
    raise OptionError(
        f"{file_name!r} does not end like an image format that can be written; use "
        f"{' or '.join(IMAGE_SUFFIXES)}."
    )


def _optimized(png: bytes) -> bytes:
    """The same pixels in fewer bytes, by oxipng: filters, bit depth and order of the table are tried out."""
    import oxipng

    return bytes(oxipng.optimize_from_memory(png, level=2, strip=oxipng.StripChunks.safe()))


def _webp(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as image:
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    file = io.BytesIO()
    plain.save(file, "WEBP", lossless=True, quality=75, method=4, exact=True)
    return file.getvalue()


def _gif(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as image:
        rgba = np.asarray(image.convert("RGBA"))
    packed = codes(rgba[..., :3])
    hidden = rgba[..., 3] < _MIN_VISIBLE_ALPHA
    colors, places = np.unique(packed[~hidden], return_inverse=True)
    if (
        len(colors) == _MAX_IN_GIF and hidden.any()
    ):  # no entry left for hidden pixels: hide only those of alpha 0
        hidden = rgba[..., 3] == 0
        colors, places = np.unique(packed[~hidden], return_inverse=True)
    indices = np.zeros(packed.shape, dtype=np.uint8)
    indices[~hidden] = places
    if hidden.any():
        indices[hidden] = len(colors)
    color_table = np.zeros((len(colors) + 1, 3), dtype=np.uint8)
    color_table[:-1] = colors_of(colors)
    flat = Image.fromarray(indices, mode="P")
    flat.putpalette((color_table if hidden.any() else color_table[:-1]).tobytes())
    options = {"transparency": len(colors)} if hidden.any() else {}
    file = io.BytesIO()
    flat.save(file, "GIF", optimize=False, **options)
    return file.getvalue()


IMAGE_FORMATS = {
    "png": ImageFormat("PNG", ".png", "image/png", lambda png: png),
    "optimized": ImageFormat("PNG, optimized", ".png", "image/png", _optimized, package="oxipng"),
    "webp": ImageFormat("WebP, lossless", ".webp", "image/webp", _webp, 16_383),
    "gif": ImageFormat("GIF", ".gif", "image/gif", _gif, 65_535),
}
IMAGE_SUFFIXES = tuple(dict.fromkeys(image_format.suffix for image_format in IMAGE_FORMATS.values()))
