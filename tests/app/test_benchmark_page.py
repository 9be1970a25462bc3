"""The Benchmark page without a browser: what it shows of which results, and what Run, Stop and links do."""

from dataclasses import replace
from functools import partial

import pytest
import streamlit as st

from kmeans_core.bench.described import title_of
from kmeans_core.bench.measuring.cases import PictureSource
from kmeans_core.bench.measuring.limits import Limits
from kmeans_core.bench.measuring.machine import describe_environment, machine_id, machine_title
from kmeans_core.bench.measuring.presets import preset_plan
from kmeans_core.bench.records.results import DONE, FAILED, STOPPED
from kmeans_core.bench.records.shipped import RACCOON, shipped_repetitions
from kmeans_core.bench.records.store import Store
from kmeans_core.jobs.job import JobState
from pages.components.benchmark import results as benchmark_results
from pages.components.benchmark import runs as benchmark_runs
from pages.components.shared.job_slot import worker
from tests.app import pages
from tests.app.pages import healthy, texts
from tests.bench.rows import case, row
from tests.conftest import ASSETS
from tests.waiting import until

TABS = (
    "Paper's tables",
    "Paper's figures",
    "Phases",
    "Scaling",
    "Claims",
    "Leaderboard",
    "Peers",
    "History",
    "Data",
)

