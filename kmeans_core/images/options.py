"""The settings of a quantization."""

from dataclasses import dataclass

from kmeans_core.options import FitOptions, Record, nested, option

MAX_COLORS = 256
# Of a picture that is read. Pillow itself refuses to open anything larger than the second, as a protection
# against decompression bombs.
DEFAULT_MEGAPIXELS, MAX_MEGAPIXELS = 50.0, 178.0


@dataclass(frozen=True)
class QuantizeOptions(Record):
    """Settings of `quantize()`, hashable, so that results can be kept by them.

    Attributes
    ----------
    n_colors, space, dither, dither_strength, merge
        As `quantize()` describes them.
    locked : tuple of str
        Colors to keep exactly, as texts such as "#8a7f6e"; counted in `n_colors`.
    fit : FitOptions
        Of the clustering, whose search for initial centers is "balanced" here; its `n_clusters` is not
        looked at.
    """

    n_colors: int = option(
        5,
        title="Colors",
        help="how many colors, 1 to 256",
        advice="Few colors make a poster, 16 to 64 a small file, 256 a picture that hardly differs from the "
        "original.",
        least=1,
        most=MAX_COLORS,
        widget_least=2,
        allowed=f"a PNG palette holds 1 to {MAX_COLORS} colors, give a whole number in that range",
        slider=True,
        flag="--colors",
        metavar="K",
        slug="colors",
    )
    space: str = option(
        "srgb",
        title="Color space",
        help="color space to cluster in",
        advice="Where colors are compared and averaged. sRGB is fastest and has the smallest squared error; "
        "OKLab and CIELAB follow what people see and spend more colors on subtle shades and dark parts; "
        "linear RGB follows amounts of light.",
        choices="kmeans_core.images.color_spaces:SPACES",
    )
    dither: str = option(
        "none",
        title="Dithering",
        help="dithering",
        advice="Mixes pixels of the palette's colors, so that areas look like more colors from afar; without "
        "it, smooth areas become bands. Floyd–Steinberg is the most accurate, Atkinson crisper and more "
        "contrasty; Bayer has the regular pattern of old screens, blue noise a grain without a pattern. "
        "Files become larger.",
        choices="kmeans_core.images.dither:DITHER_TITLES",
    )
    dither_strength: float = option(
        1.0,
        title="Strength",
        help="how much of the dithering, 0 to 1",
        advice="Less leaves flat areas calmer and shows more of the bands.",
        least=0,
        most=1,
        step=0.05,
        percent=True,
        slider=True,
        metavar="S",
    )
    locked: tuple[str, ...] = option(
        (),
        title="Locked colors",
        help="colors to keep exactly: ff0000,00ff00",
        metavar="HEX",
    )
    merge: float = option(
        0.0,
        title="Merge similar colors",
        help="merge colors that differ by less (CIEDE2000)",
        advice="Merges colors that differ by less (CIEDE2000): 1 is barely visible side by side, 5 is "
        "another shade, 10 another color. The palette then has fewer colors.",
        least=0,
        most=100,
        widget_most=20,  # what differs more is hardly alike to anybody
        step=1,
        slider=True,
        widget_format="ΔE %d",
        metavar="E",
        unit="a color difference",
    )
    fit: FitOptions = nested(lambda: FitOptions(effort="balanced"), without=("n_clusters",))
