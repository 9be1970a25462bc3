"""The Quantize page without a browser: what it computes, says and keeps."""

import io
import json
import subprocess
import sys
from functools import cache

import pytest
from PIL import Image

from kmeans_core import load_picture, quantize
from kmeans_core.backends import spark_session
from kmeans_core.clustering import jit
from kmeans_core.images import compiling
from kmeans_core.images.choosing import CURVE, error_curve
from kmeans_core.images.color_vision import VISIONS
from kmeans_core.images.histogram import ColorHistogram
from kmeans_core.images.palette_order import ORDERS, palette_order
from kmeans_core.images.perceptual_quality import measure_perceptual_quality
from kmeans_core.jobs.job import JobState
from kmeans_core.wording import number_text
from pages.components.quantize import settings
from tests.app.pages import component_data, healthy, metrics, open_page, palette_columns, texts
from tests.conftest import ASSETS, require
from tests.images.test_picture import bomb
from tests.waiting import until

CAT = (ASSETS / "samples" / "cat.png").read_bytes()


@pytest.fixture(autouse=True)
def fresh_caches():
    """Backends are looked up anew, and no job of an earlier test is running."""
    settings.backends.clear()
    yield
    settings.backends.clear()


def test_opens_on_the_raccoon_in_five_colors_with_a_result():
    app = open_page()
    assert texts(app, "title") == ["Raccoon in 5 colors"]
    assert metrics(app)["Colors"] == "134,105 → 5"
    assert app.caption[0].value.startswith("K-means Studio finds the few colors")
    expected = quantize(load_picture(ASSETS / "raccoon.png"), 5)
    assert metrics(app)["Error (MSE)"] == f"{expected.quality.mse:,.0f}"
    assert metrics(app)["PSNR"] == f"{expected.quality.psnr:.1f} dB"
    assert metrics(app)["Iterations"] == str(expected.fit.n_iter)
    assert not app.error
    hexes = palette_columns(app)["Hex"]
    assert hexes == [color.hex for color in expected.palette.entries]


def test_the_file_is_the_one_that_quantize_makes():
    app = open_page(picture="cat", colors="9", seed="3")
    expected = quantize(load_picture(CAT), 9, seed=3).png_bytes()
    assert app.session_state["quantize_last"].result.encoded.png == expected


def test_the_slider_under_the_picture_follows_the_number_field():
    app = open_page()
    healthy(app.number_input(key="colors").set_value(37).run())
    assert texts(app, "title") == ["Raccoon in 37 colors"]
    numbers = component_data(app, "compare")["colors"]
    assert (numbers["wanted"], numbers["shown"]) == (37, 37)
    assert {*CURVE, 37} == set(numbers["stops"])


def test_the_browser_gets_a_palette_for_every_stop_of_the_slider():
    app = open_page(picture="cat")
    given = component_data(app, "sweep")
    assert given["picture"] == component_data(app, "compare")["picture"]
    for palette, point in zip(
        given["palettes"], error_curve(ColorHistogram.of(load_picture(CAT))), strict=True
    ):
        assert palette["count"] == point.n_colors
        assert palette["colors"] == [bytes(color).hex() for color in point.colors]
        assert palette["error"] == number_text(point.mse)


def test_a_link_says_whose_eyes_see_the_picture_and_that_is_not_previewed():
    app = open_page(picture="cat", vision=VISIONS["deuteranopia"], palette_order=ORDERS["lightness"])
    given = component_data(app, "compare")
    assert given["before"]["label"] == "Original, deuteranopia"
    assert given["picture"] == ""
    palette = quantize(load_picture(CAT), 5).palette
    hexes = [color["hex"] for color in component_data(app, "palette_strip")["colors"]]
    assert hexes == [palette.entries[index].hex for index in palette_order(palette, "lightness")]


def test_a_link_reproduces_the_settings():
    app = open_page(
        picture="flower",
        colors="12",
        backend="NumPy",
        init="maximin",
        iterations="9",
        early_stop="false",
        seed="4",
    )
    assert app.selectbox(key="backend").value == "numpy"
    assert texts(app, "title") == ["Flower in 12 colors"]
    expected = quantize(
        load_picture(ASSETS / "samples" / "flower.jpg"),
        12,
        backend="numpy",
        init="maximin",
        max_iter=9,
        early_stop=False,
        seed=4,
    )
    assert metrics(app)["Iterations"] == "9"
    assert palette_columns(app)["Hex"] == [color.hex for color in expected.palette.entries]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"colors": "0"},
            "The link asks for colors=`0`, which is not allowed; give a whole number from 2 to 256.",
        ),
        ({"colors": "1000"}, "colors=`1000`, which is not allowed"),
        ({"colors": "x"}, "colors=`x`, which is not allowed"),
        ({"seed": "1e400"}, "seed=`1e400`, which is not allowed"),
        ({"seed": "9" * 5000}, "seed=`9999"),
        ({"iterations": "-1"}, "iterations=`-1`, which is not allowed; give a whole number from 1 to 1,000"),
        (
            {"backend": "abacus"},
            "backend=`abacus`, which is not allowed; use one of: numpy, numba, sklearn, spark-rdd",
        ),
        ({"init": "guess"}, "init=`guess`, which is not allowed; use one of: k-means++"),
        ({"seed": "[x](http://y) `*_:red[z]"}, "seed=``[x](http://y) `*_:red[z]``, which is not allowed"),
        ({"seed": "`"}, "seed=`` ` ``, which is not allowed"),
        ({"picture": "nobody"}, "picture=`nobody`, which is not allowed; use one of: raccoon"),
        ({"early_stop": "maybe"}, "early_stop=`maybe`"),
    ],
)
def test_nonsense_in_a_link_is_said_and_the_default_shown(parameters, message, monkeypatch):
    app = open_page(**parameters)
    assert len(app.warning) == 1
    assert message in app.warning[0].value
    assert texts(app, "title") == ["Raccoon in 5 colors"]
    healthy(app.run())  # the page may run again by itself; what it said stays readable
    assert message in app.warning[0].value
    monkeypatch.setattr("pages.components.shared.links._LINGER_SECONDS", 0.0)
    healthy(app.number_input(key="colors").set_value(6).run())
    assert not app.warning


