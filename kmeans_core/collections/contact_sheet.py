"""Many pictures on one, in rows."""

import io
import math
from collections.abc import Sequence

from PIL import Image

_SIDE, _GAP = 128, 8
# Neither white nor black, so that either shows on it.
_BACKGROUND = (128, 128, 128)


def contact_sheet(files: Sequence[bytes], columns: int | None = None) -> bytes:
    """Small copies of image files side by side.

    Parameters
    ----------
    files : sequence of bytes
        Image files of any format that Pillow reads, at least one; an empty one leaves its place free.
    columns : int, optional
        By default, so many that the sheet is about a third wider than high.

    Returns
    -------
    bytes
        A PNG, each picture in a square of 128 pixels. Pixels are picked, so that no color is new.
    """
    columns = columns or max(1, math.ceil(math.sqrt(len(files) * 4 / 3)))
    rows = math.ceil(len(files) / columns)
    step = _SIDE + _GAP
    sheet = Image.new("RGB", (columns * step + _GAP, rows * step + _GAP), _BACKGROUND)
    for number, file in enumerate(files):
        if not file:
            continue
        with Image.open(io.BytesIO(file)) as image:
            factor = max(image.size) / _SIDE
            size = [max(1, round(side / factor)) for side in image.size]
            small = image.convert("RGBA").resize(size, Image.Resampling.NEAREST)
        row, column = divmod(number, columns)
        left = _GAP + column * step + (_SIDE - small.width) // 2
        top = _GAP + row * step + (_SIDE - small.height) // 2
        sheet.paste(small, (left, top), small)
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()
