"""A button for the link that shows the same."""

from pages.components.shared.front_end import component

_copy_link = component(__file__, styles=("button",))


def copy_link(*, hint: str, key: str) -> None:
    """A button that copies the page's address."""
    _copy_link(key=key, data={"hint": hint}, width="content")
