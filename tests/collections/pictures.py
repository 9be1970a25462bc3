"""Folders of small pictures, and what comes of them."""

import numpy as np
import pyarrow.parquet
from PIL import Image

_CHANNELS = {"RGB": 3, "RGBA": 4}


def write_picture(path, seed, mode="RGB", size=(30, 20), n_levels=40):
    """Noise. size: width and height, which grows with the seed. n_levels: of each channel, at most 40."""
    rng = np.random.default_rng(seed)
    width, height = size
    pixels = rng.integers(0, n_levels, (height + seed, width, _CHANNELS[mode]), dtype=np.uint8) * 6
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels, mode).save(path)


def write_folder(root):
    """Twelve pictures in folders, two of them partly transparent."""
    names = [
        "a.png",
        "b/c.png",
        "b/d.bmp",
        "b/e f#%.png",
        "ü/.g.png",
        "h\ni.png",
        *(f"z{i}.tif" for i in range(6)),
    ]
    for seed, name in enumerate(names):
        write_picture(root / name, seed, "RGBA" if seed in (1, 3) else "RGB")
    return root


def everything(output):
    """All that is in an output folder, but for what it keeps of itself."""
    files = (path for path in output.rglob("*") if path.is_file() and ".collection" not in path.parts)
    return {str(path.relative_to(output)): path.read_bytes() for path in files}


def manifest(output):
    return pyarrow.parquet.read_table(output / "manifest.parquet").to_pylist()
