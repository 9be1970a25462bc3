"""What a command line puts out, in a form that is the same each time it is run.

Left out: seconds, where files are, and the options, which only repeat the command line. Numbers in JSON count
to 10 digits, so that the last bit does not matter. Pictures count by their pixels, plain PNG by its bytes as
well; Parquet by the table in it.
"""

import hashlib
import io
import json
import platform
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, features

from kmeans_core.__main__ import main
from tests.recorded.inputs import provide

RECORDED = Path(__file__).with_name("command_lines.json")
# What compresses PNG: with another, its bytes are others and mean the same.
ENCODER = (
    f"Pillow {features.version('pil')}, zlib {features.version('zlib')}, "
    f"zlib-ng {features.version('zlib_ng')}, {platform.machine()}"
)

_SIZES = ("output_bytes", "compression_ratio", "raw_compression_ratio")
_LEFT_OUT = ("seconds", "output", "options")


@dataclass(frozen=True)
class Outcome:
    """code: the exit code. said: the last line on standard error, if the code is not 0. report: what `--json`
    prints. printed: what is printed otherwise. files: path → bytes of what was written. is_plain: whether
    pictures are PNG as they are first written, which counts by its bytes."""

    code: int
    said: str
    report: dict | None
    printed: str
    files: dict
    is_plain: bool

    def parts(self):
        """Name → bytes to compare. Those with an asterisk depend on who compresses PNG."""
        parts = {}
        if self.report is not None:
            parts["report"] = _as_json(self.report, (*_LEFT_OUT, *_SIZES))
            if self.is_plain and (sizes := _sizes(self.report)):
                parts["report: sizes *"] = _as_json(sizes)
        elif self.printed:
            name = "printed *" if " bytes (" in self.printed else "printed"
            parts[name] = re.sub(r"[\d.]+ s\b", "… s", self.printed).encode()
        for path, data in self.files.items():
            parts |= {f"{path}{name}": part for name, part in _parts_of(path, data, self.is_plain)}
        return parts

    def recorded(self):
        """Exit code, line on standard error, and a digest of each part."""
        digests = {name: hashlib.sha256(part).hexdigest() for name, part in sorted(self.parts().items())}
        return {"code": self.code, "said": self.said, "digests": digests}


def outcome_of(command_line, folder):
    """Runs a command line, or several with && in between, in a folder, which is to be the current one and
    empty. The outcome is that of the last one that is run, and all files."""
    provide(shlex.split(command_line), folder)
    given = _files_in(folder)
    for command in command_line.split(" && "):
        code, printed, said = _run(shlex.split(command))
        if code:
            break
    printed, said = (text.replace(str(folder), "FOLDER") for text in (printed, said))
    report = json.loads(printed) if printed.startswith("{") else None
    files = {path: data for path, data in _files_in(folder).items() if given.get(path) != data}
    last = said.rstrip("\n").rpartition("\n")[2] if code else ""
    is_plain = not any(word in command_line for word in ("--optimize", ".webp", ".gif"))
    return Outcome(code, last, report, printed, files, is_plain)


def _files_in(folder):
    """Path within the folder → bytes."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _run(arguments):
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()) as said:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
    return code, printed.getvalue(), said.getvalue()


def _parts_of(path, data, is_plain):
    """What counts of a file, each with what its name is followed by."""
    if path.endswith(".parquet"):
        frame = pd.read_parquet(io.BytesIO(data))
        types = ",".join(map(str, frame.dtypes))
        yield ": table", f"{types}\n{frame.to_csv(index=False)}".encode()
    elif path.endswith((".png", ".webp", ".gif")):
        with Image.open(io.BytesIO(data)) as image:
            table = image.getpalette() if image.mode == "P" else None
            pixels = np.asarray(image.convert("RGBA"))
        yield ": pixels", str(pixels.shape).encode() + pixels.tobytes()
        if table is not None and (is_plain or path.endswith(".gif")):
            yield ": palette", bytes(table)
        if path.endswith(".png") and is_plain:
            yield " *", data
    elif path.endswith("model.json"):
        yield ": rounded", _as_json(json.loads(data))
    else:
        yield "", data


def _as_json(value, left_out=()):
    return json.dumps(_plain(value, left_out), indent=1, sort_keys=True).encode()


def _plain(value, left_out):
    """Without the entries that are left out, and with numbers of 10 digits."""
    match value:
        case dict():
            return {name: _plain(entry, left_out) for name, entry in value.items() if name not in left_out}
        case list():
            return [_plain(entry, left_out) for entry in value]
        case float():
            return float(f"{round(value, 12):.10g}")
    return value


def _sizes(report):
    """The sizes of files in the report of a picture, or of each picture."""
    if "pictures" in report:
        return [found for entry in report["pictures"] if (found := _sizes(entry))]
    return {name: report[name] for name in _SIZES if name in report}
