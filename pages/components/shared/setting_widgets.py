"""Widgets for settings, made from the fields of their records, that write themselves into the link."""

from collections.abc import Collection, Mapping
from typing import Any, Generic, TypeVar

import streamlit as st

from kmeans_core.options import Record, Setting
from pages.components.shared.links import choose_linked

AnyRecord = TypeVar("AnyRecord", bound=Record)


class SettingWidgets(Generic[AnyRecord]):
    """The settings of a record on one page.

    prefix: of the names in the link, for `prefixed` settings, that other pages have too. without: settings
    that the page does not offer, or has other widgets for.
    """

    def __init__(
        self,
        record: type[AnyRecord],
        *,
        prefix: str = "",
        prefixed: Collection[str] = (),
        without: Collection[str] = (),
    ) -> None:
        self.record = record
        self.settings = {name: setting for name, setting in record.settings().items() if name not in without}
        self.keys = {
            name: f"{prefix}{setting.slug}" if name in prefixed else setting.slug
            for name, setting in self.settings.items()
        }

    def link_numbers(self) -> dict[str, tuple[int, int]]:
        """Name in the link → least and most, of whole numbers."""
        return {
            self.keys[name]: _bounds(setting)
            for name, setting in self.settings.items()
            if _is_number(setting) and not setting.option.stops
        }

    def link_names(self) -> dict[str, Collection[str]]:
        """Name in the link → what it may say."""
        found: dict[str, Collection[str]] = {}
        for name, setting in self.settings.items():
            key, choices = self.keys[name], setting.choices
            if choices is not None:
                found[key] = [*choices, *(title for title in choices.values() if title not in choices)]
            elif setting.kind is bool:
                found[key] = ["true", "false"]
            elif setting.option.stops:
                found[key] = list(_stops(setting))
        return found

    def choose(
        self,
        name: str,
        *,
        offered: Collection[str] | None = None,
        settled: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Any:
        """Shows the widget of a setting, and returns its value.

        offered: of its choices, those there are now. settled: settings that cannot be chosen now, and the
        values they have meanwhile. changes: arguments of the widget, such as `label`, `key` or `value`.
        """
        setting, settled = self.settings[name], settled or {}
        about = {
            "label": setting.option.title,
            "key": self.keys[name],
            "help": setting.option.advice or setting.option.help,
            "disabled": name in settled,
            **changes,
        }
        value = _shown(setting, offered, about)
        return settled.get(name, value)

    def choose_rest(
        self,
        taken: Collection[str],
        *,
        offered: Mapping[str, Collection[str]],
        settled: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The widgets of all settings but those taken, in the record's order. offered: setting → the choices
        there are now."""
        return {
            name: self.choose(name, offered=offered.get(name), settled=settled)
            for name in self.settings
            if name not in taken
        }


def _shown(setting: Setting, offered: Collection[str] | None, about: dict[str, Any]) -> Any:
    choices = setting.choices
    if choices is not None:
        if offered is not None:
            choices = {value: title for value, title in choices.items() if value in offered}
        return _linked(choices, str(setting.default), about)
    if setting.option.stops:
        default = setting.option.stops[0] if setting.default is None else setting.default
        default = about.pop("value", default)
        return float(_linked(_stops(setting), f"{default:g}", about))
    about |= {"bind": "query-params", "persist_state": "session"}
    if setting.kind is bool:
        return bool(st.toggle(value=about.pop("value", setting.default), **about))
    if not _is_number(setting):
        raise TypeError(f"{setting.name} has no widget of its own; give it one on its page")
    return _number(setting, about)


def _linked(choices: Mapping[str, str], default: str, about: dict[str, Any]) -> str:
    return choose_linked(
        label=about["label"],
        key=about["key"],
        choices=choices,
        default=default,
        disabled=about["disabled"],
        help_text=about["help"],
    )


def _number(setting: Setting, about: dict[str, Any]) -> Any:
    """A slider or a field; both work with whole numbers, of percents where the setting says so."""
    option, times = setting.option, 100 if setting.option.percent else 1
    least, most = _bounds(setting)
    default = about.pop("value", setting.default)
    numbers = {"min_value": least, "max_value": most, "value": round(default * times)}
    if option.slider:
        chosen = st.slider(
            step=round((option.step or 1) * times),
            format=option.widget_format or ("%d%%" if option.percent else None),
            **numbers,
            **about,
        )
    else:
        chosen = st.number_input(**numbers, **about)
    return setting.kind(chosen / times) if times > 1 else setting.kind(chosen)


def _is_number(setting: Setting) -> bool:
    return setting.kind in (int, float) and setting.choices is None


def _bounds(setting: Setting) -> tuple[int, int]:
    """Of the widget, in the unit it shows."""
    option, times = setting.option, 100 if setting.option.percent else 1
    least = option.widget_least if option.widget_least is not None else option.least or 0
    most = option.widget_most if option.widget_most is not None else option.most
    return round(least * times), round((most if most is not None else 2**31 - 1) * times)


def _stops(setting: Setting) -> dict[str, str]:
    return {f"{stop:g}": f"{stop:g}" for stop in setting.option.stops}
