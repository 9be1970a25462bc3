"""Files that take far more memory or time than their size lets one expect, one or several of each format."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from PIL import Image

from tests.fuzz.open_document import cell, ods, row
from tests.images.made_pictures import chunk
from tests.tables.made_tables import excel

_SIDE = 7000  # 49 megapixels


@dataclass(frozen=True)
class Bomb:
    """name: of the file. reads: what it is read as. make: its bytes. is_large: has some 50 MB, or is slow to
    make."""

    name: str
    reads: str
    make: Callable[[], bytes]
    is_large: bool = False


def bombs() -> Sequence[Bomb]:
    """All of them."""
    return (*_pictures(), *_tables(), *_texts())


def _pictures() -> list[Bomb]:
    black = Image.new("RGB", (_SIDE, _SIDE))
    floats, hidden = Image.new("F", (_SIDE, _SIDE)), Image.new("RGBA", (_SIDE, _SIDE))
    unpacks = {"compression": "tiff_adobe_deflate"}

    def picture(name: str, make: Callable[[], bytes], *, is_large: bool = False) -> Bomb:
        return Bomb(name, "picture", make, is_large)

    return [
        picture("scans.jpg", repeated_scans),
        picture("fill.jpg", lambda: b"\xff\xd8" + b"\xff" * 5_000_000 + b"\xd9"),
        picture("exif.jpg", lambda: b"\xff\xd8" + b"\xff\xe1\xff\xffExif\0\0" + b"\0" * 65525 * 2),
        picture("exif.png", lambda: small_png(chunk(b"eXIf", b"MM\0*" + b"\0" * 20_000_000))),
        picture("comments.ppm", lambda: b"P6\n" + b"#\n" * 400_000 + b"1 1\n255\n\0\0\0"),
        picture("directories.tiff", many_directories),
        picture("tags.tiff", many_tags),
        picture("tiny.webp", tiny_webp),
        picture("plain.jp2", lambda: saved(black, "JPEG2000")),
        picture("hidden.icns", icon_with_jpeg_2000, is_large=True),
        picture("hidden.ico", icon_with_late_header),
        picture("claims.qoi", lambda: b"qoif" + struct.pack(">II", 7000, 7000) + b"\3\0" + b"\xfd" * 800_000),
        picture("named.png", lambda: b"qoif" + struct.pack(">II", 7000, 7000) + b"\3\0" + b"\xfd" * 800_000),
        picture("runs.bmp", lambda: runs_of_bitmap(_SIDE)),
        picture("masks.dds", odd_masks),
        picture("frames.gif", many_frames),
        picture("zeros.png", lambda: saved(hidden, "PNG")),
        picture("deep.png", lambda: small_png_of(_SIDE, _SIDE, 16, 6)),
        picture(
            "zeros.tiff",
            lambda: saved(black, "TIFF", **unpacks),
        ),
        picture(
            "float.tiff",
            lambda: saved(floats, "TIFF", **unpacks),
        ),
        picture("large.jpg", lambda: saved(black, "JPEG"), is_large=True),
        picture("large.avif", lambda: saved(black, "AVIF", speed=10), is_large=True),
        picture(
            "texts.png", lambda: small_png(*[chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 10**7))] * 200)
        ),
        picture("profile.png", lambda: small_png(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**8))))),
    ]


def _tables() -> list[Bomb]:
    def table(name: str, make: Callable[[], bytes], *, is_large: bool = False) -> Bomb:
        return Bomb(name, "table", make, is_large)

    return [
        table("corners.xlsx", lambda: corners(1_048_576, 100)),
        table("far_corners.xlsx", lambda: corners(1_048_576, 16_384)),
        table("shared.xlsx", lambda: excel(One=[["x", "y"], *[["z" * 30_000, 1]] * 20_000]), is_large=True),
        table("repeated.ods", lambda: ods(row(cell(1, repeated=16_000), repeated=1_000_000))),
        table("zeros.xlsx", lambda: zipped("xl/worksheets/sheet1.xml", b"0" * 300_000_000), is_large=True),
        table("binary.parquet", repeated_bytes),
        table("nulls.parquet", lambda: parquet_of(pa.nulls(50_000_000, pa.float64()))),
        table(
            "zeros.parquet", lambda: parquet_of(pa.array(np.zeros(20_000_000)), n_columns=4), is_large=True
        ),
        table("digits.csv", lambda: b"a,b\n" + b"1,2\n" * 12_000_000, is_large=True),
        table("words.csv", lambda: b"a,b\n" + b"some word,x\n" * 4_000_000, is_large=True),
        table("distinct.csv", distinct_words, is_large=True),
        table("delimiters.csv", lambda: b"," * 48_000_000, is_large=True),
        table("lines.csv", lambda: b"\n" * 48_000_000, is_large=True),
        table("quotes.csv", lambda: b'a,b\n"' + b"x,\n" * 16_000_000, is_large=True),
        table("letter.csv", lambda: b"a,b\n" + b"x" * 48_000_000, is_large=True),
        table("brackets.csv", lambda: b"a,b\n" + b"(" + b"1" * 40_000_000 + b",2\n", is_large=True),
        table("spaces.csv", lambda: b"a,b\n" + b"1" + b" " * 40_000_000 + b"x,2\n", is_large=True),
        table("names.csv", lambda: b",".join([b"a"] * 1000) + b"\n" + b",".join([b"1"] * 1000) + b"\n"),
        table("columns.csv", lambda: b",".join([b"a"] * 1_000_000) + b"\n"),
        table("signs.csv", lambda: "a;b\n".encode("cp1252") + b"\xe9\xf1;1\n" * 9_000_000, is_large=True),
    ]


def _texts() -> list[Bomb]:
    deep = 200_000
    return [
        Bomb("blank.hex", "palette", lambda: b"\n" * 5_000_000),
        Bomb("spaces.txt", "palette", lambda: b" \t" * 2_500_000),
        Bomb("nested.json", "palette", lambda: b"[" * deep + b"]" * deep),
        Bomb("objects.json", "palette", lambda: b'{"a":' * deep + b"1" + b"}" * deep),
        Bomb("blocks.css", "palette", lambda: b"a{" * 1_000_000),
        Bomb("brackets.css", "palette", lambda: b"a:rgb(" * 700_000),
        Bomb("comments.gpl", "palette", lambda: b"GIMP Palette\n" + b"#\n" * 2_400_000),
        Bomb("names.gpl", "palette", lambda: b"GIMP Palette\n1 2 3 " + b" \t" * 2_400_000),
        Bomb("digits.hex", "palette", lambda: b"#" * 5_000_000),
        Bomb("swatches.ase", "palette", lambda: b"ASEF\0\1\0\0" + b"\xff" * 4 + b"\0" * 4_000_000),
        Bomb("swatches.aco", "palette", lambda: b"\0\1\xff\xff" + b"\0" * 4_900_000),
        Bomb("wide.png", "palette", lambda: small_png_of(20_000, 2_000, 8, 2)),
        Bomb("nested.json", "model", lambda: b"[" * deep + b"]" * deep),
        Bomb("centers.json", "model", lambda: b'{"kind":"x","centers":[' + b"[1]," * 4_000_000 + b"[1]]}"),
    ]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def small_png(*more: bytes) -> bytes:
    """A PNG of one pixel with more chunks before its pixels."""
    data = saved(Image.new("RGB", (1, 1)), "PNG")
    return data[:33] + b"".join(more) + data[33:]


def small_png_of(width: int, height: int, bits: int, color_type: int) -> bytes:
    """A PNG of zeros, packed as far as that goes."""
    channels = {0: 1, 2: 3, 6: 4}[color_type]
    packer, line = zlib.compressobj(9), bytes(1 + width * channels * bits // 8)
    packed = [*(packer.compress(line) for _ in range(height)), packer.flush()]
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    pixels = chunk(b"IDAT", b"".join(packed))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def repeated_scans() -> bytes:
    """A progressive JPEG whose last scan comes five hundred times; each is worked through."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (1000, 1000, 3), dtype=np.uint8)).resize((2000, 2000))
    data = saved(noise, "JPEG", progressive=True, quality=5)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 500 + b"\xff\xd9"