open_page = partial(pages.open_page, "benchmark")


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A store of this test's own, and no run of another one's."""
    monkeypatch.setenv("KMEANS_BENCH_STORE", str(tmp_path / "results.sqlite3"))
    benchmark_results.this_environment.clear()
    yield Store()
    for run in benchmark_runs.active_runs():
        benchmark_runs.stop_run(run, run.owner)
        run.job.wait(20)
        benchmark_runs.dismiss(run)


def verdict_of(app):
    return next(text for text in texts(app, "markdown") if text.startswith("####"))


def here(of, *times):
    """Rows of this very machine, on the real raccoon."""
    environment = describe_environment()
    return [
        row(of, seconds, number=number, wanted=len(times), environment=environment)
        for number, seconds in enumerate(times, 1)
    ]


def raccoon_case(backend, colors=10, iterations=50):
    source = PictureSource.of(ASSETS / "raccoon.png")
    cores = int(describe_environment()["cores"])
    return case(backend, colors, iterations, source=source.key, cores=cores)


def test_an_empty_store_shows_the_shipped_results_at_once(store):
    app = open_page()
    assert texts(app, "title") == ["When does Spark pay off?"]
    assert "is fastest for 10 colors" in verdict_of(app)
    caption = texts(app, "caption")[0]
    assert caption.startswith("Shipped with the app, not measured on this server: Shipped (")
    assert "raccoon.png · 10 colors, 50 iterations" in caption
    assert store.repetitions() == []
    assert not app.error


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_full_from_the_shipped_results(tab):
    app = open_page(evidence=tab)
    assert not app.error
    missing = [text for text in texts(app, "info") if "Run the preset" in text]
    assert missing == []
    if tab == "Paper's tables":
        tables = [frame.value for frame in app.dataframe]
        assert [table.shape for table in tables] == [(5, 15), (5, 15), (5, 3)]
        assert tables[0]["50 iterations", "paper"].tolist() == ["7.67", "10.2", "14.7", "25.3", "26.1"]
        assert not any("–" in table.to_numpy() for table in tables)
    if tab == "Claims":
        assert sum("*not measured yet*" in text for text in texts(app, "markdown")) == 0
    if tab == "Data":
        assert {button.label for button in app.get("download_button")} >= {"All rows as CSV"}


def test_the_shipped_set_is_all_of_the_papers_grid():
    done = {row.case for row in shipped_repetitions() if row.status == DONE and not row.cold}
    found = {(of.backend, of.n_clusters, of.n_iter) for of in done if "@" not in of.source}
    for backend in ("paper-numpy", "paper-rdd", "numpy", "numba", "sklearn", "spark-rdd"):
        for colors in (2, 3, 5, 8, 10):
            for iterations in (1, 5, 10, 20, 50):
                assert (backend, colors, iterations) in found
    assert sum(of.tol == 1e-4 for of in done) == 5
    assert len({machine_id(row.environment) for row in shipped_repetitions()}) == 1


def test_this_machines_results_come_first_and_are_never_mixed(store):
    store.add([*here(raccoon_case("numpy"), 2.0), *here(raccoon_case("numba"), 3.0)])
    app = open_page()
    assert verdict_of(app) == "#### NumPy is fastest for 10 colors: 2.00 s."
    assert texts(app, "caption")[0].startswith("This machine (")
    app.selectbox(key="results").set_value("shipped").run()
    assert "Numba is fastest" in verdict_of(healthy(app))


def test_the_setting_can_be_chosen_and_stands_in_the_link():
    app = open_page()
    app.selectbox(key="bench_colors").set_value(2).run()
    assert "for 2 colors" in verdict_of(healthy(app))
    again = open_page(bench_colors="2", bench_iterations="5")
    assert "2 colors, 5 iterations" in texts(again, "caption")[0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"preset": "Everything"}, "preset=`Everything`, which is not allowed; use one of: Quick look"),
        (
            {"repetitions": "1e400"},
            "repetitions=`1e400`, which is not allowed; give a whole number from 1 to 10",
        ),
        ({"grid_colors": "999"}, "grid_colors=`999`, which is not allowed"),
    ],
)
def test_nonsense_in_a_link_is_reported(parameters, message):
    app = open_page(**parameters)
    assert any(message in text for text in texts(app, "warning"))
    assert "is fastest" in verdict_of(app)


@pytest.mark.parametrize(
    "parameters",
    [{"bench_colors": "77"}, {"results": "Nowhere"}, {"measured_picture": "cat"}],
)
def test_a_link_to_what_is_not_there_falls_back_and_says_so(parameters, monkeypatch):
    app = open_page(**parameters)
    assert "is fastest" in verdict_of(app)
    ((name, value),) = parameters.items()
    assert any(
        f"asks for {name}=`{value}`, which has no results here" in text for text in texts(app, "warning")
    )
    assert healthy(app.run()).warning  # the page may run again by itself; what it said stays readable
    monkeypatch.setattr("pages.components.shared.links._LINGER_SECONDS", 0.0)
    assert not healthy(app.run()).warning


def test_the_link_names_what_is_shown_even_if_it_is_the_default():
    app = open_page()
    found = {name: app.query_params[name] for name in ("results", "measured_picture", "bench_colors")}
    assert found["measured_picture"] == "raccoon.png"
    assert found["bench_colors"] == "10"
    assert found["results"].startswith("Shipped (")


def test_stray_rows_do_not_hide_the_shipped_results(store):
    """Points, other sizes, and failures have no verdict of their own."""
    environment = describe_environment()
    store.add(
        [
            row(case(source="blobs:1000x3c5s8"), environment=environment),
            row(case(source="raccoon.png#0621d3b7@12MP"), environment=environment),
            row(raccoon_case("numpy"), status=FAILED, environment=environment),
        ]
    )
    assert texts(open_page(), "caption")[0].startswith("Shipped with the app")


@pytest.mark.parametrize("tab", ["Paper's tables", "Paper's figures", "Claims", "Leaderboard", "Scaling"])
def test_another_picture_is_not_compared_with_the_paper(store, tab):
    cat = case("numpy", 10, 50, source="cat.png#12345678", cores=int(describe_environment()["cores"]))
    store.add(here(cat, 1.0))
    app = open_page(evidence=tab)
    assert "cat.png" in texts(app, "caption")[0]
    said = any("The paper measured the raccoon" in text for text in texts(app, "info"))
    assert said == (tab in ("Paper's tables", "Claims"))


def test_failures_are_labelled_cells(store):
    failing = raccoon_case("spark-ml")
    store.add(
        [
            *here(raccoon_case("numpy"), 2.0),
            row(failing, status=FAILED, message="Java ended.", environment=describe_environment()),
        ]
    )
    app = open_page(evidence="Leaderboard")
    assert "failed" in app.dataframe[0].value.to_numpy()
    assert any("Java ended." in text for text in texts(app, "caption"))


def test_history_compares_earlier_runs(store):
    of = raccoon_case("numpy")
    store.add(here(of, 2.0))
    store.add([row(of, 1.0, run="later", environment=describe_environment())])
    app = open_page(evidence="History")
    frame = app.dataframe[0].value
    assert frame["Seconds"].tolist() == [2.0, 1.0]
    assert frame["Change"].tolist()[1] == -0.5


def choose_own_grid(app, *backends, iterations=(1,)):
    app.selectbox(key="preset").set_value("Your own grid").run()
    app.multiselect(key="grid_backends").set_value(list(backends))
    app.multiselect(key="grid_colors").set_value([2])
    app.multiselect(key="grid_iterations").set_value(list(iterations))
    app.selectbox(key="benchmark_picture").set_value("Cat")
    app.number_input(key="repetitions").set_value(1)
    return healthy(app.run())


def wait_for_runs(app, seconds=60):
    until(lambda: not benchmark_runs.active_runs(), seconds)
    return healthy(app.run())


def announcement(app):
    return texts(app, "caption")[-1]


def test_a_run_measures_and_shows_this_machine(store):
    app = choose_own_grid(open_page(), "numpy", "numba")
    assert announcement(app).startswith("2 cells. NumPy, Numba. Time: about ")
    app.button(key="run_benchmark").click().run()
    healthy(app)
    app = wait_for_runs(app)
    assert [result.status for result in store.repetitions()] == [DONE] * 4
    assert any("Your own grid is done." in text for text in texts(app, "success"))
    assert texts(app, "caption")[0].startswith("This machine (")
    assert "cat.png · 2 colors, 1 iteration" in texts(app, "caption")[0]
    # All of it is there now; nothing is measured twice.
    assert announcement(app).startswith("All 2 cells are measured already.")
    assert app.button(key="run_benchmark").disabled
    app.toggle(key="measure_again").set_value(True).run()
    assert not app.button(key="run_benchmark").disabled
    app.button(key="dismiss_run").click().run()
    assert not app.success


def test_one_run_at_a_time_and_only_its_owner_can_stop_it():
    first = choose_own_grid(open_page(), "paper-numpy", iterations=(100,))
    first.button(key="run_benchmark").click().run()
    second = choose_own_grid(open_page(), "numpy")
    second.button(key="run_benchmark").click().run()
    mine, theirs = benchmark_runs.active_runs()
    assert (mine.job.state, theirs.job.state) == (JobState.RUNNING, JobState.QUEUED)
    assert mine.owner != theirs.owner
    stops = [button.key for button in second.button if button.label == "Stop"]
    assert stops == [f"stop_run_top_{theirs.job.id}", f"stop_run_below_{theirs.job.id}"]
    assert any("is waiting: 1 run is before it." in element.text for element in second.get("progress"))
    # One at a time for everybody.
    assert second.button(key="run_benchmark").disabled
    # Nor does a call help.
    benchmark_runs.stop_run(mine, theirs.owner)
    # Before, there is nothing to be stopped in a row.
    until(lambda: getattr(mine.job.progress, "case", None) is not None)
    assert mine.job.state is JobState.RUNNING
    first.button(key=f"stop_run_top_{mine.job.id}").click().run()
    assert mine.job.wait(5)
    assert mine.job.state is JobState.STOPPED
    second = wait_for_runs(second)
    assert theirs.job.state is JobState.DONE
    of_first = [row for row in Store().repetitions() if row.case.backend == "paper-numpy"]
    assert of_first[-1].status == STOPPED
    first = healthy(first.run())
    assert any("was stopped. Finished cells are kept." in text for text in texts(first, "info"))


def test_a_run_goes_on_without_its_page_and_is_found_by_the_next_one():
    app = choose_own_grid(open_page(), "paper-numpy", iterations=(100,))
    app.button(key="run_benchmark").click().run()
    del app
    again = open_page()
    (run,) = benchmark_runs.active_runs()
    assert run.job.state is JobState.RUNNING
    assert any("Your own grid" in element.text for element in again.get("progress"))


def test_limits_of_a_hosted_app(monkeypatch):
    monkeypatch.setenv("KMEANS_BENCH_CELLS", "3")
    app = open_page(preset="Quick look")
    assert any("has 5 cells, more than the 3 allowed here" in text for text in texts(app, "error"))
    monkeypatch.setenv("KMEANS_BENCH_CELLS", "many")
    app = open_page()
    assert any("KMEANS_BENCH_CELLS='many' is not allowed" in text for text in texts(app, "error"))
    monkeypatch.setenv("KMEANS_BENCH_CELLS", "0")
    app = open_page()
    assert any("This server does not run benchmarks" in text for text in texts(app, "caption"))
    assert "is fastest" in verdict_of(app)


def test_a_store_that_cannot_be_read_is_said_and_the_page_lives(tmp_path, monkeypatch):
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database" * 1000)
    monkeypatch.setenv("KMEANS_BENCH_STORE", str(broken))
    app = open_page()
    assert any("cannot be used" in text for text in texts(app, "error"))
    assert "is fastest" in verdict_of(app)  # of the shipped results


def test_nothing_measured_and_nothing_shipped(monkeypatch):
    monkeypatch.setattr(benchmark_results, "shipped_repetitions", lambda: ())
    app = open_page()
    assert any("Nothing has been measured on this machine yet" in text for text in texts(app, "info"))


def test_an_empty_grid_says_what_is_missing():
    app = choose_own_grid(open_page())
    assert announcement(app).startswith("Choose at least one backend")
    assert app.button(key="run_benchmark").disabled


def test_a_client_that_clears_the_caches_takes_nothing_from_others(store):
    """Streamlit lets every client clear what `st.cache_resource` and `st.cache_data` hold for all."""
    at_work = worker()
    run = benchmark_runs.start_run(
        preset_plan("quick", PictureSource.of(RACCOON)),
        title="Quick look",
        owner="somebody",
        store=store.path,
        repeat=1,
        fresh=True,
        limits=Limits(),
    )
    st.cache_resource.clear()
    st.cache_data.clear()
    assert worker() is at_work
    assert benchmark_runs.own_run("somebody") is run
    benchmark_runs.stop_run(run, "somebody")
    assert run.job.wait(20)
    assert run.job.state is JobState.STOPPED


@pytest.mark.parametrize(
    ("backend", "address"), [("dask", "tcp://10.0.0.1:8786"), ("spark-rdd", "spark://m:7077")]
)
def test_results_of_a_cluster_are_on_the_page_apart_from_local_ones(store, backend, address):
    here = describe_environment()
    cores = here["cores"]
    source = PictureSource.of(RACCOON).key
    for of, seconds in (
        (case("numpy", source=source, cores=cores), 2.0),
        (case(backend, source=source, cores=cores), 4.0),
        (replace(case(backend, source=source, cores=cores), master=address), 1.0),
    ):
        store.add([row(of, seconds, environment=here)])
    app = open_page(results=f"This machine ({machine_title(here)})")
    assert "NumPy is fastest" in verdict_of(app)
    assert app.selectbox(key="bench_cluster").options == [
        "On the machine alone",
        f"With the cluster {address}",
    ]
    app.selectbox(key="bench_cluster").set_value(address)
    assert f"{title_of(backend)} is fastest" in verdict_of(healthy(app.run()))
