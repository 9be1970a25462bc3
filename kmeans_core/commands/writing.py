"""Output files of commands: checked early, written completely or not at all."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kmeans_core.errors import OutputError


def check_output_path(path: str, suffixes: Sequence[str], input_path: str, option: str = "--output") -> Path:
    """The path to write to. Raises OutputError early if it could not be written after the work.

    suffixes: those allowed. input_path: the input, which must not be overwritten. option: that gave the path.
    """
    output_path = Path(path)
    if output_path.suffix.lower() not in suffixes:
        wanted = " or ".join(suffixes)
        advice = "use that ending" if len(suffixes) == 1 else "use one of these endings"
        raise OutputError(f"{option} {output_path} does not end in {wanted}; {advice}.")
    try:
        exists, is_folder, has_parent = (
            output_path.exists(),
            output_path.is_dir(),
            output_path.parent.is_dir(),
        )
        is_input = exists and Path(input_path).exists() and output_path.samefile(input_path)
    except OSError as error:
        raise OutputError(
            f"{option} cannot be used: {error.strerror or error}; choose another name."
        ) from None
    if is_folder:
        raise OutputError(f"{option} {output_path} is a folder; name a file in it.")
    if not has_parent:
        raise OutputError(
            f"{option} {output_path}: the folder {output_path.parent} does not exist; make it first."
        )
    if not os.access(output_path.parent, os.W_OK) or (exists and not os.access(output_path, os.W_OK)):
        raise OutputError(f"{option} {output_path} cannot be written; choose a place where you may write.")
    if is_input:
        raise OutputError(f"{option} {output_path} is the input itself; choose another name.")
    return output_path


def names_folder(path: str) -> bool:
    """Whether a path is that of a folder, or is written like one."""
    try:
        return path.endswith(("/", "\\")) or Path(path).is_dir()
    except OSError:
        return False


def write_file(output_path: Path, data: bytes) -> None:
    """Writes completely or not at all: to a temporary file first, which is then renamed."""
    umask = os.umask(0)
    os.umask(umask)
    try:
        handle, name = tempfile.mkstemp(dir=output_path.parent, prefix=".kmeans-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(output_path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"{output_path} cannot be written: {error.strerror or error}.") from error
