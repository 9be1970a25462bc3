"""What a designer does on the Quantize page: lock, exchange, pick, pin, look for a number of colors."""

import pytest
from numpy.testing import assert_allclose

from kmeans_core import load_picture, quantize
from kmeans_core.images.choosing import find_n_colors
from kmeans_core.images.color_vision import simulate
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.palette import parse_colors
from kmeans_core.images.palette_files import palette_bytes
from kmeans_core.images.palette_order import palette_order
from tests.app.pages import component_data, healthy, metrics, open_page, palette_columns, run_until, texts
from tests.conftest import ASSETS

CAT = (ASSETS / "samples" / "cat.png").read_bytes()


def shown(app):
    return app.session_state["quantize_last"].result.encoded


def hexes(app):
    return palette_columns(app)["Hex"]


def pick(app, index):
    """A click into the strip, which only a browser can do."""
    app.session_state["picked_color"] = shown(app).palette.entries[index].hex
    return healthy(app.run())


def test_settings_of_a_designer_in_a_link():
    app = open_page(
        picture="cat", colors="9", locked="#ff0000, 00f", merge="6", distance="Manhattan (k-medians)"
    )
    expected = quantize(load_picture(CAT), 9, locked=["#ff0000", "#0000ff"], merge=6.0, distance="manhattan")
    assert shown(app).png == expected.png_bytes()
    assert {"#ff0000", "#0000ff"} <= set(hexes(app))


def test_more_locked_colors_than_colors():
    app = open_page(picture="cat", colors="2", locked="#f00, #0f0, #00f")
    assert texts(app, "title") == ["Cat in 3 colors"]
    assert any(
        "3 colors are locked, so the picture has 3 colors instead of 2" in text
        for text in texts(app, "caption")
    )


def test_a_locked_color_that_is_none_leaves_the_last_that_were_right():
    app = open_page(picture="cat", locked="red")
    assert "Locked colors has 'red', which is not a color; write six hex digits" in app.error[0].value
    assert texts(app, "title") == ["Cat in 5 colors"]
    healthy(app.text_input(key="locked").set_value("#F00").run())
    assert "#ff0000" in hexes(app)
    healthy(app.text_input(key="locked").set_value("#F00, #00ff0").run())
    assert "Locked colors has '#00ff0'" in app.error[0].value
    assert "#ff0000" in hexes(app)


def test_locking_a_color_of_the_palette_leaves_the_others_in_place():
    app = open_page(picture="cat", colors="5")
    before = hexes(app)
    app = pick(app, 1)
    healthy(app.button(key="lock_color").click().run())
    # The locked color is a rounded center, which a pixel at a border may notice.
    assert_allclose(parse_colors(hexes(app), "after"), parse_colors(before, "before"), atol=1)
    assert hexes(app)[1] == before[1]
    assert app.button(key="lock_color").label == "Unlock"  # still picked
    healthy(app.button(key="lock_color").click().run())
    assert app.text_input(key="locked").value == ""


def test_a_color_that_is_there_already_is_not_put_in_twice():
    app = pick(open_page(picture="cat", colors="4"), 2)
    before = hexes(app)
    healthy(app.color_picker[0].set_value(before[0]).run())
    assert hexes(app) == before


def test_an_upload_stays_while_other_pages_are_looked_at():
    app = open_page()
    healthy(app.file_uploader[0].upload("mine.png", CAT, "image/png").run())
    healthy(app.switch_page("learn.py").run())
    healthy(app.switch_page("quantize.py").run())
    assert texts(app, "title") == ["mine in 5 colors"]


def test_a_search_for_one_picture_is_not_for_another():
    app = open_page(picture="cat", details="How many", iterations="20")
    healthy(app.button(key="numbers_find").click().run())
    app.session_state["chosen_sample"] = "horse"  # as a click on its thumbnail does
    healthy(app.run())
    run_until(app, lambda app: texts(app, "title") == ["Horse in 5 colors"])
    assert app.session_state["job_slot_numbers"] is None
    assert texts(app, "title") == ["Horse in 5 colors"]


def test_backends_that_cannot_lock_say_so_by_what_is_disabled():
    app = open_page(picture="cat", backend="scikit-learn", locked="#ff0000")
    assert app.text_input(key="locked").disabled
    assert app.selectbox(key="distance").disabled
    assert "#ff0000" not in hexes(app)
    assert "This backend does not support locked colors" in app.error[0].value


def test_a_palette_file_is_applied():
    app = open_page(picture="cat", colors="3")
    other = quantize(load_picture(ASSETS / "samples" / "coffee.png"), 6).palette
    uploader = next(one for one in app.file_uploader if one.key == "palette_upload")
    healthy(uploader.upload("brand.gpl", palette_bytes(other, "gpl", "a"), "text/plain").run())
    assert set(hexes(app)) == {color.hex for color in other.entries}
    uploader = next(one for one in app.file_uploader if one.key == "palette_upload")
    healthy(uploader.upload("bad.ase", b"nothing", "application/octet-stream").run())
    assert any("bad.ase is damaged" in error for error in texts(app, "error"))
    assert set(hexes(app)) == {color.hex for color in other.entries}


def test_an_exchanged_color_stays_exchanged_and_is_undone():
    app = pick(open_page(picture="cat", colors="4"), 2)
    before = shown(app).palette.entries
    picker = app.color_picker[0]
    assert picker.value == before[2].hex
    healthy(picker.set_value("#ff00ff").run())
    assert hexes(app)[2] == "#ff00ff"
    assert any("Colors exchanged by hand: 1." in text for text in texts(app, "caption"))
    healthy(app.number_input(key="colors").set_value(5).run())
    assert "#ff00ff" in hexes(app)
    healthy(app.number_input(key="colors").set_value(4).run())
    healthy(app.button(key="undo_exchanges").click().run())
    assert hexes(app)[2] == before[2].hex


