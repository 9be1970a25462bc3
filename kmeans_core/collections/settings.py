"""What a collection was made with, kept in its folder, so that pictures can be added to it."""

import json
from dataclasses import dataclass, replace
from typing import Any

from kmeans_core.collections.files import STATE_FOLDER
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.collections.state import OutputFolder
from kmeans_core.errors import InputError, OptionError
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette, parse_colors
from kmeans_core.types import ByteArray
from kmeans_core.validation import checked

_FILE = f"{STATE_FOLDER}/settings.json"
_VERSION = 1


@dataclass(frozen=True, eq=False)
class CollectionSettings:
    """quantize, collection: the options. palette: the colors of the palette of all, (k, 3) uint8, if there
    is one."""

    quantize: QuantizeOptions
    collection: CollectionOptions
    palette: ByteArray | None = None

    def worked_on(self, on: str) -> "CollectionSettings":
        """The same with other workers."""
        return replace(self, collection=checked(replace(self.collection, on=on)))

    def having_found(self, palette: Palette | None) -> "CollectionSettings":
        """The same with a palette."""
        return replace(self, palette=None if palette is None else palette.colors)

    def save(self, folder: OutputFolder) -> None:
        """Raises OSError."""
        said = {
            "version": _VERSION,
            "quantize": self.quantize.values(),
            "collection": self.collection.values(),
            "palette": None if self.palette is None else self.palette.tolist(),
        }
        folder.write(_FILE, json.dumps(said, indent=1).encode())

    @classmethod
    def load(cls, folder: OutputFolder) -> "CollectionSettings":
        """Raises OptionError if the folder has none."""
        try:
            said = json.loads(folder.read(_FILE))
            if said["version"] != _VERSION:
                raise ValueError("of another version")
            palette = said["palette"]
            return cls(
                QuantizeOptions.of(**_plain(said["quantize"])),
                CollectionOptions.of(**_plain(said["collection"])),
                None if palette is None else parse_colors(palette, "palette"),
            )
        except (OSError, ValueError, KeyError, TypeError, InputError):
            raise OptionError(
                f"{folder.url} has no collection, or an unfinished one; name the folder that one was written "
                "to, or run it again with its pictures."
            ) from None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Lists as the tuples they were."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
