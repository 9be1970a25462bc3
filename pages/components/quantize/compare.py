"""Before and after, with a divider between them."""

from dataclasses import dataclass

from pages.components.shared.front_end import component, media_url

_compare = component(__file__)


@dataclass(frozen=True)
class Side:
    """One side of the comparison: an image file to show as it is, what to call it, and what it shows."""

    image: bytes
    label: str
    alt: str


def compare(before: Side, after: Side, *, width: int, height: int, dimmed: bool, key: str) -> None:
    """Two pictures of the same size with a divider to drag, or to move with the arrow keys.

    width, height: of the pictures, for the shape of the stage. dimmed: whether it is out of date.
    """
    sides = {
        name: {"url": media_url(side.image, f"{key}.{name}"), "label": side.label, "alt": side.alt}
        for name, side in (("before", before), ("after", after))
    }
    _compare(key=key, data={**sides, "width": width, "height": height, "dimmed": dimmed})
