"""Records what command lines put out, for `test_recorded_outputs.py` to compare with.

`python -m tests.recorded.record` runs every command line of `command_lines.json` and writes its exit code,
its error and its digests into that file; those that changed are named. To add a command line, write an
entry of a name and a "command" into the file, and record. `--show NAME` runs one and prints what its digests
are of, so that two versions of the program can be compared: `python -m tests.recorded.record --show NAME`.
"""

import argparse
import json
import tempfile
from contextlib import chdir
from pathlib import Path

from tests.recorded.outcome import ENCODER, RECORDED, outcome_of


def record():
    known = json.loads(RECORDED.read_text("utf-8"))
    lines = {}
    for name, entry in known["command_lines"].items():
        lines[name] = {"command": entry["command"], **_outcome(entry["command"]).recorded()}
        if lines[name] != entry:
            print(f"{name}: {'changed' if 'digests' in entry else 'new'}")
    text = json.dumps({"encoder": ENCODER, "command_lines": lines}, indent=1, ensure_ascii=False)
    RECORDED.write_text(text + "\n", "utf-8")
    print(f"{len(lines)} command lines are recorded.")


def show(name):
    command = json.loads(RECORDED.read_text("utf-8"))["command_lines"][name]["command"]
    outcome = _outcome(command)
    print(f"{command}\nexit code {outcome.code}\n{outcome.said}")
    for part, data in outcome.parts().items():
        try:
            print(f"\n{part}\n{data.decode()}")
        except UnicodeDecodeError:
            print(f"\n{part}\n{len(data):,} bytes that are no text")


def _outcome(command):
    with tempfile.TemporaryDirectory() as name, chdir(name):
        return outcome_of(command, Path(name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.recorded.record", description=__doc__)
    parser.add_argument("--show", metavar="NAME", help="print what the digests of one are of")
    options = parser.parse_args()
    show(options.show) if options.show else record()
