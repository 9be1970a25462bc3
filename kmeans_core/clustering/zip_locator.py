"""Where compiled code is kept on workers, which have this package as a ZIP file."""

import hashlib
from pathlib import Path
from typing import Any

from numba.core.caching import ZipCacheLocator


class SameForEveryCopy(ZipCacheLocator):  # type: ignore[misc]
    """Spark and Dask put the file into a folder of each run, and Numba by itself compiles anew for each
    folder: 13 s of one core. Here the name inside of the file says where its code is kept, and Numba compiles
    again when the source is another."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)
        module = hashlib.sha256(self._internal_path.encode()).hexdigest()[:16]
        self._cache_path = str(Path(self.get_cache_path()).parent / f"kmeans_core-{module}")
