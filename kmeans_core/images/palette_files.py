"""Palettes as files that other programs read."""

import json

from kmeans_core.images.palette import Palette


def palette_json(palette: Palette, source: str) -> str:
    """A JSON object with the name of the picture and one entry a color: hex, rgb, count, share."""
    colors = [
        {"hex": color.hex, "rgb": list(color.rgb), "count": color.count, "share": round(color.share, 6)}
        for color in palette.entries
    ]
    return json.dumps({"source": source, "colors": colors}, indent=2) + "\n"


def palette_css(palette: Palette, source: str) -> str:
    """CSS custom properties `--color-1` (the most used) and on, with the share of each."""
    name = source.replace("*/", "")
    lines = [
        f"  --color-{number}: {color.hex}; /* {100 * color.share:.2f} % */"
        for number, color in enumerate(palette.entries, start=1)
    ]
    return "\n".join([f"/* Palette of {name} */", ":root {", *lines, "}", ""])
