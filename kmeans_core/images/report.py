"""What is known about a quantized picture and the way to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import Palette


@dataclass(frozen=True, eq=False)
class QuantizeReport:
    """What is known about a quantized picture.

    Attributes
    ----------
    options : QuantizeOptions
        What was asked for.
    backend : str or None
        What computed it, None where there was nothing to compute.
    width, height : int
        In pixels.
    unique_colors : int
        Distinct visible colors of the original.
    palette : Palette
        Of the result.
    inertia, n_iter, converged : float, int, bool
        Of the clustering; inertia in the units of the space.
    mse, psnr : float
        Of the result, see `Quality`; psnr is infinite for an exact copy.
    seconds : mapping of str to float
        Phase → wall seconds.
    input_bytes, output_bytes, raw_bytes : int
        Of the file that came, of the one made, and of the pixels as they are.
    notes : tuple of str
        What a viewer should know, as sentences.
    n_frames : int, default 1
        Of an animated picture, all in the same colors. Sizes in pixels are those of one; all else is of all.
    """

    options: QuantizeOptions
    backend: str | None
    width: int
    height: int
    unique_colors: int
    palette: Palette
    inertia: float
    mse: float
    psnr: float
    n_iter: int
    converged: bool
    seconds: Mapping[str, float]
    input_bytes: int
    output_bytes: int
    raw_bytes: int
    notes: tuple[str, ...]
    n_frames: int = 1

    @property
    def n_colors(self) -> int:
        return len(self.palette)

    @property
    def total_seconds(self) -> float:
        return sum(self.seconds.values())

    @property
    def is_exact(self) -> bool:
        """Whether the copy has the very colors of the original."""
        return self.mse == 0

    @property
    def compression_ratio(self) -> float:
        """Bytes of the file that came for each byte of the one made."""
        return self.input_bytes / self.output_bytes

    @property
    def raw_compression_ratio(self) -> float:
        """The same of the raw pixels."""
        return self.raw_bytes / self.output_bytes

    def with_notes(self, notes: Sequence[str]) -> "QuantizeReport":
        """The same with more to know, said first."""
        return replace(self, notes=(*notes, *self.notes))

    def with_size(self, n_bytes: int) -> "QuantizeReport":
        """The same for a file of another size."""
        return replace(self, output_bytes=n_bytes)

    def to_json(self) -> dict[str, Any]:
        """All of it, ready for a JSON encoder, as `quantize --json` prints it."""
        return {
            "backend": self.backend,
            "space": self.options.space,
            "distance": self.options.fit.distance,
            "width": self.width,
            "height": self.height,
            **({"frames": self.n_frames} if self.n_frames > 1 else {}),
            "unique_colors": self.unique_colors,
            "n_colors": self.n_colors,
            "inertia": self.inertia,
            "mse": self.mse,
            "psnr": None if self.is_exact else self.psnr,
            "n_iter": self.n_iter,
            "converged": self.converged,
            "seconds": {**self.seconds, "total": self.total_seconds},
            "palette": [
                {"hex": color.hex, "count": color.count, "share": color.share}
                for color in self.palette.entries
            ],
            "input_bytes": self.input_bytes,
            "output_bytes": self.output_bytes,
            "compression_ratio": self.compression_ratio,
            "raw_compression_ratio": self.raw_compression_ratio,
            "notes": list(self.notes),
            "options": self.options.values(),
        }
