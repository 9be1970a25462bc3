"""What pyproject.toml and the files beside it promise: one version, every import declared, commands that say
which extra they lack."""

import ast
import json
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import kmeans_core
from kmeans_core.__main__ import main
from kmeans_core.commands.extras import EXTRAS
from kmeans_core.locations import APP

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Module → package, where the names differ.
PACKAGES = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "faiss": "faiss-cpu",
    "oxipng": "pyoxipng",
    "py4j": "pyspark",
    "sklearn": "scikit-learn",
}
# Other people's quantizers, which are compared with ours in a checkout only.
PEERS = {"faiss-cpu", "imagequant", "opencv-python-headless"}


def packages_of(extra):
    """Package → its requirement; an extra may name others of this project."""
    found = {}
    for line in PROJECT["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            for other in requirement.extras:
                found |= packages_of(other)
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


def core_packages():
    return {canonicalize_name(row.name): row for row in map(Requirement, PROJECT["dependencies"])}


def pins(name):
    """Package → the version in a file of requirements."""
    found = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", f"{line} is no exact version"
            found[canonicalize_name(requirement.name)] = specifier.version
    return found


def package_of(module):
    return canonicalize_name(PACKAGES.get(module, module))


def imported_packages(*places):
    """Package → the file that imports it, but for this project and what comes with Python."""
    own = {"kmeans_core", "pages", "streamlit_app"} | sys.stdlib_module_names
    found = {}
    for path in chain.from_iterable(place.rglob("*.py") if place.is_dir() else [place] for place in places):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for module in {name.partition(".")[0] for name in names} - own:
                found.setdefault(package_of(module), path.relative_to(ROOT))
    return found


def test_there_is_one_version():
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    texts = [ROOT / "kmeans_core" / "__init__.py", ROOT / "pyproject.toml"]
    assert [path.read_text("utf-8").count(f'"{kmeans_core.__version__}"') for path in texts] == [1, 0]


def test_everything_imported_is_declared():
    core = imported_packages(ROOT / "kmeans_core")
    app = imported_packages(ROOT / "pages", ROOT / "streamlit_app.py")
    declared = core_packages()
    assert {"numpy", "numba", "pillow", "pandas", "pyspark"} <= set(core)
    assert set(core) - set(declared) - set(packages_of("all")) - set(packages_of("huge")) == PEERS
    assert set(app) - set(declared) - set(packages_of("app")) == set()
    assert set(pins("requirements-dev.txt")) >= PEERS


def test_pins_are_within_the_ranges():
    exact = pins("requirements.txt")
    ranges = core_packages() | packages_of("all")
    assert set(exact) == set(ranges)
    for name, requirement in ranges.items():
        assert requirement.specifier.contains(exact[name]), f"{name}=={exact[name]} is not in {requirement}"


@pytest.mark.parametrize("module", EXTRAS)
def test_the_extra_that_is_named_brings_the_module(module):
    assert package_of(module) in packages_of(EXTRAS[module])


def test_the_command_is_the_same_as_the_module():
    (target,) = PROJECT["scripts"].values()
    assert EntryPoint("kmeans-studio", target, "console_scripts").load() is main


def run_with_core_only(*arguments):
    """Runs a command as if no package of an extra were there."""
    script = (
        "import json, sys; hidden, arguments = json.loads(sys.argv[1]); "
        "sys.modules.update(dict.fromkeys(hidden)); sys.argv[0] = 'kmeans-studio'; "
        "from kmeans_core.__main__ import main; sys.exit(main(arguments))"
    )
    given = json.dumps([list(EXTRAS), [str(argument) for argument in arguments]])
    command = [sys.executable, "-c", script, given]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)


def test_the_core_alone_quantizes(tmp_path):
    source, target = ROOT / "assets" / "samples" / "cat.png", tmp_path / "cat.png"
    done = run_with_core_only(
        "quantize", source, "--colors", 5, "--backend", "numpy", "--output", target, "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_colors"] == 5
    assert target.exists()


def test_the_core_alone_lists_commands_and_backends():
    done = run_with_core_only("--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: kmeans-studio")
    done = run_with_core_only("backends")
    assert done.returncode == 0, done.stderr
    for extra in ("tables", "spark", "dask"):
        assert f"pip install 'kmeans-studio[{extra}]'" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["table", "assets/samples/samples.json", "-k", "3"], "tables"),
        (["benchmark", "--preset", "quick"], "benchmark"),
        (["results"], "benchmark"),
        (["app"], "app"),
        (["quantize", "assets/samples/cat.png", "--colors", "5", "--measures"], "pictures"),
        (["quantize", "assets/samples/cat.png", "--colors", "5", "--backend", "dask"], "dask"),
        (["quantize", "assets/samples/cat.png", "--colors", "5", "--backend", "spark-rdd"], "spark"),
    ],
)
def test_a_command_names_the_extra_it_lacks(arguments, extra):
    done = run_with_core_only(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(f"is not installed; run: pip install 'kmeans-studio[{extra}]'\n")


def test_app_hands_its_options_to_streamlit(monkeypatch):
    started = []

    def start(module, **_):
        started.append([module, *sys.argv])

    monkeypatch.setattr(runpy, "run_module", start)
    monkeypatch.setattr(sys, "argv", [""])
    monkeypatch.delenv("STREAMLIT_SERVER_ADDRESS", raising=False)
    assert main(["app", "--port", "8599", "--host", "0.0.0.0", "--theme.base=dark"]) == 0
    script = str(APP / "streamlit_app.py")
    start_up = ["streamlit", "streamlit", "run", script, "--server.address"]
    assert started == [[*start_up, "0.0.0.0", "--server.port", "8599", "--theme.base=dark"]]
    assert Path(script) == ROOT / "streamlit_app.py"
    assert main(["app"]) == 0
    assert started[1] == [*start_up, "127.0.0.1"]
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    assert main(["app"]) == 0
    assert started[2] == [*start_up, "0.0.0.0"]


def test_app_refuses_a_port_that_is_none(capsys):
    assert main(["app", "--port", "99999"]) == 2
    assert capsys.readouterr().err == "kmeans_core: --port 99999 is not allowed; give 1 to 65535.\n"
