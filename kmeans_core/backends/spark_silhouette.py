"""The silhouette of all points, by Spark's own evaluator.

It measures squared distances, for which the mean distance to a cluster follows from the cluster's sums, so
that no two points need to be compared. Its values are larger than those of plain distances.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kmeans_core.backends import spark_session
from kmeans_core.backends.spark_session import guarded
from kmeans_core.types import FloatArray, LabelArray, RealArray

LabelledPoints = tuple[FloatArray, LabelArray]


def spark_silhouette(points: RealArray, labels: LabelArray) -> float:
    """Mean silhouette coefficient with squared Euclidean distances, -1 to 1, of points (n, d) with their
    labels (n,); nan if they are all in one cluster.

    Source: `org.apache.spark.ml.evaluation.ClusteringEvaluator`.
    """
    n_chunks = 1 + len(points) // 100_000
    # Spark expands squares, which cancel far from zero.
    near_zero = points - points.mean(axis=0, dtype=np.float64)
    chunks = list(zip(np.array_split(near_zero, n_chunks), np.array_split(labels, n_chunks), strict=True))
    with guarded():
        broadcast = spark_session.spark_session().sparkContext.broadcast(chunks)
    try:
        return evaluate_silhouette(lambda number: broadcast.value[number], n_chunks)
    finally:
        if spark_session.is_alive():
            with guarded():
                broadcast.destroy()


@guarded()
def evaluate_silhouette(labelled: Callable[[int], LabelledPoints], count: int) -> float:
    """The same for `count` chunks of points, (n, d), with their labels, (n,), which Spark's executors get by
    calling `labelled` with the number of the chunk. The points must lie around zero.
    """
    from pyspark.ml.evaluation import ClusteringEvaluator
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql.functions import col

    def batches(numbers: Iterator[Any]) -> Iterator[Any]:
        for batch in numbers:
            for number in batch.column(0).to_pylist():
                yield from _as_batches(*labelled(number))

    session = spark_session.spark_session()
    rows = session.range(count, numPartitions=count).mapInArrow(
        batches, "features array<double>, prediction int"
    )
    frame = rows.select(array_to_vector(col("features")).alias("features"), "prediction")
    if frame.select("prediction").distinct().limit(2).count() < 2:
        return float("nan")
    return float(ClusteringEvaluator().evaluate(frame))


def _as_batches(points: FloatArray, labels: LabelArray) -> Any:
    import pyarrow as pa

    values = pa.array(np.ascontiguousarray(points, dtype=np.float64).ravel())
    offsets = pa.array(np.arange(0, points.size + 1, points.shape[1], dtype=np.int32))
    features = pa.ListArray.from_arrays(offsets, values)
    return pa.Table.from_arrays(
        [features, pa.array(labels, pa.int32())], ["features", "prediction"]
    ).to_batches(max_chunksize=50_000)
