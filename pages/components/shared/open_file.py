"""A button that opens a file; files dropped or pasted anywhere on the page are opened, too."""

from pages.components.shared.front_end import component

_open_file = component(__file__, styles=("button",))


def open_file(label: str, *, uploader: str, key: str) -> None:
    """Hands what is dropped, pasted or chosen to a file uploader of the page, with its limits and messages.

    Parameters
    ----------
    label : str
        What the button says; its picture is that of an upload.
    uploader : str
        The key of the uploader, which may be in a closed drawer.
    key : str
        Of this button.
    """
    _open_file(key=key, data={"label": label, "uploader": uploader}, width="content")
