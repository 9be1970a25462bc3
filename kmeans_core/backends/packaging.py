"""This package as one file, so that workers on other machines can import it."""

import zipfile
from pathlib import Path


def zipped_package(folder: Path) -> Path:
    """Writes `kmeans_core.zip` into the folder."""
    root = Path(__file__).parents[1]
    target = folder / "kmeans_core.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for source in sorted(root.rglob("*.py")):
            archive.write(source, Path(root.name) / source.relative_to(root))
    return target
