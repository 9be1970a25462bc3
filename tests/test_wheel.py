"""The package as it is installed: what wheel and source distribution hold, and that it finds its files."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import kmeans_core

ROOT = Path(__file__).parents[1]
NAME = f"kmeans_studio-{kmeans_core.__version__}"


def build(kind, folder, root=ROOT):
    """Builds a wheel or an sdist as pip does, but with the hatchling that is installed here."""
    script = f"import sys, hatchling.build; hatchling.build.build_{kind}(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, str(folder)], cwd=root, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def shipped(folder):
    """The files below a folder of the checkout that are no leftovers."""
    paths = [
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    return {path.relative_to(ROOT).as_posix() for path in paths}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The unpacked source distribution."""
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(build("sdist", tmp_path_factory.mktemp("sdist"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / NAME


def names(path):
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_package_and_the_app_inside_it(wheel):
    assert wheel.name == f"{NAME}-py3-none-any.whl"
    found = names(wheel)
    assets = {name for name in shipped("assets") if not name.startswith("assets/screenshots/")}
    app = shipped("pages") | assets | {"streamlit_app.py", ".streamlit/config.toml"}
    package = shipped("kmeans_core") | {f"kmeans_core/_app/{name}" for name in app}
    assert {name for name in found if name.startswith("kmeans_core/")} == package
    assert "kmeans_core/py.typed" in found
    assert "kmeans_core/_app/assets/samples/cat.png" in found
    about = found - package
    assert {name.partition("/")[0] for name in about} == {f"{NAME}.dist-info"}
    assert f"{NAME}.dist-info/licenses/LICENSE" in about


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        said = archive.read(f"{NAME}.dist-info/METADATA").decode()
        commands = archive.read(f"{NAME}.dist-info/entry_points.txt").decode()
    for line in (f"Version: {kmeans_core.__version__}", "License-Expression: MIT", "Provides-Extra: spark"):
        assert f"\n{line}\n" in said
    assert commands.split("\n")[:2] == ["[console_scripts]", "kmeans-studio = kmeans_core.__main__:main"]


def test_the_source_builds_the_same_wheel(source, wheel, tmp_path):
    assert (source / "LICENSE").exists()
    assert not (source / "assets" / "screenshots").exists()
    assert names(build("wheel", tmp_path, source)) == names(wheel)


def test_an_installed_package_finds_its_files(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "from kmeans_core.bench.records.shipped import RACCOON, shipped_repetitions; "
        "from kmeans_core.locations import APP; print(APP, RACCOON.exists(), len(shipped_repetitions()) > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [str(tmp_path / "kmeans_core" / "_app"), "True", "True"], done.stderr
