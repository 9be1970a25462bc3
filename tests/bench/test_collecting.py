"""How fast collections are read: measured for real on a few pictures, and told."""

from dataclasses import replace

import pytest
from PIL import Image

from kmeans_core.bench.measuring.collecting import DECODING, LOOP, CollectionTime, measure_collection
from kmeans_core.bench.measuring.many_pictures import make_pictures
from kmeans_core.bench.output.collection_report import (
    SHIPPED,
    CollectionComparison,
    as_json,
    as_markdown,
    stage_chart,
    verdict,
)
from kmeans_core.clustering.threads import usable_cores
from tests.conftest import ASSETS

PHOTOGRAPHS = sorted((ASSETS / "samples").glob("*.jpg"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.mark.parametrize("on", ["threads", LOOP, DECODING])
def test_measured(folder, on):
    said = []
    time = measure_collection(PHOTOGRAPHS, folder, 4, on, usable_cores(), 2, said.append)
    assert (time.on, time.n_pictures, len(time.seconds)) == (on, 4, 2)
    assert 2 <= time.megapixels <= 48
    assert time.stage("count") > 0
    assert (time.stage("write") > 0) == (on != DECODING)
    assert time.total == pytest.approx(sum(time.stage(name) for name in time.seconds[0]), rel=0.5)
    assert any("picture" in str(one) for one in said)


def test_the_same_numbers_make_the_same_pictures(folder, tmp_path):
    make_pictures(PHOTOGRAPHS, tmp_path, 4)
    made = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert [path.suffix for path in made] == [".jpg", ".jpg", ".jpg", ".png"]
    for path in made:
        assert path.read_bytes() == (folder / "4" / path.relative_to(tmp_path)).read_bytes()
    sizes = [Image.open(path).size for path in made]
    assert all(0.45e6 <= width * height <= 12.1e6 for width, height in sizes)


def times():
    one = CollectionTime("threads", 2, 100, 400.0, 10**6, ({"count": 4.0, "fit": 1.0, "write": 5.0},), 10**9)
    spark = replace(one, on="spark", seconds=({"count": 5.0, "fit": 1.0, "write": 6.5},))
    return one, spark, replace(spark, n_workers=1, seconds=({"count": 9.0, "fit": 1.0, "write": 12.0},))


def test_the_sentence_says_what_was_measured():
    one, spark, single = times()
    said = verdict(CollectionComparison({}, (one, single, spark)))
    assert "Spark has 80% of the speed" in said
    assert "90% is reading, counting and writing" in said
    assert "cannot be told" in verdict(CollectionComparison({}, (one,)))


def test_kept_and_shown(tmp_path):
    shipped = CollectionComparison.load(SHIPPED)
    shipped.save(tmp_path / "collections.json")
    again = CollectionComparison.load(tmp_path / "collections.json")
    assert as_json(again) == as_json(shipped)
    lines = as_markdown(again).splitlines()
    assert sum(line.startswith("| ") for line in lines) == len(shipped.times) + 1
    assert {trace.name for trace in stage_chart(again).figure.data} == {
        "Read and count",
        "Add up",
        "Fit",
        "Write",
    }
    assert CollectionComparison.load(tmp_path / "nothing.json") is None
