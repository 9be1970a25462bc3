"""The house rules: each finds what breaks it, and the project keeps them."""

import subprocess
import sys

import pytest

from checks.house import MAX_BODY, MAX_LINES, MAX_PARAMETERS, ROOT, Exempt, check


@pytest.fixture
def tree(tmp_path):
    """Writes files, and returns what is found in them, "path:line rule", and all that is said."""

    def found(files, exempt=(), words=()):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        violations = check(tmp_path, exempt, words)
        places = [f"{one.where.partition(':')[0]}:{one.line} {one.rule}" for one in violations]
        return places, "\n".join(map(str, violations))

    return found


def function(*body, head="def f():"):
    return "\n".join([head, *(f"    {line}" if line else "" for line in body)]) + "\n"


def test_the_project_keeps_the_rules():
    assert [str(violation) for violation in check(ROOT)] == []


def test_run_as_a_script_it_says_nothing_where_all_is_well():
    done = subprocess.run(
        [sys.executable, "-m", "checks.house"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["kmeans_core/a/b.py", "pages/components/b.py", "streamlit_app.py"])
def test_lines_of_a_module(tree, name):
    places, said = tree({name: "x = 1\n" * (MAX_LINES + 1), "tests/long.py": "x = 1\n" * 999})
    assert places == [f"{name}:{MAX_LINES + 1} lines"]
    assert said == f"{name}:301: 301 lines; 300 are allowed. Split it along an idea."
    assert tree({name: "x = 1\n" * MAX_LINES}) == ([], "")


def test_lines_of_a_function_without_docstring_comments_and_blanks(tree):
    name = "kmeans_core/b.py"
    full = ['"""One', "", 'two."""', "# a comment", "", *["x = 1"] * (MAX_BODY - 2), 'y = """', '# text"""']
    assert tree({name: function(*full)}) == ([], "")
    places, said = tree({name: "\n" + function(*full, "z = 1  # a comment")})
    assert places == [f"{name}:2 body"]
    assert said == f"{name}:2: f has 61 lines of code; 60 are allowed. Give its steps names."


def test_lines_of_inner_functions_count_for_both(tree):
    inner = ["def inner():", *["    x = 1"] * (MAX_BODY + 1)]
    places, said = tree({"kmeans_core/b.py": function(*inner, head="async def outer():")})
    assert places == ["kmeans_core/b.py:1 body", "kmeans_core/b.py:2 body"]
    assert "outer has 62 lines" in said
    assert "outer.inner has 61 lines" in said


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ("a, b, c, d, e, f, g, h", 8),
        ("a, b, c, /, d, e, f, *, g, h, i", 9),
        ("a, b, c, d, e, f, g, *rest, **options", 9),
    ],
)
def test_parameters(tree, parameters, count):
    places, said = tree({"kmeans_core/b.py": f"def f({parameters}): pass\n"})
    assert places == (["kmeans_core/b.py:1 parameters"] if count > MAX_PARAMETERS else [])
    assert said == (
        "" if count == 8 else "kmeans_core/b.py:1: f takes 9 parameters; 8 are allowed. Make some one record."
    )


def test_parameters_of_a_method(tree):
    methods = "    def f(self, a, b, c, d, e, f, g, h): pass\n    def g(it, a, b, c, d, e, f, g, h): pass\n"
    places, said = tree({"pages/b.py": f"class A:\n{methods}"})
    assert places == ["pages/b.py:3 parameters"]
    assert "A.g takes 9 parameters" in said


@pytest.mark.parametrize(
    "decorator", ["njit", "numba.njit(cache=True)", "jit", "compiled", "compiled_in_any_order"]
)
def test_kernels_may_be_large_where_the_module_says_why(tree, decorator):
    kernel = f"@{decorator}\n" + function(*["x = 1"] * 99, head="def f(a, b, c, d, e, f, g, h, i):")
    assert tree({"kmeans_core/b.py": f'"""These kernels take arrays."""\n{kernel}'}) == ([], "")
    places, _ = tree({"kmeans_core/b.py": f'"""Something."""\n{kernel}'})
    assert places == ["kmeans_core/b.py:3 parameters", "kmeans_core/b.py:3 body"]
    plain = kernel.replace(f"@{decorator}", "@cache")
    places, _ = tree({"kmeans_core/b.py": f'"""These kernels take arrays."""\n{plain}'})
    assert len(places) == 2


@pytest.mark.parametrize(
    ("docstring", "is_enough"),
    [
        ('"""Pictures, which pages may import."""', True),
        ('"""Pictures.\n\nImported by pages.\n"""', True),
        ('"""Pictures."""', False),
        ('"""Pictures, which pages may import"""', False),
        ('"""Pictures, which are important."""', False),
        ("# Pictures, which pages may import.", False),
        ("", False),
    ],
)
def test_folders_say_what_they_are(tree, docstring, is_enough):
    places, _ = tree({"kmeans_core/a/__init__.py": docstring})
    assert places == ([] if is_enough else ["kmeans_core/a/__init__.py:1 folder"])


@pytest.mark.parametrize(
    "source",
    [
        "hurried = 1",
        "_hurried: int = 1",
        "HURRIED_RUNS = 1",
        "def f(is_hurried): pass",
        "def hurried(): pass",
        "class Hurried: pass",
        "self.hurried = 1",
        "import a as hurried",
        "for a, hurried in b: pass",
        "try: pass\nexcept A as hurried: pass",
        "match a:\n    case [hurried, *_]: pass",
        "match a:\n    case [_, *hurried]: pass",
        "match a:\n    case {**hurried}: pass",
    ],
)
def test_words_that_names_do_not_have(tree, source):
    places, said = tree({"kmeans_core/b.py": source}, words=("hurried",))
    assert [place.partition(" ")[2] for place in places] == ["words"]
    assert "'hurried', which the project does not use" in said


def test_patterns_are_of_the_whole_name_and_uses_are_left_alone(tree):
    source = "_MOST_LINES = 1\nALMOST_ALL = f(MOST_BYTES, a.hurried)\nunhurried = 'hurried'\n"
    places, _ = tree({"kmeans_core/b.py": source}, words=("MOST_*", "hurried"))
    assert places == ["kmeans_core/b.py:1 words"]


def test_exempt_by_name_and_rule(tree):
    files = {"kmeans_core/b.py": function(*["x = 1"] * 99, head="def f(a, b, c, d, e, f, g, h, i):")}
    entry = Exempt("kmeans_core/b.py:f", "parameters", "a public front")
    assert tree(files, [entry])[0] == ["kmeans_core/b.py:1 body"]
    assert tree(files, [entry, Exempt("kmeans_core/b.py:f", "body", "to be split")]) == ([], "")
    assert len(tree(files, [Exempt("kmeans_core/b.py", "body", "names no function")])[0]) == 3


@pytest.mark.parametrize("where", ["kmeans_core/gone.py", "kmeans_core/b.py:f", "kmeans_core/b.py"])
def test_an_entry_that_nothing_needs(tree, where):
    _, said = tree({"kmeans_core/b.py": "def f(): pass\n"}, [Exempt(where, "lines", "was long")])
    assert said.startswith("checks/house.py:")
    assert f"{where} no longer needs to be exempt from the rule 'lines'; remove the entry." in said
