"""How tests call the command line, and with what."""

import os
import subprocess
import sys

from kmeans_core.__main__ import main
from tests.conftest import ASSETS

RACCOON = str(ASSETS / "raccoon.png")
CAT = str(ASSETS / "samples" / "cat.png")
HORSE = str(ASSETS / "samples" / "horse.png")


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "kmeans_core", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ASSETS.parent,
        env=os.environ | environment,
        timeout=200,
    )


def fails(capsys, *arguments):
    """Runs a command that is wrong; its one line of explanation."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err