def many_directories() -> bytes:
    """A TIFF of 50,000 pictures."""
    parts, at = [b"II*\0" + struct.pack("<I", 8)], 8
    entries = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 1)]
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    size = 2 + len(packed) + 4
    for number in range(50_000):
        after = at + size if number < 49_999 else 0
        parts.append(struct.pack("<H", len(entries)) + packed + struct.pack("<I", after))
        at += size
    return b"".join(parts)


def many_tags() -> bytes:
    """A TIFF whose one directory has 65,535 entries of 4 MB, all the same bytes."""
    tags = b"".join(
        struct.pack("<HHII", 40_000 + number % 20_000, 1, 4_000_000, 8) for number in range(65_535)
    )
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 65_535) + tags + bytes(4_000_000)


def tiny_webp() -> bytes:
    """34 bytes that say 16,383 × 16,383 pixels of one color, less than which is enough for a gigabyte."""
    bits = (6999) | (6999 << 14)
    body = b"\x2f" + struct.pack("<I", bits) + b"\x07\x10\xfd\x9f\xfd\x0f\x44\x44\xfd\x0f"
    payload = b"WEBPVP8L" + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(payload)) + payload


def icon_with_jpeg_2000() -> bytes:
    """An icon file of Apple's, whose picture is larger than its kind says."""
    inner = saved(Image.new("RGB", (13_000, 13_000)), "JPEG2000", quality_mode="rates", quality_layers=[1000])
    block = b"ic10" + struct.pack(">I", len(inner) + 8) + inner
    return b"icns" + struct.pack(">I", len(block) + 8) + block


