"""Colors as seen by people who lack one kind of cone, or all.

Source: Machado, Oliveira and Fernandes, *A physiologically-based model for simulation of color vision
deficiency*, IEEE Trans. Visualization and Computer Graphics 15 (2009), matrices for a severity of 1, applied
to linear RGB.
"""

import numpy as np

from kmeans_core.errors import OptionError
from kmeans_core.images.color_spaces import decode, encode
from kmeans_core.types import ByteArray

# Names → titles for people.
VISIONS = {
    "protanopia": "No red cones (protanopia)",
    "deuteranopia": "No green cones (deuteranopia)",
    "tritanopia": "No blue cones (tritanopia)",
    "achromatopsia": "No color at all (achromatopsia)",
}
_MATRICES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "achromatopsia": [[0.2126, 0.7152, 0.0722]] * 3,
}


def simulate(colors: ByteArray, vision: str) -> ByteArray:
    """Colors, (n, 3), with simulated color vision. vision: one of `VISIONS`; others raise OptionError."""
    if vision not in VISIONS:
        raise OptionError(f"vision={vision!r} is unknown; use one of: {', '.join(VISIONS)}.")
    light = decode(colors / 255) @ np.array(_MATRICES[vision]).T
    levels: ByteArray = np.rint(255 * encode(np.clip(light, 0.0, 1.0))).astype(np.uint8)
    return levels
