"""Measurements as a JSON file, beside the store of results."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kmeans_core.errors import StoreError


def save_json(path: Path, data: Mapping[str, Any]) -> None:
    """Writes a file, in a folder that may be new. Raises StoreError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, indent=1), "utf-8")
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from error