def icon_with_late_header() -> bytes:
    """An icon file of Windows', whose PNG says its size after another chunk."""
    inner = small_png_of(12_000, 12_000, 8, 2)
    inner = inner[:8] + chunk(b"tEXt", b"a\0b") + inner[8:]
    return (
        struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner
    )


def runs_of_bitmap(side: int) -> bytes:
    """A bitmap of run lengths that are all zero."""
    pixels = b"\0\0" * (side * 200) + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    offset = 14 + len(header) + 1024
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + header + bytes(1024) + pixels


def odd_masks() -> bytes:
    """A DDS whose channels have masks of any bits."""
    header = bytearray(saved(Image.new("RGBA", (4, 4)), "DDS")[:128])
    struct.pack_into("<II", header, 12, _SIDE, _SIDE)
    struct.pack_into("<IIIII", header, 88, 32, 0xAAAAAAAA, 0x55555555, 0xF0F0F0F0, 0x0F0F0F0F)
    return bytes(header) + bytes(4 * 1000 * 1000)


def many_frames() -> bytes:
    """An animation of 20,000 frames."""
    first = saved(Image.new("P", (1, 1)), "GIF")
    frame = first[first.index(b",", 13) : -1]
    return first[:-1] + frame * 20_000 + b";"


def corners(row: int, column: int) -> bytes:
    """A sheet with a value in its first cell and one far away."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"] = "x", 1
    sheet.cell(row, column, 2)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def repeated_bytes() -> bytes:
    """One long value in ten thousand rows: 28 KB that become 4 GB."""
    values = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, np.int32)), pa.array([bytes(400_000)]))
    file = io.BytesIO()
    table = pa.table({"a": values.cast(pa.dictionary(pa.int32(), pa.binary())), "b": np.arange(10_000)})
    pa.parquet.write_table(table, file, compression="zstd", store_schema=False)
    return file.getvalue()


def parquet_of(values: pa.Array, n_columns: int = 1) -> bytes:
    file = io.BytesIO()
    pa.parquet.write_table(
        pa.table({f"c{place}": values for place in range(n_columns)}), file, compression="zstd"
    )
    return file.getvalue()


def distinct_words() -> bytes:
    numbers = np.arange(3_500_000)
    return b"a,b\n" + "".join(f"word{number},1\n" for number in numbers.tolist()).encode()
