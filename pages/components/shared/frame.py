"""What every page has around it: a net for what nobody has foreseen, and the bounds for uploads."""

from collections.abc import Callable

from pages.components.shared.unforeseen import with_net
from pages.components.shared.uploaded import note_wanted_files


def run_page(main: Callable[[], None]) -> None:
    """Runs a page."""
    try:
        with_net(main)()
    finally:
        note_wanted_files()
