"""Palettes in text formats: style sheets, JSON, GIMP's, Paint Shop Pro's, and lists of colors.

GPL as GIMP writes it, *libgimpbase/gimppalette*; design tokens by the *Design Tokens Format Module* of the
W3C community group; lists as Paint.NET, Lospec and people write them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from kmeans_core.images.css_colors import COLOR_FUNCTIONS, OTHER_FUNCTIONS, CssColor, css_color
from kmeans_core.images.swatches import Swatches

# None of these looks beyond the end of a line, or without bound within one, so each takes time in proportion
# to the text. One that lets `\s` run over line ends takes it with the square of the blank lines, and holds up
# every thread meanwhile.
_THREE_LEVELS = re.compile(
    r"[^\S\n]*([0-9]{1,9})[^\S\n]*[\s,][^\S\n]*([0-9]{1,9})[^\S\n]*[\s,][^\S\n]*([0-9]{1,9})(?![0-9.])"
)
_TOKEN = re.compile(
    r"(?:" + "|".join(sorted(COLOR_FUNCTIONS, reverse=True)) + r")\([^()\n]{1,100}\)"
    r"|#[0-9A-Za-z_-]+|[0-9A-Za-z_-]+"
)
_HEX = re.compile(r"(?:#|0[xX])?((?:[0-9a-fA-F]{3,4}){1,2})")
_LINE_COMMENT = re.compile(r"(?:^|(?<=[\s;{}]))//[^\n]*", re.MULTILINE)
_COLOR_PROPERTY = re.compile(
    r"colou?r|background|fill|stroke|border|outline|shadow|decoration", re.IGNORECASE
)
_NO_COLOR = "line without a color"


def text_of(data: bytes) -> str:
    """A file's text, with line ends as \\n."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        text = data.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def gimp_swatches(text: str) -> Swatches:
    """GIMP's palette: after its first line, a row of red, green, blue and a name for each color."""
    found = Swatches()
    for line in text.lstrip().split("\n")[1:]:
        if (
            not line.strip()
            or line.lstrip().startswith("#")
            or re.match(r"\s*(Name|Columns|Channels):", line)
        ):
            continue
        _add_row(found, line)
    return found


def jasc_swatches(text: str) -> Swatches:
    """Paint Shop Pro's palette: its first line, the version, how many, and a row for each color."""
    found = Swatches()
    for line in text.lstrip().split("\n")[3:]:
        if line.strip():
            _add_row(found, line)
    return found


def _add_row(found: Swatches, line: str) -> None:
    match = _THREE_LEVELS.match(line)
    levels = [int(level) for level in match.groups()] if match else []
    if levels and max(levels) <= 255:
        found.add([level / 255 for level in levels])
    else:
        found.leave_out(_NO_COLOR)


def list_swatches(text: str) -> Swatches:
    """Colors in any text, line by line: hex, functions of CSS, or three levels.

    Bare hex digits count where a line begins with them or has nothing else. Eight of them are read with the
    transparency last, as CSS has it, or first, as Paint.NET has it, whose files begin with a semicolon.
    """
    lines = text.split("\n")
    is_argb = text.lstrip().startswith(";")
    found = Swatches()
    for line in lines:
        content = line.strip()
        if not content or content.startswith((";", "//")):
            continue
        before = len(found), found.left_out.total()
        _add_from_line(found, content, is_argb)
        if (len(found), found.left_out.total()) == before and not content.startswith("#"):
            found.leave_out(_NO_COLOR)
    if is_argb and found.n_transparent:
        found.guesses.append("Eight hex digits are read as Paint.NET has them, transparency first.")
    return found


def _add_from_line(found: Swatches, line: str, is_argb: bool) -> None:
    tokens = _TOKEN.findall(line)
    is_bare_list = all(_HEX.fullmatch(token) for token in tokens)
    for place, token in enumerate(tokens):
        if "(" in token:
            _add_css(found, token)
        elif token.startswith(("#", "0x", "0X")):
            match = _HEX.fullmatch(token)
            if match:
                _add_hex(found, match[1], is_argb or not token.startswith("#"))
            elif re.fullmatch(r"#[0-9a-fA-F]{1,8}", token):
                found.leave_out("number that is no color")
        elif len(token) in (6, 8) and _HEX.fullmatch(token) and (is_bare_list or place == 0):
            _add_hex(found, token, is_argb)
    if not len(tokens) or "(" in line or "#" in line:
        return
    match = _THREE_LEVELS.match(line)
    if match and max(int(level) for level in match.groups()) <= 255:
        found.add([int(level) / 255 for level in match.groups()])


def _add_hex(found: Swatches, digits: str, alpha_first: bool) -> None:
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) == 8 and alpha_first:
        digits = digits[2:] + digits[:2]
    levels = [int(digits[at : at + 2], 16) / 255 for at in range(0, len(digits), 2)]
    found.add(levels[:3], alpha=levels[3] if len(levels) == 4 else 1.0)


def css_swatches(text: str) -> Swatches:
    """The colors in the values of a style sheet: CSS, SCSS, Less. Selectors, comments, strings and addresses
    have none.
    """
    from tinycss2 import parse_component_value_list

    found = Swatches()
    text = _LINE_COMMENT.sub("", text)
    for name, value in _declarations(parse_component_value_list(text, skip_comments=True)):
        _add_values(found, name, value)
    return found


