"""The sample pictures that every page can show, and the kinds of pictures that may be uploaded."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ASSETS = Path(__file__).parents[3] / "assets"
RACCOON = _ASSETS / "raccoon.png"
UPLOADS = [
    "png",
    "jpg",
    "jpeg",
    "webp",
    "gif",
    "tif",
    "tiff",
    "bmp",
    "avif",
    "ico",
    "jp2",
    "ppm",
    "psd",
    "tga",
]


@dataclass(frozen=True)
class Sample:
    """key: its name in links. path, thumbnail: its file, and the bytes of a small PNG. title: what to call it
    in a heading. alt: what it shows. credit: who made it and under which licence."""

    key: str
    path: Path
    title: str
    alt: str
    credit: str
    thumbnail: bytes

    def read(self) -> tuple[bytes, str]:
        """Its bytes and their SHA-256."""
        data = self.path.read_bytes()
        return data, hashlib.sha256(data).hexdigest()


@cache
def samples() -> dict[str, Sample]:
    """key → sample, in the order in which they are offered."""
    entries = json.loads((_ASSETS / "samples" / "samples.json").read_text("utf-8"))
    return {
        entry["key"]: Sample(
            entry["key"],
            _ASSETS / entry["file"],
            entry["title"],
            entry["alt"],
            f"{entry['credit']}, {entry['license']}",
            (_ASSETS / entry["thumb"]).read_bytes(),
        )
        for entry in entries
    }
