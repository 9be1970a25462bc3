"""The Learn page without a browser: what its settings, links and buttons lead to."""

from functools import partial

import pytest

from kmeans_core.walkthrough.datasets import dataset
from kmeans_core.walkthrough.walk import END, UPDATE, walk
from pages.components.learn import tabs as learn_tabs
from pages.components.learn.settings import DATA, LearnSettings, initial_centers, plane_data
from tests.app import pages
from tests.app.pages import healthy, texts

open_page = partial(pages.open_page, "learn")


def test_the_walkthroughs_data_without_a_click():
    app = open_page()
    assert texts(app, "title") == ["K-means, step by step"]
    assert app.selectbox(key="data").value == "blobs"
    assert app.slider(key="k").value == 3
    assert any("24 random starts end with" in text for text in texts(app, "markdown"))


@pytest.mark.parametrize("name", [name for name in DATA if name != "own"])
def test_every_data_set(name):
    app = open_page(data=DATA[name], k="4", start="Maximin")
    assert texts(app, "warning") == []
    assert not app.error
    about = plane_data(LearnSettings(name, 4, "maximin", 0)).about
    assert about in texts(app, "caption")


def test_own_points_from_a_link():
    app = open_page(data="Your own points", points="1,1~2,2~900,900~901,901", k="2")
    assert "Your own points." in texts(app, "caption")
    assert app.dataframe[0].value["cluster at the end"].nunique() == 2 if app.dataframe else True
    assert not any("distinct points" in text for text in texts(app, "caption"))
    app.slider(key="k").set_value(6)
    healthy(app.run())
    assert any("Only 4 distinct points" in text for text in texts(app, "caption"))


def test_no_own_points_yet():
    app = open_page(data="Your own points")
    assert "Set some points and watch k-means cluster them." in texts(app, "caption")
    assert not app.tabs


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"k": "99"}, "k=`99`, which is not allowed; give a whole number from 1 to 10"),
        ({"data": "stars"}, "data=`stars`, which is not allowed; use one of: Blobs"),
        ({"start": "guess"}, "start=`guess`, which is not allowed; use one of: First points"),
        ({"step": "-1"}, "step=`-1`, which is not allowed"),
        ({"start_seed": "1e400"}, "start_seed=`1e400`, which is not allowed"),
    ],
)
def test_links_that_ask_for_the_impossible(parameters, said):
    app = open_page(**parameters)
    assert any(said in text for text in texts(app, "warning"))


@pytest.mark.parametrize("places", ["", "nonsense", "1,2~x,y~nan,1~inf,2", "1e300,1", "1,2,3", "~" * 5000])
def test_places_in_a_link_that_are_none_are_left_out(places):
    healthy(open_page(data="Your own points", points=places))
    healthy(open_page(start="Placed by you", centers=places))


def test_placed_centers_from_a_link():
    settings = LearnSettings("blobs", 3, "placed", 0, ((-5.0, -9.0), (7.0, 5.0)))
    data = plane_data(settings)
    centers = initial_centers(settings, data)
    assert centers[:2].tolist() == [[-5.0, -9.0], [7.0, 5.0]]
    assert centers[2].tolist() in data.points.tolist()  # one more than was placed
    assert len(initial_centers(LearnSettings("blobs", 1, "placed", 0, settings.placed_centers), data)) == 1


def test_another_start_draws_another():
    app = open_page()
    app.button(key="another_start").click()
    healthy(app.run())
    assert app.selectbox(key="start").value == "random"
    assert app.number_input(key="start_seed").value == 1
    app.button(key="another_start").click()
    assert healthy(app.run()).number_input(key="start_seed").value == 2


def test_walking_through_the_other_start():
    app = open_page(k="5")
    chosen = app.select_slider(key="learn_other").value
    app.button(key="walk_other").click()
    healthy(app.run())
    assert app.selectbox(key="start").value == "random"
    assert app.number_input(key="start_seed").value == chosen


@pytest.mark.parametrize("number", range(len(learn_tabs.FAILURES)))
def test_failures_can_be_shown(number):
    failure = learn_tabs.FAILURES[number]
    app = open_page(learn_tab="When it fails")
    app.button(key=f"failure_{number}").click()
    healthy(app.run())
    assert app.selectbox(key="data").value == failure.data
    assert app.slider(key="k").value == failure.k
    assert app.selectbox(key="start").value == failure.start
    if failure.placed:
        assert app.query_params["centers"]


def failing(title):
    failure = next(failure for failure in learn_tabs.FAILURES if failure.title == title)
    settings = LearnSettings(failure.data, failure.k, failure.start, 0, failure.placed)
    points = dataset(failure.data).points
    return points, walk(points, initial_centers(settings, plane_data(settings)))


def test_the_bad_start_is_bad_and_the_empty_cluster_empty():
    points, steps = failing("A bad start")
    best = walk(points, points[:3])[-1].inertia
    assert steps[-1].kind == END
    assert 6.5 < steps[-1].inertia / best < 7.5
    _, steps = failing("An empty cluster")
    assert steps[1].counts.tolist()[2] == 0
    assert next(step for step in steps if step.kind == UPDATE).refilled == (2,)


def test_a_placed_start_is_compared_with_random_ones():
    app = open_page(start="Placed by you", centers="-5,-9~-5.5,-10.5~7.4,5")
    assert any(
        "24 random starts end with" in text and "different results" in text for text in texts(app, "markdown")
    )


def test_points_and_centers_survive_a_visit_to_another_page():
    app = pages.open_page()  # the front door, from which there are ways to other pages
    app.switch_page("learn.py")
    link = {
        "data": "Your own points",
        "points": "1,1~2,2~900,900",
        "start": "Placed by you",
        "centers": "5,5~6,6",
    }
    for name, value in link.items():
        app.query_params[name] = value
    healthy(app.run())
    app.switch_page("tables.py")
    healthy(app.run())
    app.switch_page("learn.py")
    app = healthy(app.run())
    assert "Your own points." in texts(app, "caption")
