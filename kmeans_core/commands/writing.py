"""Where commands write to: refused early, written all or nothing."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kmeans_core.errors import OutputError


def checked_target(given: str, endings: Sequence[str], source: str, option: str = "--output") -> Path:
    """The path to write to. Refuses early what could not be written after the work is done.

    endings: allowed suffixes. source: the input, which must not be overwritten. option: that gave the path.
    """
    target = Path(given)
    if target.suffix.lower() not in endings:
        wanted = " or ".join(endings)
        raise OutputError(f"{option} {target} does not end in {wanted}; name it so.")
    try:
        exists, is_folder, has_parent = target.exists(), target.is_dir(), target.parent.is_dir()
        is_input = exists and Path(source).exists() and target.samefile(source)
    except OSError as error:
        raise OutputError(
            f"{option} cannot be used: {error.strerror or error}; choose another name."
        ) from None
    if is_folder:
        raise OutputError(f"{option} {target} is a folder; name a file in it.")
    if not has_parent:
        raise OutputError(f"{option} {target}: the folder {target.parent} does not exist; make it first.")
    if not os.access(target.parent, os.W_OK) or (exists and not os.access(target, os.W_OK)):
        raise OutputError(f"{option} {target} cannot be written; choose a place where you may write.")
    if is_input:
        raise OutputError(f"{option} {target} is the input itself; choose another name.")
    return target


def names_folder(given: str) -> bool:
    """Whether a path is that of a folder, or is written like one."""
    try:
        return given.endswith(("/", "\\")) or Path(given).is_dir()
    except OSError:
        return False


def write_file(target: Path, data: bytes) -> None:
    """Writes all or nothing: beside the target first, then renamed over it."""
    umask = os.umask(0)
    os.umask(umask)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".kmeans-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}.") from error
