"""The table of options in the documentation, written from the options themselves.

`python -m kmeans_core.commands.reference FILE` writes it.
"""

import sys
from pathlib import Path

from kmeans_core.collections.options import CollectionOptions
from kmeans_core.commands.options import default_text
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.options import Record, Setting
from kmeans_core.tables.options import TableOptions
from kmeans_core.tables.read_options import ReadOptions

_HEAD = """# Options

Every setting is the same thing on the command line, in Python, on the pages and in their links. This file is
written by `python -m kmeans_core.commands.reference docs/options.md`.
"""


def options_text() -> str:
    """The tables as Markdown."""
    sections = [
        ("Pictures", "`quantize` and `collection`, and the Quantize page", QuantizeOptions, True),
        ("Collections", "`collection`, beside those of pictures", CollectionOptions, False),
        (
            "Tables",
            "`table`, and the Tables page, whose links have `table_` before names that both have",
            TableOptions,
            True,
        ),
        # Links carry no uploaded table, and so nothing about it.
        ("Reading tables", "`table`, and *How it is read* on the Tables page", ReadOptions, False),
    ]
    return "\n".join([_HEAD, *(_section(*section) for section in sections)])


def _section(title: str, where: str, record: type[Record], is_linked: bool) -> str:
    lines = [
        f"## {title}",
        "",
        f"{where[0].upper()}{where[1:]}.",
        "",
        "| setting | in Python | flag | in links | what it is | default |",
        "|---|---|---|---|---|---|",
        *(_row(setting, is_linked) for setting in record.settings().values()),
        "",
    ]
    return "\n".join(lines)


def _row(setting: Setting, is_linked: bool) -> str:
    choices = setting.choices
    said = setting.option.help + (f": {', '.join(f'`{value}`' for value in choices)}" if choices else "")
    said = said.replace("k-means||", "k-means\\|\\|")
    # How many there are is asked for everywhere but on the pages.
    default = "" if setting.name in ("n_colors", "n_clusters") else default_text(setting)
    shown = f"`{default}`" if default else ""
    names = f"`{setting.name}` | `{setting.flag}` | " + (f"`{setting.slug}`" if is_linked else "")
    return f"| {setting.option.title} | {names} | {said} | {shown} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(options_text(), "utf-8")
