"""Small pictures, and files of them byte by byte: what Pillow does not write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

from kmeans_core.images.picture import Picture
from kmeans_core.images.png_chunks import PNG_SIGNATURE

GRAY, RGB, GRAY_ALPHA, RGB_ALPHA = 0, 2, 4, 6
# Chromaticities of white, red, green and blue.
SRGB = (0.3127, 0.329, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
DISPLAY_P3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def picture_of(pixels, alpha=None):
    """As if it had been read from a file."""
    return Picture(np.asarray(pixels, dtype=np.uint8), alpha, "test.png", "PNG", 1000, (), 0.0)


def chunk(kind, body, *, is_sound=True):
    checksum = zlib.crc32(kind + body) ^ (not is_sound)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def packed_png(rows, bits, color_type, *extra, width):
    """A PNG of packed rows, without filters."""
    header = struct.pack(">2I5B", width, len(rows), bits, color_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"".join(
        [PNG_SIGNATURE, chunk(b"IHDR", header), *extra, chunk(b"IDAT", body), chunk(b"IEND", b"")]
    )


def png(samples, color_type, *extra):
    """A PNG of samples of 8 or 16 bits, (height, width) or (height, width, channels)."""
    stored = samples.astype(samples.dtype.newbyteorder(">"))
    rows = [row.tobytes() for row in stored]
    return packed_png(rows, 8 * samples.dtype.itemsize, color_type, *extra, width=samples.shape[1])


def gamma(stored):
    """gAMA, as stored: 45455 is 1/2.2."""
    return chunk(b"gAMA", struct.pack(">I", stored))


def chromaticities(values):
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * value) for value in values)))


def code_points(primaries, transfer, matrix=0, full_range=1):
    return chunk(b"cICP", bytes((primaries, transfer, matrix, full_range)))


def embedded(profile):
    """iCCP."""
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile))


def saved(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def tiff(values, **tags):
    """tags: t and the number of each → its value."""
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[int(tag.removeprefix("t"))] = value
    return saved(Image.fromarray(values), "TIFF", tiffinfo=info)


def avif(image, primaries, transfer):
    data = bytearray(saved(image, "AVIF", quality=100, subsampling="4:4:4"))
    struct.pack_into(">HH", data, data.index(b"colrnclx") + 8, primaries, transfer)
    return bytes(data)


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def display_p3_named_srgb():
    data = bytearray(srgb_profile())
    # The colorants of Display P3, as fixed-point numbers of the ICC.
    for kind, values in (
        (b"rXYZ", (0.51512, 0.2412, -0.00105)),
        (b"gXYZ", (0.29198, 0.69225, 0.04189)),
        (b"bXYZ", (0.1571, 0.06657, 0.78407)),
    ):
        entry = data.index(kind, 128)
        (offset,) = struct.unpack_from(">I", data, entry + 4)
        struct.pack_into(">3i", data, offset + 8, *(round(value * 65536) for value in values))
    return bytes(data)


def curve_of_power(power):
    return b"curv" + struct.pack(">2IH", 0, 1, round(256 * power)) + b"\0\0"


def curve_of_table(values):
    table = np.rint(65535 * np.asarray(values)).astype(">u2")
    return b"curv" + struct.pack(">2I", 0, len(table)) + table.tobytes()


def parametric_curve(kind, *numbers):
    fixed = struct.pack(f">{len(numbers)}i", *(round(65536 * number) for number in numbers))
    return b"para" + struct.pack(">I2H", 0, kind, 0) + fixed


def profile(curve, *, is_gray=False):
    """A color profile of version 4: sRGB's primaries or gray, and that curve."""

    def xyz(*values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * value) for value in values))

    text = "Made".encode("utf-16-be")
    described = b"mluc" + struct.pack(">3I2s2sII", 0, 1, 12, b"en", b"US", len(text), 28) + text
    tags = {b"desc": described, b"cprt": described, b"wtpt": xyz(0.9642, 1, 0.8249)}
    if is_gray:
        tags[b"kTRC"] = curve
    else:
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
        tags |= {b"rXYZ": xyz(0.43607, 0.22249, 0.01392), b"gXYZ": xyz(0.38515, 0.71687, 0.09708)}
        tags[b"bXYZ"] = xyz(0.14307, 0.06061, 0.7141)
    directory, body = b"", b""
    start = 132 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        directory += struct.pack(">4s2I", name, start + len(body), len(content))
        body += content
    space = b"GRAY" if is_gray else b"RGB "
    size = start + len(body)
    head = struct.pack(
        ">I4sI4s4s4s12s4s", size, b"lcms", 0x04300000, b"mntr", space, b"XYZ ", bytes(12), b"acsp"
    )
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + directory + body
