"""Original and result over each other, with the palette, and what a visitor does with them."""

from dataclasses import dataclass

from kmeans_core.images.encoding import EncodedPicture
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.wording import number_text
from pages.components.quantize import edits
from pages.components.quantize.compare import Actions, Colors, Numbers, Side, Stage, compare
from pages.components.quantize.palette_strip import palette_strip
from pages.components.quantize.palette_tab import chosen_vision, shown_order
from pages.components.quantize.picked import pick, picked
from pages.components.quantize.pinned import compared_on_the_left
from pages.components.quantize.previews import (
    ask_for_detail,
    is_detailed,
    original_view,
    result_view,
    seen_colors,
)
from pages.components.quantize.runs import PictureResult, original
from pages.components.quantize.settings import describe, number_help, set_number
from pages.components.quantize.source import Source
from pages.components.quantize.sweep import STOPS


@dataclass(frozen=True)
class Shown:
    """What is on the screen: a result, before exchanges by hand, and what it was made from."""

    source: Source
    settings: QuantizeOptions
    result: PictureResult


def show_comparison(
    shown: Shown, result: PictureResult, settings: QuantizeOptions, *, can_lock: bool, outdated: bool
) -> None:
    """result: with exchanges. settings: what is being worked on now. can_lock: whether its backend supports
    locked colors. outdated: that is not what is shown (yet)."""
    base, palette = shown.result, result.encoded.palette
    colors = Colors(
        palette,
        seen_colors(palette, chosen_vision()),
        locked=shown.settings.locked,
        can_lock=can_lock,
        alone=picked(base),
        can_undo=edits.can_undo(),
        can_redo=edits.can_redo(),
    )
    numbers = Numbers(
        wanted=settings.n_colors,
        shown=shown.settings.n_colors,
        error=number_text(result.encoded.report.mse),
        stops=[stop for stop in STOPS if stop >= len(settings.locked)],
        help=number_help(),
    )
    actions = Actions(
        colors=set_number,
        lock=edits.toggle_lock,
        exchange=lambda index, old, new: edits.exchange(base, index, old, new),
        alone=lambda index: pick(base, index),
        detail=lambda: ask_for_detail(shown.source),
        undo=edits.undo,
        redo=edits.redo,
    )
    before, after = _sides(shown.source, result, alone=colors.alone)
    stage = _stage(shown.source, result, outdated=outdated)
    compare(stage, before, after, numbers, colors, actions, key="compare")
    palette_strip(
        palette,
        seen=colors.seen,
        locked=colors.locked,
        order=shown_order(palette).tolist(),
        can_lock=can_lock,
        alone=colors.alone,
        dimmed=outdated,
        key="palette",
    )


def colors_text(encoded: EncodedPicture) -> str:
    """As in "5 colors"."""
    count = encoded.report.n_colors
    return f"{count} color" if count == 1 else f"{count} colors"


def _stage(source: Source, result: PictureResult, *, outdated: bool) -> Stage:
    return Stage(
        # Its palettes are not simulated.
        picture="" if chosen_vision() else source.sha,
        original=original(source),
        width=result.encoded.report.width,
        height=result.encoded.report.height,
        is_whole=is_detailed(source, chosen_vision()),
        dimmed=outdated,
    )


def _sides(source: Source, result: PictureResult, *, alone: int | None) -> tuple[Side, Side]:
    """alone: the index of the one color to show."""
    vision = chosen_vision()
    whole = is_detailed(source, vision)
    kept = compared_on_the_left(source)
    eyes, title = f", {vision}" if vision else "", colors_text(result.encoded)
    if kept is None:
        before = Side(original_view(source, vision, whole=whole), f"Original{eyes}", source.alt)
    else:
        view = result_view(kept.result, vision, None, whole=whole)
        before = Side(view, f"Pinned{eyes}", f"Pinned: {describe(kept.settings)}")
    view = result_view(result, vision, alone, whole=whole)
    return before, Side(view, f"{title}{eyes}", f"The same in {title}")