def _declarations(tokens: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """The name and the value of every declaration, however deep in blocks."""
    left = [tokens]
    while left:
        inner: list[list[Any]] = []
        part: list[Any] = []
        for token in left.pop():
            if token.type == "{} block":  # what is before it is a selector
                inner.append(token.content)
                part = []
            elif token == ";":
                yield from _declaration(part)
                part = []
            else:
                part.append(token)
        yield from _declaration(part)
        left += reversed(inner)


def _declaration(part: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    part = [token for token in part if token.type != "whitespace"]
    colon = next((place for place, token in enumerate(part) if token == ":"), None)
    if colon is None:
        yield "", part
        return
    head = part[:colon]
    name = "".join(token.value if token.type in ("ident", "literal", "at-keyword") else "" for token in head)
    yield name, part[colon + 1 :]


def _add_values(found: Swatches, name: str, value: list[Any]) -> None:
    is_only_one = len(value) == 1 and name.startswith(("--", "$"))
    may_be_names = is_only_one or _COLOR_PROPERTY.search(name) is not None
    left = list(reversed(value))
    while left:
        token = left.pop()
        if token.type == "hash" or (token.type == "ident" and may_be_names):
            color = css_color(token)
            if color is not None:
                _add_color(found, color)
            elif token.type == "hash":
                found.leave_out("number that is no color")
        elif token.type == "function" and token.lower_name in COLOR_FUNCTIONS:
            color = css_color(token)
            if color is None:
                found.leave_out("function whose color depends on something else")
            else:
                _add_color(found, color)
        elif token.type == "function" and token.lower_name in OTHER_FUNCTIONS:
            found.leave_out("function whose color depends on something else")
        elif token.type == "function":
            left += reversed(token.arguments)
        elif token.type in ("() block", "[] block"):
            left += reversed(token.content)


def _add_css(found: Swatches, text: str) -> None:
    color = css_color(text)
    if color is None:
        found.leave_out("function whose color depends on something else")
    else:
        _add_color(found, color)


def _add_color(found: Swatches, color: CssColor) -> None:
    if color.space == "srgb" and color.levels == (0, 0, 0) and color.alpha == 0:
        found.leave_out("transparent color")
        return
    found.add(
        color.levels, alpha=color.alpha, model="" if color.space in ("srgb", "hsl", "hwb") else color.space
    )


def json_swatches(text: str) -> Swatches:
    """The colors of a JSON file: texts that are one, objects of channels, lists of three or four levels."""
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    except ValueError:
        return list_swatches(text)
    nodes = list(_color_nodes(content))
    lists = [node for node in nodes if isinstance(node, list)]
    is_unit = bool(lists) and all(max(node[:3]) <= 1 for node in lists)
    found = Swatches()
    for node in nodes:
        if isinstance(node, list):
            full = 1 if is_unit else 255
            found.add([level / full for level in node[:3]], alpha=_alpha(node[3:], full))
        elif isinstance(node, CssColor):
            _add_color(found, node)
        else:
            found.leave_out(node)
    if is_unit:
        found.guesses.append("The levels of the palette are read as 0 to 1.")
    return found


def _alpha(rest: list[float], full: int) -> float:
    return rest[0] / (full if rest[0] > 1 else 1) if rest else 1.0


def _color_nodes(content: Any) -> Iterator[Any]:
    """Colors, lists of levels, and names of what cannot be read, in their order."""
    left = [(content, "")]
    while left:
        node, key = left.pop()
        if isinstance(node, str):
            if not re.fullmatch(r"\w+", node) or key in ("value", "$value", "color", "colour"):
                color = css_color(node) if len(node) < 200 else None
                yield from [] if color is None else [color]
            elif re.fullmatch("[0-9a-fA-F]{6}", node):
                yield css_color(f"#{node}")
        elif isinstance(node, list):
            if _is_levels(node):
                yield node
            else:
                left += [(inner, key) for inner in reversed(node)]
        elif isinstance(node, dict):
            found = _of_object(node)
            if found is None:
                left += [(inner, str(name).lower()) for name, inner in reversed(node.items())]
            else:
                yield found


def _of_object(node: dict[str, Any]) -> Any:
    """The one color that an object is, if it is one."""
    lower = {str(name).lower(): value for name, value in node.items()}
    if isinstance(lower.get("hex"), str):
        color = css_color("#" + lower["hex"].lstrip("#"))
        if color is not None:
            return color
    for names in (("r", "g", "b"), ("red", "green", "blue")):
        levels = [lower.get(name) for name in names]
        if _is_levels(levels):
            return [*levels, *[lower[name] for name in ("a", "alpha") if _is_number(lower.get(name))]]
    if _is_levels(lower.get("components")) and isinstance(lower.get("colorspace"), str):
        components = " ".join(str(value) for value in lower["components"])
        name = lower["colorspace"]
        is_function = name in COLOR_FUNCTIONS
        color = css_color(f"{name}({components})" if is_function else f"color({name} {components})")
        return color or f"color in the space {name[:20]}"
    return None


def _is_levels(node: Any) -> bool:
    return (
        isinstance(node, list)
        and len(node) in (3, 4)
        and all(_is_number(level) and 0 <= level <= 255 for level in node)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
