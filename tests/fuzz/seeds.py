"""Sound files of every kind, small, to be damaged."""

import io
import json
from functools import cache

import numpy as np
import pandas as pd
from PIL import Image

from kmeans_core.bench.records.exchange import export_rows
from kmeans_core.bench.records.shipped import shipped_repetitions
from kmeans_core.tables.clustered import cluster_table
from kmeans_core.tables.load import Table
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.preparation_fit import fit_preparation
from tests.fuzz.open_document import ods, row
from tests.images.made_palettes import aco, ase
from tests.images.made_pictures import chunk, png
from tests.tables.made_tables import excel, parquet

# Ending of the name → Pillow's format, and what to save it with.
_PICTURES = {
    "jpeg": ("JPEG", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"}),
    "progressive.jpeg": ("JPEG", {"progressive": True}),
    "gif": ("GIF", {}),
    "webp": ("WEBP", {"lossless": True}),
    "lossy.webp": ("WEBP", {}),
    "tiff": ("TIFF", {"compression": "tiff_lzw"}),
    "plain.tiff": ("TIFF", {}),
    "bmp": ("BMP", {}),
    "avif": ("AVIF", {}),
    "ico": ("ICO", {"sizes": [(16, 16), (24, 24)]}),
    "icns": ("ICNS", {}),
    "jp2": ("JPEG2000", {}),
    "ppm": ("PPM", {}),
    "tga": ("TGA", {"compression": "tga_rle"}),
    "dds": ("DDS", {}),
    "qoi": ("QOI", {}),
    "pcx": ("PCX", {}),
    "sgi": ("SGI", {}),
}
_PALETTES = {
    "gpl": b"GIMP Palette\nName: x\nColumns: 2\n#\n255 0 0 red\n 0 255 0\tgreen\n",
    "jasc.pal": b"JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n0 255 0\r\n",
    "riff.pal": b"RIFF\x18\0\0\0PAL data\x0c\0\0\0\0\3\2\0\xff\0\0\0\0\xff\0\0",
    "hex": b"#ff0000\n00ff00 ; green\n0x0000ff\n",
    "css": b":root { --a: #ff0000; --b: rgb(0 255 0 / 50%); --c: oklch(0.6 0.1 30); --d: url(#abc) }\n",
    "txt": b"; Paint.NET\nFFFF0000\nFF00FF00\n",
    "json": json.dumps({"red": {"$type": "color", "$value": "#ff0000"}, "list": ["#00ff00"]}).encode(),
    "act": bytes(range(256)) * 3,
    "ase": ase((b"RGB ", 1.0, 0.0, 0.0), (b"CMYK", 0.0, 0.1, 0.2, 0.3), (b"LAB ", 0.5, 10.0, 20.0)),
    "aco": aco((0, 65535, 0, 0, 0), (2, 0, 0, 0, 0), (7, 5000, 100, 100, 0)),
    "palette.png": png(np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8), 2),
}


@cache
def seeds() -> dict[str, tuple[str, bytes]]:
    """Kind → what reads it ("picture", "table", "palette", "model" or "results"), and a file."""
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    found = {"png": ("picture", _decorated_png(image))}
    for kind, (pillow_format, options) in _PICTURES.items():
        file = io.BytesIO()
        image.save(file, pillow_format, **options)
        found[kind] = ("picture", file.getvalue())
    found |= {kind: ("palette", data) for kind, data in _PALETTES.items()}
    return found | _tables()


def _decorated_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.quantize(9).save(file, "PNG", transparency=0)
    data = file.getvalue()
    more = chunk(b"gAMA", b"\0\0\xb1\x8f") + chunk(b"tEXt", b"a\0b") + chunk(b"cICP", b"\1\r\0\1")
    return data[:33] + more + data[33:]


def _tables() -> dict[str, tuple[str, bytes]]:
    frame = pd.DataFrame(
        {"x": [1.5, 2, 30, 31], "y": [1, 2, 3, 4], "word": list("aabb"), "day": "2024-01-05"}
    )
    sheet = [["x", "y", "word"], [1.5, 2, "a"], [30, 3, "b"], [None, 4, "a"]]
    table = Table(frame, "t")
    preparation = fit_preparation(frame, ("x", "word"))
    model = cluster_table(table, preparation, TableOptions.of(n_clusters=2)).model()
    rows = shipped_repetitions()[:3]
    return {
        "csv": ("table", frame.to_csv(index=False).encode()),
        "semicolon.csv": ("table", 'größe;wert\n1,5;a\n"2,5";\'b\n3,5;\n'.encode("cp1252")),
        "parquet": ("table", parquet(frame)),
        "xlsx": ("table", excel(First=sheet, Second=sheet)),
        "ods": ("table", ods(row("x", "y") + row(1, 2) + row(3, 4))),
        "model": ("model", model.to_json().encode()),
        "results.parquet": ("results", export_rows(rows, "parquet")),
        "results.json": ("results", export_rows(rows, "json")),
        "results.csv": ("results", export_rows(rows, "csv")),
    }
