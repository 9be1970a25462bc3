"""The text of each step, and code that does what it is shown for. Spark runs it for real."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from kmeans_core.backends import spark_session
from kmeans_core.walkthrough.datasets import dataset
from kmeans_core.walkthrough.narration import NUMPY, PYSPARK, code_kind, narrate
from kmeans_core.walkthrough.walk import ASSIGN, END, UPDATE, walk
from tests.conftest import require


@pytest.fixture(scope="module")
def steps():
    points = dataset("blobs").points
    return walk(points, points[:3])


def test_each_step_says_what_happened_and_what_comes(steps):
    start, assign, update, *_ = (narrate(step) for step in steps)
    assert start.said.startswith("3 initial centers are set.")
    assert assign.said == "1,500 points were assigned to the nearest center."
    assert "1,124 with key 0, 57 with key 1, 319 with key 2" in assign.spark
    assert update.said == "Every center moved to the mean of its points, the farthest by 12.1."
    assert "Key 0 ends as ((1,912.1, -3,537.8), 1,124)" in update.spark
    assert narrate(steps[3]).said == "215 points were reassigned to a nearer center."
    end = narrate(steps[-1])
    assert end.said == (
        "No point has a nearer center: k-means has converged after 6 iterations, with an inertia of 2,960."
    )
    assert "another start" in end.ahead


def test_singular_and_empty():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    said = [narrate(step).said for step in walk(points, np.array([[0.0, 0.0], [100.0, 100.0]]))]
    assert said[1] == "3 points were assigned to the nearest center. Cluster 1 has no point at all."
    assert "Cluster 1 had none and took over the point farthest" in said[2]
    assert said[3] == "1 point was reassigned to a nearer center."
    said = [narrate(step).said for step in walk(points, np.array([[0.0, 0.0], [90.0, 90.0], [99.0, 99.0]]))]
    assert "Clusters 1 and 2 have no point at all." in said[1]
    assert "Clusters 1 and 2 had none and took over points farthest" in said[2]
    said = [narrate(step).said for step in walk(points, points[:1])]
    assert said[0].startswith("One initial center is set.")
    assert said[2] == "The center moved to the mean of all points."
    assert "has converged after 2 iterations" in said[3]


def test_the_numpy_lines_do_an_iteration(steps):
    names = {"np": np, "points": dataset("blobs").points, "centers": steps[0].centers.copy()}
    exec(NUMPY[ASSIGN], names)
    assert np.bincount(names["labels"]).tolist() == steps[1].counts.tolist()
    exec(NUMPY[UPDATE], names)
    assert_allclose(names["centers"], steps[2].centers, rtol=1e-12)


@pytest.mark.spark
def test_the_pyspark_lines_do_an_iteration(steps):
    require("spark-rdd")
    context = spark_session.spark_session().sparkContext
    points = context.parallelize(list(dataset("blobs").points), 2)
    names = {"points": points, "centers": steps[0].centers.copy()}
    exec(PYSPARK[ASSIGN], names)
    assert sorted(names["pairs"].countByKey().items()) == list(enumerate(steps[1].counts.tolist()))
    exec(PYSPARK[UPDATE], names)
    assert_allclose(names["centers"], steps[2].centers, rtol=1e-12)


def test_every_step_has_its_code(steps):
    assert {step.kind: code_kind(step.kind) for step in steps} == {
        "start": ASSIGN,
        ASSIGN: ASSIGN,
        UPDATE: UPDATE,
        END: ASSIGN,
    }
