"""Settings checked against what their options allow: the one place where that is done and worded."""

import math
from typing import Any, TypeVar

import numpy as np

from kmeans_core.errors import OptionError
from kmeans_core.options import Record, Setting

AnyRecord = TypeVar("AnyRecord", bound=Record)

# Bounds from here on are those of a computer's numbers, which nobody asks for.
_HUGE = 2**31 - 1


def checked(record: AnyRecord, *, skipping: tuple[str, ...] = ()) -> AnyRecord:
    """A record with plain Python values.

    Parameters
    ----------
    record : Record
    skipping : tuple of str, default ()
        Names of settings that are somebody else's to check.

    Returns
    -------
    Record
        The same object if nothing had to be converted, such as a NumPy number.

    Raises
    ------
    OptionError
        For the first setting that is of the wrong type, out of its bounds or not on its list: what was given,
        and what is allowed.
    """
    for name, setting in record.all_settings().items():
        if name in skipping:
            continue
        value = record
        for step in setting.path:
            value = getattr(value, step)
        plain = checked_value(setting, value)
        if plain is not value:
            record = record.having(name, plain)
    return record


def checked_value(setting: Setting, value: Any, name: str = "") -> Any:
    """A value of a setting as a plain Python one.

    Parameters
    ----------
    setting : Setting
    value : object
        As it was given.
    name : str, default ""
        What to call it, if not by the setting's name.

    Returns
    -------
    object
        Of the setting's kind, or None where that is allowed.

    Raises
    ------
    OptionError
        See `checked()`.
    """
    name = name or setting.name
    if value is None and setting.is_optional:
        return None
    choices = setting.choices
    if choices is not None:
        if not isinstance(value, str) or value not in choices:
            also = f", {setting.option.also}" if setting.option.also else ""
            raise OptionError(f"{name}={value!r} is unknown; use one of: {', '.join(choices)}{also}.")
        return value
    if setting.kind is bool:
        if not isinstance(value, bool | np.bool_):
            raise OptionError(f"{name}={value!r} is not allowed; give True or False.")
        return bool(value)
    if setting.kind in (int, float) and not _is_number(setting, value):
        raise OptionError(f"{name}={value!r} is not allowed; {_allowed(setting)}.")
    return setting.kind(value) if setting.kind in (int, float) else value


def _is_number(setting: Setting, value: Any) -> bool:
    option = setting.option
    kinds = (int, np.integer) if setting.kind is int else (int, float, np.number)
    if isinstance(value, bool | np.bool_) or not isinstance(value, kinds):
        return False
    return bool(
        (setting.kind is int or math.isfinite(value))
        and (option.least is None or value >= option.least)
        and (option.most is None or value <= option.most)
        and (option.above is None or value > option.above)
    )


def _allowed(setting: Setting) -> str:
    option = setting.option
    if option.allowed:
        return option.allowed
    what = option.unit or ("a whole number" if setting.kind is int else "a number")
    if option.above is not None:
        return f"give {what} above {option.above:g}"
    if option.most is None:
        return f"give {what} of {option.least:g} or more"
    if option.most >= _HUGE:
        return f"give {what} from {option.least:g} to {option.most:,}"
    return f"give {what} from {option.least:g} to {option.most:g}"
