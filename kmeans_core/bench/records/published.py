"""What the paper publishes, as it stands there. Never mixed with anything measured here.

Source: Kyu Min Shim, *K-means Clustering Using Spark*, University of Waterloo, 2023; seconds on Google Colab,
on a photograph of a raccoon, 1024×768.
"""

from collections.abc import Mapping
from types import MappingProxyType

SOURCE = "Kyu Min Shim, K-means Clustering Using Spark, University of Waterloo, 2023"
MACHINE = "Google Colab"
# The source key of the picture: only its times can be compared with the paper's.
PICTURE = "raccoon.png#0621d3b7"

COLORS = (2, 3, 5, 8, 10)
ITERATIONS = (1, 5, 10, 20, 50)

Grid = Mapping[tuple[int, int], float]


def _grid(rows: dict[int, tuple[float, ...]]) -> Grid:
    """(colors, iterations) → seconds."""
    return MappingProxyType(
        {
            (colors, iterations): seconds
            for colors, row in rows.items()
            for iterations, seconds in zip(ITERATIONS, row, strict=True)
        }
    )


TABLE_1_NUMPY = _grid(
    {
        2: (0.3382, 0.7623, 1.6039, 4.6291, 7.6653),
        3: (0.3047, 1.4035, 2.2722, 4.3261, 10.2454),
        5: (0.3929, 1.9001, 3.6076, 6.6482, 14.6531),
        8: (0.5585, 2.6335, 4.5622, 8.7303, 25.3359),
        10: (0.7302, 2.5217, 5.4514, 12.3100, 26.0757),
    }
)

TABLE_2_RDD = _grid(
    {
        2: (23.3564, 30.8672, 45.0538, 72.2435, 162.8648),
        3: (20.8825, 31.2942, 46.0326, 83.1631, 177.8211),
        5: (21.1502, 38.8359, 55.3694, 94.4785, 212.5548),
        8: (32.1805, 48.3324, 71.7056, 119.3261, 263.1677),
        10: (31.7725, 54.0019, 82.3575, 135.0163, 295.9264),
    }
)

# Spark ML by colors; the paper sets no number of iterations.
TABLE_3_SPARK_ML: Mapping[int, float] = MappingProxyType(
    {2: 20.2106, 3: 23.6867, 5: 19.4070, 8: 22.5226, 10: 21.4224}
)

# Seconds of each iteration of the RDD algorithm with 10 colors.
FIGURE_5_RDD = (28.7726, 4.5537, 4.6017, 6.1742, 4.5731, 5.7560, 6.6986, 4.4876, 5.4827)

# What the paper says about the picture: about 100,000 distinct colors, an eighth of the pixels.
DISTINCT_SHARE = 1 / 8

# Spark ML's defaults: `maxIter` and `tol` of pyspark.ml.clustering.KMeans.
SPARK_ML_ITERATIONS, SPARK_ML_TOL = 20, 1e-4