def test_upload_takes_over_and_removing_it_goes_back():
    app = open_page()
    healthy(app.file_uploader[0].upload("my cat.png", CAT, "image/png").run())
    assert texts(app, "title") == ["my cat in 5 colors"]
    assert "my cat.png · 451×300" in texts(app, "caption")[0]
    healthy(app.number_input(key="colors").set_value(3).run())
    assert texts(app, "title") == ["my cat in 3 colors"]
    healthy(app.file_uploader[0].clear().run())
    assert texts(app, "title") == ["Raccoon in 3 colors"]


def test_a_link_to_a_backend_that_cannot_run_still_shows_a_picture(monkeypatch):
    monkeypatch.setattr(spark_session, "find_java", lambda: None)
    app = open_page(backend="Spark RDD", picture="cat")
    assert "The backend spark-rdd cannot run here: Spark needs Java" in app.error[0].value
    assert texts(app, "title") == ["Cat in 5 colors"]


def test_a_large_picture_goes_to_the_worker():
    file = io.BytesIO()
    Image.effect_noise((6000, 4500), 30).convert("RGB").save(file, "JPEG", quality=60)
    app = open_page()
    healthy(app.file_uploader[0].upload("large.jpg", file.getvalue(), "image/jpeg").run(timeout=60))
    assert app.session_state["job_slot_quantize"][1].wait(120)
    healthy(app.run(timeout=60))
    assert texts(app, "title") == ["large in 5 colors"]


def test_a_job_that_ends_between_two_looks_is_shown(monkeypatch):
    """The page may see the job running, and an instant later over: then it looks again."""
    app = open_page(backend="NumPy", colors="200", iterations="100", picture="cat")
    job = app.session_state["job_slot_quantize"][1]
    assert job.wait(120)
    looks = iter([JobState.RUNNING])
    monkeypatch.setattr(
        type(job), "state", property(lambda self: next(looks, JobState.DONE), lambda *_: None), False
    )
    healthy(app.run())
    assert texts(app, "title") == ["Cat in 200 colors"]
    assert not app.error


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "bad.png is empty (0 bytes)"),
        (b"text", "bad.png is not a picture that can be read"),
        (CAT[:3000], "bad.png is damaged or cut short"),
        ((ASSETS / "samples" / "rocket.jpg").read_bytes()[:3000], "bad.png is damaged or cut short"),
        (bomb(50_000, 50_000), "bad.png claims more than 178 megapixels"),
    ],
    ids=["empty", "text", "short PNG", "short JPEG", "bomb"],
)
def test_a_bad_upload_is_one_clear_error_and_the_last_picture_stays(data, message):
    app = open_page()
    healthy(app.file_uploader[0].upload("bad.png", data, "image/png").run())
    assert len(app.error) == 1
    assert message in app.error[0].value
    assert texts(app, "title") == ["Raccoon in 5 colors"]
    assert metrics(app)["Colors"] == "134,105 → 5"


def test_transparency_is_shown():
    app = open_page(picture="horse")
    assert any("Has transparency" in caption for caption in texts(app, "caption"))


def test_without_java_spark_is_shown_with_the_reason_and_the_rest_works(monkeypatch):
    monkeypatch.setattr(spark_session, "find_java", lambda: None)
    app = open_page()
    assert any(
        "Spark RDD and Spark ML cannot run here. Spark needs Java 17 or 21" in caption
        for caption in texts(app, "caption")
    )
    assert not app.error
    healthy(app.selectbox(key="backend").set_value("spark-ml").run())
    assert "The backend spark-ml cannot run here: Spark needs Java" in app.error[0].value
    assert texts(app, "title") == ["Raccoon in 5 colors"]


