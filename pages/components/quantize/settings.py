"""The settings of a quantization, as widgets that write themselves into the link."""

from typing import Any

import streamlit as st

from kmeans_core.backends.base import Traits
from kmeans_core.errors import OptionError
from kmeans_core.fitting.capabilities import settled as settled_by
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import hex_of, parse_colors
from kmeans_core.options import Setting
from kmeans_core.wording import listed
from pages.components.quantize.locked import choose_locked
from pages.components.shared.backends import backends, unavailable_backends
from pages.components.shared.setting_widgets import SettingWidgets

WIDGETS = SettingWidgets(QuantizeOptions, without=("locked",))
_NUMBER = _SLUG = QuantizeOptions.settings()["n_colors"].slug


def choose_settings() -> QuantizeOptions:
    """Colors and backend on top, the rest in expanders."""
    rows = backends()
    chosen: dict[str, Any] = {"n_colors": _choose_colors()}
    chosen["backend"] = WIDGETS.choose("backend", offered=rows, help=_backends_help())
    unavailable_backends()
    traits = rows[chosen["backend"]].traits
    chosen["dither"] = WIDGETS.choose("dither")
    chosen["dither_strength"] = 1.0
    if chosen["dither"] != "none":
        chosen["dither_strength"] = WIDGETS.choose("dither_strength")
    with st.expander("Palette", icon=":material/palette:"):
        chosen["locked"] = choose_locked(possible=traits.fixed_centers)
        chosen["merge"] = WIDGETS.choose("merge")
    if len(chosen["locked"]) > chosen["n_colors"]:
        n_locked = len(chosen["locked"])
        st.caption(
            f"{n_locked} colors are locked, so the picture has {n_locked} colors instead of "
            f"{chosen['n_colors']}."
        )
        chosen["n_colors"] = n_locked
    with st.expander("More options", icon=":material/tune:"):
        chosen["space"] = WIDGETS.choose("space")
        chosen |= WIDGETS.choose_rest(
            chosen, offered={"init": traits.inits}, settled=_settled(traits, chosen["space"])
        )
    return QuantizeOptions.of(**chosen)


def describe(settings: QuantizeOptions) -> str:
    """How these settings differ from the defaults, as a short text."""
    usual = QuantizeOptions().values()
    words = [f"{settings.n_colors} colors", backends()[settings.fit.backend].title]
    for name, value in settings.values().items():
        if name in ("n_colors", "backend", "locked", "dither_strength") or value == usual[name]:
            continue
        setting = WIDGETS.settings[name]
        shown = (setting.choices or {}).get(value, value)
        words.append(f"{setting.option.title.lower()} {shown}")
        if name == "dither":
            words[-1] += f" {settings.dither_strength:.0%}"
    if settings.locked:
        words.append(f"{len(settings.locked)} locked")
    if settings.fit.seed == usual["seed"]:
        words.append(f"seed {settings.fit.seed}")
    return ", ".join(words)


def settings_text(settings: QuantizeOptions) -> str:
    """What differs from the defaults, for a link: "colors:8,dither:bayer,locked:ff0000+00ff00"."""
    usual, slugs = QuantizeOptions().values(), QuantizeOptions.settings()
    parts = [f"{_SLUG}:{settings.n_colors}"]
    for name, value in settings.values().items():
        if name == "n_colors" or value == usual[name]:
            continue
        text = "+".join(color[1:] for color in value) if isinstance(value, tuple) else str(value)
        parts.append(f"{slugs[name].slug}:{text}")
    return ",".join(parts)


def settings_from_text(text: str) -> QuantizeOptions:
    """The settings of `settings_text()`. Raises OptionError for what cannot be read."""
    by_slug = {setting.slug: setting for setting in QuantizeOptions.settings().values()}
    values: dict[str, Any] = {}
    for part in text.split(","):
        slug, _, written = part.partition(":")
        if slug not in by_slug:
            raise OptionError(f"{slug[:40]!r} is no setting; use one of: {', '.join(by_slug)}.")
        values[by_slug[slug].name] = _read(by_slug[slug], written)
    return QuantizeOptions.of(**values)


def _read(setting: Setting, written: str) -> Any:
    if setting.kind is tuple:
        return tuple(hex_of(color) for color in parse_colors(written.split("+"), setting.slug))
    if setting.kind is bool:
        return written == "True"
    try:
        return setting.kind(written)
    except ValueError:
        raise OptionError(f"{setting.slug}={written[:40]!r} is no number; give one.") from None


def _settled(traits: Traits, space: str) -> dict[str, Any]:
    """What cannot be chosen now: by the backend, or because medians are of levels of sRGB."""
    return {**settled_by(traits), **({} if space == "srgb" else {"distance": "euclidean"})}


def _backends_help() -> str:
    rows = backends().values()
    own = listed([row.title for row in rows if row.traits.own])
    return (
        f"What computes the result. {own} give the same picture, bit for bit in sRGB and up to rounding in "
        "other spaces, in different times. The others are other people's code or take short cuts, and may "
        "give slightly different colors.\n\n" + "\n".join(f"- **{row.title}**: {row.summary}" for row in rows)
    )


def set_number(n_colors: int) -> None:
    """Asks for a number of colors; must run before any widget."""
    st.session_state[_NUMBER] = n_colors


def number_help() -> str:
    """When to change the number of colors."""
    return WIDGETS.settings["n_colors"].option.advice


def _choose_colors() -> int:
    """A field for the exact number; the slider is under the picture."""
    setting = WIDGETS.settings["n_colors"]
    # Without bounds of its own, for of these a field says nothing: it turns red.
    asked = int(
        st.number_input(
            "Number of colors",
            value=setting.default,
            step=1,
            key=_NUMBER,
            bind="query-params",
            persist_state="session",
            help=setting.option.advice,
        )
    )
    least, most = WIDGETS.link_numbers()[_NUMBER]
    used = min(max(asked, least), most)
    if used != asked:
        instead = f"instead of {asked:,}, {used} are used."
        st.caption(f":material/info: A palette has {least} to {most} colors: {instead}")
    return used
