"""Names from outside are shown letter by letter."""

import pytest

from pages.components.shared.texts import as_code, as_label, as_text


@pytest.mark.parametrize(
    "given",
    [
        "photo_of_the_cat-2 (1).png in 5 colors",
        "kmeans_core 0.5: 3 rows, 12 % of them; it's fine & good",
        "Left out a, b and 1 more. Give 1 to 256!",
        "3.5 × 2 = 7 {a} | b ^ c",
        "run `python -m kmeans_core table *.csv` instead",
    ],
)
def test_what_needs_nothing_is_left_as_it_is(given):
    assert as_text(given) == given


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("![](http://e.example/a.png)", "!\\[\\](http:\u2060//e.example/a.png)"),
        ("[Sign in](http://e.example)", "\\[Sign in\\](http:\u2060//e.example)"),
        ("www.e.example and me@e.example", "www\u2060.e.example and me\u2060@e.example"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("> quote", r"\> quote"),
        ("**bold** _low_ ~gone~", r"\*\*bold\*\* \_low\_ \~gone\~"),
        ("$x$ :red[x] :material/lock: &lt; <b>", r"\$x\$ \:red\[x\] \:material/lock: \&lt; \<b>"),
        ("a\n\n# b", "a # b"),
        ("\\", "\\\\"),
        ("odd ` tick [x](y)", r"odd \` tick \[x\](y)"),
        ("`` [x](y) ``", r"\`\` \[x\](y) \`\`"),
        ("a" * 5000, "a" * 1000 + "…"),
    ],
)
def test_what_markdown_would_read(given, shown):
    assert as_text(given) == shown


def test_code():
    assert as_code("a`b``c") == "```a`b``c```"
    assert as_code("`") == "`` ` ``"


def test_labels_of_charts():
    assert as_label('<a href="http://e.example">x</a>&') == (
        '&lt;a href="http://e.example"&gt;x&lt;/a&gt;&amp;'
    )
