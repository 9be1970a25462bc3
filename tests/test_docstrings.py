"""What docstrings say in NumPy style is what the code has: parameters, fields, returned values, errors."""

import ast
import dataclasses
import doctest
import inspect
import re
from pathlib import Path

import pytest

import kmeans_core

ROOT = Path(__file__).parents[1]
PUBLIC = {name: getattr(kmeans_core, name) for name in kmeans_core.__all__}
FUNCTIONS = sorted(name for name, value in PUBLIC.items() if inspect.isfunction(value))
RECORDS = sorted(name for name, value in PUBLIC.items() if dataclasses.is_dataclass(value))
RAISES_NOTHING = {"available_backends"}  # a backend that cannot be loaded is left out

# What else outsiders may use, and each place's main functions: (path, name).
ALSO = [
    ("backends/base.py", "Traits"),
    ("backends/base.py", "Work"),
    ("backends/base.py", "Fit"),
    ("backends/base.py", "Backend.fit"),
    ("backends/base.py", "BackendInfo"),
    ("backends/registry.py", "register_backend"),
    ("backends/registry.py", "get_backend"),
    ("options.py", "Option"),
    ("options.py", "Setting"),
    ("options.py", "FitOptions"),
    ("options.py", "option"),
    ("options.py", "nested"),
    ("images/options.py", "QuantizeOptions"),
    ("tables/options.py", "PrepareOptions"),
    ("tables/options.py", "TableOptions"),
    ("clustering/lloyd.py", "run_lloyd"),
    ("clustering/seeding.py", "seed_centers"),
    ("fitting/fit.py", "fit_points"),
    ("model_selection.py", "sweep"),
    ("images/quantize.py", "quantize_picture"),
    ("images/choosing.py", "find_n_colors"),
    ("tables/load.py", "load_table"),
    ("tables/preparation_fit.py", "fit_preparation"),
    ("tables/clustered.py", "cluster_table"),
    ("tables/by_path.py", "cluster_files"),
    ("walkthrough/walk.py", "walk"),
    ("jobs/supervisor.py", "Supervisor.submit"),
    ("bench/measuring/runner.py", "run_plan"),
]


def sections_of(docstring):
    """Title → the lines below it."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    starts = [at for at, line in enumerate(lines[1:]) if re.fullmatch("-{3,}", line)]
    ends = [*starts, len(lines)][1:]
    return {lines[at]: lines[at + 2 : end] for at, end in zip(starts, ends, strict=True)}


def names_in(section):
    """The names of "x, y : type" and of "**others", without what is said of them."""
    heads = [line.partition(" :")[0] for line in section if line and not line.startswith(" ")]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def sections_by_place():
    """Every function and class of the core with a section of names: path and name → node, sections."""
    found = {}
    for path in sorted((ROOT / "kmeans_core").rglob("*.py")):
        place = path.relative_to(ROOT / "kmeans_core").as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        inner = [(f"{one.name}.{node.name}", node) for one in classes for node in functions_in(one)]
        for name, node in [*((one.name, one) for one in classes), *inner, *named(functions_in(tree))]:
            sections = sections_of(ast.get_docstring(node))
            if {"Parameters", "Attributes"} & set(sections):
                found[place, name] = node, sections
    return found


def functions_in(node):
    return [child for child in node.body if isinstance(child, ast.FunctionDef)]


def named(nodes):
    return [(node.name, node) for node in nodes]


def parameters_of(function):
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    names += [one.arg for one in (given.vararg, given.kwarg) if one is not None]
    return {name for name in names if name not in ("self", "cls")}


def fields_of(record):
    return {node.target.id for node in record.body if isinstance(node, ast.AnnAssign)}


def is_dataclass(node):
    return any(ast.unparse(decorator).startswith("dataclass") for decorator in node.decorator_list)


PLACES = sections_by_place()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_describe_their_parameters_and_what_comes_of_them(name):
    function = PUBLIC[name]
    signature = inspect.signature(function)
    sections = sections_of(function.__doc__)
    assert sorted(names_in(sections["Parameters"])) == sorted(signature.parameters)
    assert "Returns" in sections or signature.return_annotation is None
    assert "Raises" in sections or name in RAISES_NOTHING


@pytest.mark.parametrize("name", RECORDS)
def test_public_records_describe_their_fields(name):
    fields = [field.name for field in dataclasses.fields(PUBLIC[name])]
    assert sorted(names_in(sections_of(PUBLIC[name].__doc__)["Attributes"])) == sorted(fields)


@pytest.mark.parametrize("place", sorted(PLACES), ids="::".join)
def test_sections_name_what_the_code_has(place):
    node, sections = PLACES[place]
    if isinstance(node, ast.FunctionDef):
        assert sorted(names_in(sections["Parameters"])) == sorted(parameters_of(node))
    elif is_dataclass(node):
        assert sorted(names_in(sections["Attributes"])) == sorted(fields_of(node))
    elif "Parameters" in sections:  # of a class: those of its constructor
        made = next(one for one in functions_in(node) if one.name == "__init__")
        assert sorted(names_in(sections["Parameters"])) == sorted(parameters_of(made))


@pytest.mark.parametrize("place", ALSO, ids="::".join)
def test_what_outside_people_use_has_sections(place):
    assert place in PLACES


@pytest.mark.parametrize("name", ["kmeans_core", "available_backends", "load_picture", "quantize"])
def test_examples_hold(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    shown = PUBLIC.get(name, kmeans_core)
    tests = doctest.DocTestFinder(recurse=False).find(shown, name, module=False, globs={})
    assert tests
    assert tests[0].examples
    for test in tests:
        assert doctest.DocTestRunner().run(test).failed == 0
