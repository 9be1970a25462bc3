"""About how long a quantization takes, accurate enough to say whether people have to wait."""

from kmeans_core.backends import load_backend
from kmeans_core.backends.base import Work
from kmeans_core.images.dither import DITHERS
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import Picture

# With a search, so many times as long as without: 0.8 to 1.4 for the raccoon in 5 to 256 colors. The
# best one takes seconds for any picture.
_EFFORT_TIMES = {"fast": 1, "balanced": 1.4}
# Pixels per second, measured on two cores: to map back and write the PNG, and with dithering into many
# colors.
_PIXELS_PER_SECOND = 15e6
_DITHERED_PER_SECOND = {"floyd-steinberg": 5e6, "atkinson": 5e6, "bayer": 4e6, "blue-noise": 4e6}
assert {"none", *_DITHERED_PER_SECOND} == set(DITHERS)


def estimate_seconds(picture: Picture, histogram: ColorHistogram, options: QuantizeOptions) -> float | None:
    """About how long `quantize()` and encoding take, accurate enough to say whether people have to wait.

    Parameters
    ----------
    picture : Picture
        Read already.
    histogram : ColorHistogram
        Counted already.
    options : QuantizeOptions

    Returns
    -------
    float or None
        Seconds once the backend has started; None if that is not known, or seconds whatever the picture.
    """
    fit = options.fit
    times = _EFFORT_TIMES.get(fit.effort)
    work = Work(
        n_points=len(histogram.colors),
        n_dims=3,
        n_clusters=options.n_colors,
        n_iter=fit.max_iter,
        counted=options.space == "srgb" and fit.distance == "euclidean",
    )
    seconds = load_backend(fit.backend).estimate_seconds(work)
    if seconds is None or times is None:
        return None
    n_pixels = picture.width * picture.height
    dithering = 0.0 if options.dither == "none" else n_pixels / _DITHERED_PER_SECOND[options.dither]
    return times * seconds + dithering + n_pixels / _PIXELS_PER_SECOND
