"""What holds for every command, shown by `quantize`: streams, exit codes, files that cannot be written."""

import json
import re
import subprocess
import sys
from pathlib import Path

from kmeans_core.__main__ import main
from tests.commands.calls import CAT, RACCOON, fails, run
from tests.conftest import ASSETS


def test_a_reader_that_stops_reading_is_no_error(tmp_path):
    target = tmp_path / "out.png"
    command = [
        sys.executable,
        "-m",
        "kmeans_core",
        "quantize",
        RACCOON,
        "--colors",
        "2",
        "--output",
        str(target),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ASSETS.parent, text=True
    ) as process:
        process.stdout.close()
        said = process.stderr.read()  # how far it is, where that takes long
    assert not re.search("Traceback|Error|pipe", said), said
    assert process.returncode == 0
    assert target.exists()


def test_a_terminal_without_arrows_still_gets_its_summary(tmp_path):
    source, target = CAT, str(tmp_path / "out.png")
    done = run("quantize", source, "--colors", "2", "--output", target, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "32,584 \\u2192 2 colors" in done.stdout


def test_backends_as_json(capsys):
    assert main(["backends", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["backends"]}
    assert list(rows) == ["numpy", "numba", "sklearn", "spark-rdd", "spark-ml", "dask", "minibatch"]
    assert rows["numpy"]["available"]
    assert rows["numpy"]["reason"] is None
    assert rows["numpy"]["version"].startswith("numpy ")
    assert rows["spark-ml"]["traits"]["initial_centers"] is False


def test_no_command_and_help():
    done = run()
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    done = run("quantize", "--help")
    assert done.returncode == 0
    assert "how many colors, 1 to 256" in done.stdout


def test_a_backend_that_breaks_down_is_exit_code_one(capsys, monkeypatch, tmp_path):
    from kmeans_core.errors import BackendFailedError

    def broken(*_, **__):
        raise BackendFailedError("Spark's Java process ended.")

    monkeypatch.setattr("kmeans_core.images.stages.fit_points", broken)
    target = tmp_path / "out.png"
    assert main(["quantize", RACCOON, "--colors", "3", "--output", str(target)]) == 1
    assert capsys.readouterr().err == "kmeans_core: Spark's Java process ended.\n"
    assert not target.exists()


def test_control_c_stops_without_a_traceback(capsys, monkeypatch, tmp_path):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("kmeans_core.images.stages.fit_points", interrupted)
    assert main(["quantize", RACCOON, "--colors", "3", "--output", str(tmp_path / "out.png")]) == 130
    assert "stopped, nothing written" in capsys.readouterr().err


def test_progress_goes_to_standard_error(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("kmeans_core.commands.parsing.monotonic", iter(range(0, 100_000, 10)).__next__)
    source = CAT
    assert main(["quantize", source, "--colors", "4", "--output", str(tmp_path / "o.png"), "--json"]) == 0
    said = capsys.readouterr()
    json.loads(said.out)
    assert "iteration 1 of at most 100\n" in said.err


def test_spark_without_java(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("kmeans_core.backends.spark_session.find_java", lambda: None)
    target = tmp_path / "out.png"
    for backend in ("spark-rdd", "spark-ml"):
        said = fails(capsys, "quantize", RACCOON, "--colors", 4, "--backend", backend, "--output", target)
        assert f"The backend {backend} cannot run here: Spark needs Java 17 or 21" in said
    assert not target.exists()
    assert main(["backends"]) == 0
    assert "spark-rdd  no   Spark needs Java" in capsys.readouterr().out


def test_a_disk_that_fills_up_leaves_no_half_a_file(tmp_path):
    """Files of this process may not grow past 4 KB: the system ends the write in the middle."""
    target = tmp_path / "out.png"
    target.write_bytes(b"what was there before")
    script = (
        "import resource, signal, sys\n"
        "from kmeans_core.backends import get_backend\n"
        "get_backend('numpy')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from kmeans_core.__main__ import main\n"
        f"sys.exit(main(['quantize', {RACCOON!r}, '--colors', '4', '--backend', 'numpy',"
        f" '--max-iter', '2', '--output', {str(target)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "cannot be written: File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert target.read_bytes() == b"what was there before"


def test_unwritable_output(tmp_path, capsys, monkeypatch):
    # As root every folder is writable, so what the system would answer is said for it.
    monkeypatch.setattr("kmeans_core.commands.writing.os.access", lambda path, mode: False)
    target = tmp_path / "out.png"
    assert "cannot be written; choose a place" in fails(
        capsys, "quantize", RACCOON, "--colors", 4, "--output", target
    )
    monkeypatch.undo()
    full = Path("/dev/full/out.png")
    assert "make it first" in fails(capsys, "quantize", RACCOON, "--colors", 4, "--output", full)


def test_an_impossible_file_name(capsys):
    said = fails(capsys, "quantize", RACCOON, "--colors", 4, "--output", f"{'x' * 300}.png")
    assert "--output cannot be used: File name too long; choose another name" in said


def test_bad_paths(tmp_path, capsys):
    def quantizing(source, target):
        return fails(capsys, "quantize", source, "--colors", 4, "--output", target)

    assert "none.png does not exist" in quantizing(tmp_path / "none.png", tmp_path / "out.png")
    assert "does not exist; make it first" in quantizing(RACCOON, tmp_path / "nowhere" / "out.png")
    assert "does not end in .png" in quantizing(RACCOON, tmp_path / "out.jpg")
    own = tmp_path / "own.png"
    own.write_bytes(Path(RACCOON).read_bytes())
    assert "is the input itself" in quantizing(own, own)
    assert own.read_bytes() == Path(RACCOON).read_bytes()


def test_the_result_has_ordinary_permissions(tmp_path):
    target = tmp_path / "out.png"
    main(["quantize", CAT, "--colors", "2", "--output", str(target)])
    plain = tmp_path / "plain"
    plain.touch()
    assert target.stat().st_mode == plain.stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "plain"]