def test_an_exchange_ends_with_its_picture():
    app = open_page(picture="cat", exchange="00ff00-ff00ff")
    assert any("Not exchanged here" in text for text in texts(app, "caption"))
    app.session_state["chosen_sample"] = "horse"  # as a click on its thumbnail does
    healthy(app.run())
    assert not any("Not exchanged here" in text for text in texts(app, "caption"))
    assert "exchange" not in app.query_params


def test_an_exchange_without_a_color_for_it_waits():
    app = open_page(picture="cat", exchange="00ff00-ff00ff")
    assert "#ff00ff" not in hexes(app)
    assert any("Not exchanged here: #00ff00" in text for text in texts(app, "caption"))


def test_what_was_done_by_hand_is_in_the_link():
    app = pick(open_page(picture="cat", colors="6"), 1)
    healthy(app.button(key="lock_color").click().run())
    app = pick(app, 4)
    old = hexes(app)[4]
    healthy(app.color_picker[0].set_value("#ff00ff").run())
    app.session_state["details"] = "Side by side"
    healthy(next(one for one in app.run().button if one.label == "Pin this result").click().run())
    healthy(app.number_input(key="colors").set_value(9).run())
    link = {**app.query_params, "colors": "9"}  # which the browser would write
    assert link["exchange"] == f"{old[1:]}-ff00ff"
    again = open_page(**link)
    assert component_data(again, "palette_strip")["colors"] == component_data(app, "palette_strip")["colors"]
    pins = [one.session_state["pinned_result"] for one in (app, again)]
    assert pins[0].settings == pins[1].settings
    assert pins[0].result.encoded.png == pins[1].result.encoded.png


@pytest.mark.parametrize("link", [{"exchange": "red"}, {"pin": "colors:ninety"}, {"pin": "colour:9"}])
def test_a_link_with_nonsense_done_by_hand_says_so(link):
    app = open_page(picture="cat", **link)
    assert texts(app, "title") == ["Cat in 5 colors"]
    assert any("link" in text for text in texts(app, "warning"))


def test_locking_the_picked_color_keeps_it_in_any_number_of_colors():
    app = pick(open_page(picture="cat", colors="6"), 3)
    color = hexes(app)[3]
    assert app.button(key="lock_color").label == "Lock"
    healthy(app.button(key="lock_color").click().run())
    healthy(app.number_input(key="colors").set_value(2).run())
    assert color in hexes(app)
    assert app.text_input(key="locked").value == color


def test_order_names_and_other_eyes():
    app = open_page(picture="cat", colors="8")
    palette = shown(app).palette
    healthy(app.selectbox(key="palette_order").select("smooth").run())
    entries = palette.entries
    assert hexes(app) == [entries[i].hex for i in palette_order(palette, "smooth")]
    healthy(app.selectbox(key="color_names").select("xkcd").run())
    assert max(palette_columns(app)["ΔE"]) < 12
    healthy(app.selectbox(key="vision").select("deuteranopia").run())
    assert shown(app).palette.entries == entries  # files and figures stay
    assert simulate(palette.colors, "deuteranopia").tolist() != palette.colors.tolist()


@pytest.mark.parametrize(("target", "value"), [("psnr", 28.0), ("bytes", 40.0)])
def test_searching_for_a_number_of_colors(target, value):
    app = open_page(picture="cat", details="How many", iterations="20")
    healthy(app.selectbox(key="numbers_target").select(target).run())
    healthy(app.number_input(key=f"numbers_value_{target}").set_value(value).run())
    healthy(app.button(key="numbers_find").click().run())
    run_until(app, lambda app: app.success)
    expected = find_n_colors(
        load_picture(CAT),
        target,
        value * 1000 if target == "bytes" else value,
        QuantizeOptions.of(max_iter=20),
    )
    assert texts(app, "title") == [f"Cat in {expected.n_colors} colors"]
    assert f"{expected.n_colors} colors give" in app.success[0].value


def test_a_number_that_cannot_be_found_is_said():
    app = open_page(picture="cat", details="How many", iterations="2")
    healthy(app.number_input(key="numbers_value_psnr").set_value(90.0).run())
    healthy(app.button(key="numbers_find").click().run())
    run_until(app, lambda app: app.error)
    assert "PSNR of at least 90 dB cannot be reached: 256 colors give" in app.error[0].value
    assert texts(app, "title") == ["Cat in 5 colors"]


def test_pinning_compares_two_settings():
    app = open_page(picture="cat", colors="4", details="Side by side")
    healthy(next(one for one in app.button if one.label == "Pin this result").click().run())
    mse = metrics(app)["Error (MSE)"]
    healthy(app.number_input(key="colors").set_value(9).run())
    table = app.dataframe[0].value
    assert table["Pinned"].tolist()[:2] == ["4", mse]
    assert table["Now"].tolist()[0] == "9"
    assert any("Pinned:** 4 colors" in text for text in texts(app, "markdown"))
    healthy(app.toggle(key="pinned_left").set_value(True).run())
    healthy(next(one for one in app.button if one.label == "Unpin").click().run())
    assert any("Pin what you see" in text for text in texts(app, "markdown"))


@pytest.mark.parametrize("space", ["sRGB", "OKLab"])
def test_the_color_cloud(space):
    app = open_page(picture="horse", colors="6", details="Color cloud", space=space)
    healthy(app.toggle(key="cloud_linked").set_value(True).run())
    healthy(app.toggle(key="cloud_painted").set_value(True).run())
    healthy(app.selectbox(key="cloud_space").select("lab").run())
    assert any("All 128 colors" in text for text in texts(app, "caption"))
