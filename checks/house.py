"""House rules that no linter knows: how long, how many, and which words. `python -m checks.house`

lines        A module has at most 300 lines.
body         A function has at most 60 lines of code: from the first statement after the docstring to the end,
             with the functions inside it, without blank lines and lines of nothing but a comment.
parameters   A function takes at most 8. `*args` and `**options` are one each; `self` and `cls` do not count.
folder       The docstring of a folder's `__init__.py` says, in whole sentences, what lives there and what may
             import it.
words        No name is given that `WORDS` rules out.

They hold for what runs for users: `kmeans_core/`, `pages/` and `streamlit_app.py`. A kernel, which is a
function that Numba compiles, may be longer and take more if the docstring of its module says why; that is, if
the word "kernel" is there. Whatever else breaks a rule is in `EXEMPT` with a reason, and an entry there that
nothing needs breaks a rule too.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_LINES, MAX_BODY, MAX_PARAMETERS = 300, 60, 8
# What names the project does not give: a word is one between the underscores of a name, a pattern is of the
# whole name without underscores around it. To come: "MOST_*", "hurried", "loose", "middles", "amiss".
WORDS: tuple[str, ...] = ("reckoned", "amiss", "hurried", "loose", "middles", "MOST_*", "LEAST_*")

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Exempt:
    """A place that may break a rule. where: "path", or "path:name" of a function, "a/b.py:Class.method",
    or, for the rule of words, of any name that is given there.
    """

    where: str
    rule: str
    why: str


_FRONT = "a public front: people name the options they want"
EXEMPT = (
    Exempt("kmeans_core/fitting/fit.py:cluster", "parameters", _FRONT),
    Exempt("kmeans_core/images/quantize.py:quantize", "parameters", _FRONT),
)


@dataclass(frozen=True)
class Violation:
    """where: as in `Exempt`. text: what was found and what is allowed."""

    where: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.where.partition(':')[0]}:{self.line}: {self.text}"


def main() -> int:
    found = check(ROOT)
    for violation in found:
        print(violation)
    return 1 if found else 0


def check(root: Path, exempt: Sequence[Exempt] = EXEMPT, words: Sequence[str] = WORDS) -> list[Violation]:
    """What breaks a rule in the tree below `root`."""
    found = [violation for path in _modules(root) for violation in _in_module(root, path, words)]
    known = {(one.where, one.rule) for one in exempt}
    needed = {(one.where, one.rule) for one in found}
    stale = [_stale(one) for one in exempt if (one.where, one.rule) not in needed]
    return [one for one in found if (one.where, one.rule) not in known] + stale


def _modules(root: Path) -> list[Path]:
    folders = (root / "kmeans_core", root / "pages")
    found = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [*found, *root.glob("streamlit_app.py")]


def _stale(entry: Exempt) -> Violation:
    """An entry of the table, at its line there."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if f'"{entry.where}"' in text), 1)
    text = f"{entry.where} no longer needs to be exempt from the rule {entry.rule!r}; remove the entry."
    return Violation("checks/house.py", line, "exempt", text)


def _in_module(root: Path, path: Path, words: Sequence[str]) -> Iterator[Violation]:
    name, source = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
    tree = ast.parse(source, name)
    about = ast.get_docstring(tree) or ""
    n_lines = len(source.splitlines())
    if n_lines > MAX_LINES:
        text = f"{n_lines} lines; {MAX_LINES} are allowed. Split it along an idea."
        yield Violation(name, MAX_LINES + 1, "lines", text)
    if path.name == "__init__.py" and not _introduces(about):
        text = "no docstring of whole sentences that says what lives here and what may import it."
        yield Violation(name, 1, "folder", text)
    code = _lines_of_code(source)
    for where, function in _functions(tree, f"{name}:"):
        if not (_is_compiled(function) and re.search(r"\bkernels?\b", about, re.IGNORECASE)):
            yield from _in_function(where, function, code)
    for given, line in _names(tree):
        for word in words:
            if _has(given, word):
                text = f"the name {given} has {word!r}, which the project does not use; say it in its words."
                yield Violation(f"{name}:{given}", line, "words", text)


def _in_function(where: str, function: Function, code: set[int]) -> Iterator[Violation]:
    name = where.partition(":")[2]
    n_parameters = _count_parameters(function)
    if n_parameters > MAX_PARAMETERS:
        text = f"{name} takes {n_parameters} parameters; {MAX_PARAMETERS} are allowed. Make some one record."
        yield Violation(where, function.lineno, "parameters", text)
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return
    n_lines = len(code & set(range(body[0].lineno, (function.end_lineno or 0) + 1)))
    if n_lines > MAX_BODY:
        text = f"{name} has {n_lines} lines of code; {MAX_BODY} are allowed. Give its steps names."
        yield Violation(where, function.lineno, "body", text)


def _introduces(docstring: str) -> bool:
    return (
        docstring.endswith(".") and re.search(r"\bimport(s|ed|ing)?\b", docstring, re.IGNORECASE) is not None
    )


def _lines_of_code(source: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        line
        for token in tokens
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    """Every function with the names of what it lies in, "path:Class.method"."""
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, Function | ast.ClassDef):
            inner = f"{prefix}{child.name}."
        if isinstance(child, Function):
            yield f"{prefix}{child.name}", child
        yield from _functions(child, inner)


def _is_compiled(function: Function) -> bool:
    """Whether Numba compiles it: by `njit` and its kin, or this project's names for them."""
    names = (ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list)
    return any("jit" in name or "compiled" in name for name in names)


def _count_parameters(function: Function) -> int:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    if names[:1] in (["self"], ["cls"]):
        del names[0]
    return len(names) + (given.vararg is not None) + (given.kwarg is not None)


def _names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that is given to something, and the line where it is."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name, node.lineno
            case (
                ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name))
            ):
                yield name, node.lineno


def _has(name: str, word: str) -> bool:
    plain = name.strip("_")
    return fnmatchcase(plain, word) if "*" in word else word in plain.lower().split("_")


if __name__ == "__main__":
    sys.exit(main())
