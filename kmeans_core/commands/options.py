"""Settings on the command line, made from the fields of their records."""

import argparse
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from kmeans_core.commands.parsing import number, split_list, whole_number
from kmeans_core.options import Record, Setting

AnyRecord = TypeVar("AnyRecord", bound=Record)

_PARSERS: dict[type, Callable[[str], Any]] = {int: whole_number, float: number, tuple: split_list, str: str}


def add_settings(command: Any, record: type[Record], *, without: Collection[str] = ()) -> None:
    """A flag for every setting of a record. without: names of those that the command reads itself."""
    for name, setting in record.settings().items():
        if name in without:
            continue
        if setting.kind is bool:
            action = "store_false" if setting.default else "store_true"
            command.add_argument(setting.flag, dest=name, action=action, help=setting.option.help)
        else:
            command.add_argument(
                setting.flag,
                dest=name,
                type=_PARSERS[setting.kind],
                default=setting.default,
                metavar=setting.option.metavar or None,
                help=_help(setting),
            )


def read_settings(
    options: argparse.Namespace, record: type[AnyRecord], *, without: Collection[str] = (), **values: Any
) -> AnyRecord:
    """The record that was asked for. without: as for `add_settings()`. values: of those settings."""
    given = {name: getattr(options, name) for name in record.settings() if name not in without}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return record.of(**given, **values)


def default_text(setting: Setting) -> str:
    """A default as people write it: "100", "0", "numba"; "" where there is none to show."""
    if setting.kind is tuple or setting.default is None or setting.kind is bool:
        return ""
    return f"{setting.default:g}" if setting.kind is float else str(setting.default)


def _help(setting: Setting) -> str:
    choices, default = setting.choices, default_text(setting)
    said = f"{setting.option.help}: {', '.join(choices)}" if choices else setting.option.help
    said = f"{said} (default: {default})" if default else said
    return said.replace("%", "%%")
