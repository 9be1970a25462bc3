"""Which version of our kernels was measured: times of other ones say nothing of this one's."""

import ast
import hashlib
from functools import cache
from pathlib import Path

import kmeans_core

# All that computes: iterations, seeding and searches, and from pixels to colors and back.
_KERNELS = ("clustering/*.py", "images/cube_tables.py", "images/histogram.py", "images/jit_*.py")


@cache
def own_code() -> str:
    """A digest of the kernels, 12 hexadecimal digits, that changes with what they do: not with comments,
    docstrings or line breaks."""
    package = Path(kmeans_core.__file__).parent
    paths = sorted(path for pattern in _KERNELS for path in package.glob(pattern))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(
            f"{path.relative_to(package).as_posix()}\n{statements(path.read_text('utf-8'))}\n".encode()
        )
    return digest.hexdigest()[:12]


def statements(source: str) -> str:
    """The code of a module alone, each statement in one way of writing it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