def test_long_work_goes_to_the_worker_and_can_be_stopped():
    # NumPy, 256 colors, all 1000 iterations: minutes.
    app = open_page(backend="NumPy", colors="256", iterations="1000", early_stop="false", picture="cat")
    job = app.session_state["job_slot_quantize"][1]
    until(lambda: job.progress is not None and not isinstance(job.progress, str))
    healthy(app.run())
    healthy(app.button(key="job_panel_stop").click().run())
    assert job.wait(5)
    healthy(app.run())
    assert "Stopped." in app.info[0].value
    assert app.button(key="job_slot_quantize_again").label == "Run again"
    healthy(app.button(key="job_slot_quantize_again").click().run())
    again = app.session_state["job_slot_quantize"][1]
    assert again is not job
    # Other settings end it: nobody waits for it any more.
    healthy(app.selectbox(key="backend").set_value("numba").run())
    assert again.wait(5)


def test_the_best_effort_works_where_it_can_be_stopped():
    app = open_page(picture="cat", effort="Best")
    job = app.session_state["job_slot_quantize"][1]
    assert texts(app, "title") == ["Cat in 5 colors"]  # a fast one stands in meanwhile
    assert job.wait(60)
    healthy(app.run())
    expected = quantize(load_picture(CAT), 5, effort="best").png_bytes()
    assert app.session_state["quantize_last"].result.encoded.png == expected


@pytest.mark.parametrize("ends", ["compiled", "failed"])
def test_where_the_search_is_being_compiled_a_fast_result_stands_in(monkeypatch, ends):
    compiled = set()
    compiler = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(jit, "is_compiled", lambda module, name: name in compiled)
    monkeypatch.setattr(compiling, "compile_in_background", cache(lambda: compiler))
    app = open_page(picture="cat")
    fast, searched = (
        quantize(load_picture(CAT), 5, effort=effort).png_bytes() for effort in ("fast", "balanced")
    )
    assert app.session_state["quantize_last"].result.encoded.png == fast
    assert any("follow by themselves" in text for text in texts(app, "caption"))
    if ends == "compiled":
        compiled |= {"step_groups", "removal_costs"}
    compiler.kill()
    compiler.wait()
    healthy(app.run())
    assert app.session_state["quantize_last"].result.encoded.png == searched
    assert not any("follow by themselves" in text for text in texts(app, "caption"))


def test_the_quality_tab():
    app = healthy(open_page(picture="cat", colors="12", details="Measures"))
    picture, made = load_picture(CAT), quantize(load_picture(CAT), 12)
    expected = measure_perceptual_quality(picture, made.palette.colors, made.indices)
    assert metrics(app)["Color difference"] == f"{expected.mean:.2f}"
    assert metrics(app)["95th percentile"] == f"{expected.p95:.2f}"
    assert metrics(app)["Structure (SSIM)"] == f"{expected.ssim:.4f}"


def test_dithering_in_a_link_and_by_hand():
    app = healthy(open_page(picture="cat", dither="Atkinson", dither_strength="40"))
    expected = quantize(load_picture(CAT), 5, dither="atkinson", dither_strength=0.4).png_bytes()
    assert app.session_state["quantize_last"].result.encoded.png == expected
    app.slider(key="dither_strength").set_value(0)
    healthy(app.run())
    app.selectbox(key="dither").select("none")
    healthy(app.run())
    plain = quantize(load_picture(CAT), 5).png_bytes()
    assert app.session_state["quantize_last"].result.encoded.png == plain
    with pytest.raises(KeyError):
        app.slider(key="dither_strength")


def test_the_color_space_in_a_link():
    app = healthy(open_page(picture="cat", space="OKLab"))
    expected = quantize(load_picture(CAT), 5, space="oklab").png_bytes()
    assert app.session_state["quantize_last"].result.encoded.png == expected
    assert app.selectbox(key="space").value == "oklab"


@pytest.mark.spark
def test_spark_rdd_gives_the_same_picture():
    require("spark-rdd")
    app = open_page(picture="cat", backend="Spark RDD", iterations="5")
    job = app.session_state["job_slot_quantize"][1]
    assert job.wait(90)
    healthy(app.run())
    assert texts(app, "title") == ["Cat in 5 colors"]
    expected = quantize(load_picture(CAT), 5, max_iter=5).png_bytes()
    assert app.session_state["quantize_last"].result.encoded.png == expected


@pytest.mark.spark
def test_spark_ml_offers_only_what_it_can():
    require("spark-ml")
    app = open_page(picture="horse", backend="Spark ML", iterations="3", details="Convergence")
    assert app.selectbox(key="init").options == ["k-means++", "k-means||", "random"]
    assert app.toggle(key="early_stop").disabled
    assert app.session_state["job_slot_quantize"][1].wait(120)
    healthy(app.run())
    assert texts(app, "title") == ["Horse in 5 colors"]
    assert any("does not record its iterations" in info for info in texts(app, "info"))


def test_the_first_result_needs_no_data_frames():
    script = (
        "import json, sys; from tests.app.pages import open_page; open_page()\n"
        "heavy = ('pandas', 'pyarrow', 'sklearn', 'pyspark')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []
