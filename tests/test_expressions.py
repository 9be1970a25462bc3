"""Regular expressions take time in proportion to the text, whoever has written it."""

import ast
import importlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from kmeans_core.tables import number_spelling
from kmeans_core.tables.texts import Pattern
from tests.conftest import ASSETS

ROOT = ASSETS.parent
METHODS = ("sub", "match", "search", "fullmatch", "split", "findall", "finditer")
# Hands on what it is given, by `number_spelling`.
WRAPPER = Path("kmeans_core", "tables", "texts.py")
# Time for a text of 1 MB; what grows with the square of its length needs hours.
MAX_SECONDS = 2.0
LENGTHS = (1_000, 30_000, 1_000_000)


@dataclass(frozen=True)
class Expression:
    """method: of the pattern, as the project calls it."""

    pattern: re.Pattern
    method: str

    def look_in(self, text: str) -> None:
        whole = text if isinstance(self.pattern.pattern, str) else text.encode("latin-1")
        if self.method in ("match", "fullmatch", "search"):
            getattr(self.pattern, self.method)(whole)
        else:
            for _ in self.pattern.finditer(whole):
                pass


@cache
def expressions() -> dict[str, Expression]:
    """All that the project uses, by where they stand and how they are used."""
    found = []
    for path in sorted([*ROOT.glob("kmeans_core/**/*.py"), *ROOT.glob("pages/**/*.py")]):
        where = path.relative_to(ROOT)
        if where == WRAPPER:
            continue
        text = path.read_text("utf-8")
        names = vars(importlib.import_module(".".join(where.with_suffix("").parts)))
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("re."):
                continue
            method = ast.unparse(node.func).removeprefix("re.")
            if method in METHODS:
                found.append((where, Expression(re.compile(_value(node.args[0], names)), method)))
        for name, value in names.items():
            if isinstance(value, re.Pattern) and name in text:
                found += [(where, Expression(value, method)) for method in _methods(name, text)]
    for value in vars(number_spelling).values():
        found += [("Pattern", Expression(pattern._compiled, "search")) for pattern in _patterns(value)]
        found += [("Pattern", Expression(pattern._compiled, "sub")) for pattern in _patterns(value)]
    return {f"{where} {one.pattern.pattern[:30]!r} {one.method}": one for where, one in found}


def _methods(name: str, text: str) -> set[str]:
    """How a compiled expression is used in a module: any way where that does not show."""
    shown = set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", text)) & set(METHODS)
    return shown or {"finditer", "fullmatch"}


def _patterns(value: object) -> Iterator[Pattern]:
    if isinstance(value, Pattern):
        yield value
    elif isinstance(value, tuple | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _patterns(one)


def _value(node: ast.expr, names: dict[str, object]) -> Any:
    return eval(ast.unparse(node), names)


def samples(pattern: re.Pattern[str]) -> list[str]:
    """A text that each part of an expression takes, in order."""
    found: list[str] = []

    def walk(parts) -> None:
        for kind, value in parts:
            if kind is codes.LITERAL:
                found.append(chr(value))
            elif kind is codes.NOT_LITERAL:
                found.append("a" if value != ord("a") else "b")
            elif kind in (codes.ANY, codes.CATEGORY):
                found.append(_of_category(value) if kind is codes.CATEGORY else "a")
            elif kind is codes.IN:
                found.append(_of_set(value))
            else:
                for nested in value if isinstance(value, tuple | list) else [value]:
                    if isinstance(nested, parser.SubPattern):
                        walk(nested)
                    elif isinstance(nested, list):
                        for one in nested:
                            walk(one)

    walk(parser.parse(pattern.pattern, pattern.flags))
    return found


def _of_category(category) -> str:
    by_name = {
        "CATEGORY_DIGIT": "0",
        "CATEGORY_SPACE": " ",
        "CATEGORY_NOT_WORD": " ",
        "CATEGORY_NOT_DIGIT": " ",
    }
    return by_name.get(str(category), "a")


def _of_set(parts) -> str:
    kinds = dict(parts)
    if codes.NEGATE in kinds:
        expression = re.compile(f"[{''.join(_source(part) for part in parts)}]")
        return next(char for char in "a0 \t\n.#" if expression.match(char))
    kind, value = parts[0]
    return _of_category(value) if kind is codes.CATEGORY else chr(value[0] if kind is codes.RANGE else value)


def _source(part) -> str:
    kind, value = part
    if kind is codes.NEGATE:
        return "^"
    if kind is codes.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    if kind is codes.CATEGORY:
        return {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[str(value).rpartition("_")[2]]
    return re.escape(chr(value))


def attacks(pattern: re.Pattern[str]) -> set[str]:
    """What is repeated: each part, each two in a row, all that is before one."""
    parts = samples(pattern)
    return {
        *parts,
        *map("".join, pairwise(parts)),
        "".join(parts),
        "".join(parts[:-1]),
        " ",
        "\n",
        "\t\r\n",
    } - {""}


def test_there_are_expressions():
    assert len(expressions()) > 30


@pytest.mark.parametrize("where", expressions())
def test_time_grows_with_the_text(where):
    expression = expressions()[where]
    start = "".join(samples(expression.pattern)[:-1])

    def seconds(attack: str, length: int) -> float:
        repeated = attack * (length // len(attack)) + "\0"
        began = time.perf_counter()
        expression.look_in(repeated)
        expression.look_in(start + repeated)
        return time.perf_counter() - began

    worst = attacks(expression.pattern)
    for length in LENGTHS:
        times = {attack: seconds(attack, length) for attack in sorted(worst)}
        assert max(times.values()) < MAX_SECONDS, f"{length:,} characters: {times}"
        worst = sorted(times, key=times.__getitem__)[-3:]


def test_what_grows_with_the_square_is_found():
    assert "\n" in attacks(re.compile(r"^\s*[0-9a-f]{6}\s*$", re.MULTILINE))
