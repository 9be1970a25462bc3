"""A setting that is declared in one place is everywhere: flag, widget, link, report, help."""

import argparse
from dataclasses import dataclass, replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from kmeans_core.commands.options import add_settings, read_settings
from kmeans_core.commands.reference import options_text
from kmeans_core.errors import OptionError
from kmeans_core.images.encoding import encode
from kmeans_core.images.options import QuantizeOptions
from kmeans_core.images.picture import load_picture
from kmeans_core.images.quantize import quantize_picture
from kmeans_core.options import FitOptions, option
from kmeans_core.tables.options import TableOptions
from kmeans_core.validation import checked
from pages.components.shared.setting_widgets import SettingWidgets
from tests.conftest import ASSETS

RECORDS = [FitOptions, QuantizeOptions, TableOptions]


@dataclass(frozen=True)
class Extended(QuantizeOptions):
    """A copy of the record with fields that are declared nowhere else."""

    glow: float = option(
        0.5, title="Glow", help="how much it glows", least=0, most=2, step=0.5, slider=True, percent=True
    )
    mood: str = option("calm", title="Mood", help="of the picture", choices={"calm": "Calm", "wild": "Wild"})


def page():
    import streamlit as st

    from pages.components.shared.setting_widgets import SettingWidgets
    from tests.test_options import Extended

    widgets = SettingWidgets(Extended, without=("locked",))
    st.session_state.chosen = Extended.of(**widgets.choose_rest((), offered={}, settled={}))


def test_a_new_field_is_a_flag():
    parser = argparse.ArgumentParser()
    add_settings(parser, Extended)
    found = read_settings(parser.parse_args(["--glow", "1.5", "--mood", "wild", "--seed", "7"]), Extended)
    assert (found.glow, found.mood, found.fit.seed) == (1.5, "wild", 7)
    assert "--glow GLOW" in parser.format_help()
    assert "how much it glows (default: 0.5)" in parser.format_help()
    assert "calm, wild" in parser.format_help()


def test_a_record_has_its_own_defaults_for_another_inside_it():
    assert (FitOptions.settings()["effort"].default, QuantizeOptions.settings()["effort"].default) == (
        "fast",
        "balanced",
    )
    parser = argparse.ArgumentParser()
    add_settings(parser, QuantizeOptions)
    assert read_settings(parser.parse_args([]), QuantizeOptions) == QuantizeOptions()


def test_a_new_field_is_a_widget_and_a_parameter_of_links():
    app = AppTest.from_function(page).run()
    assert (app.slider(key="glow").label, app.slider(key="glow").max) == ("Glow", 200)
    assert app.selectbox(key="mood").options == ["Calm", "Wild"]
    app.selectbox(key="mood").set_value("wild").run()
    assert app.session_state.chosen.mood == "wild"
    assert app.query_params["mood"] == "wild"
    linked = AppTest.from_function(page)
    linked.query_params["mood"], linked.query_params["glow"] = "wild", "150"
    linked.run()
    assert (linked.session_state.chosen.mood, linked.session_state.chosen.glow) == ("wild", 1.5)
    widgets = SettingWidgets(Extended)
    assert widgets.link_numbers()["glow"] == (0, 200)
    assert "wild" in widgets.link_names()["mood"]


def test_a_new_field_is_a_key_of_the_report():
    picture = load_picture(ASSETS / "samples" / "cat.png")
    asked = Extended(n_colors=3, fit=FitOptions(max_iter=2), mood="wild")
    report = encode(picture, quantize_picture(picture, asked)).report.to_json()
    assert report["options"]["mood"] == "wild"
    assert report["options"]["max_iter"] == 2


def test_a_new_field_is_checked():
    assert checked(Extended(glow=np.float32(2))).glow == 2.0
    with pytest.raises(OptionError, match=r"glow=3 is not allowed; give a number from 0 to 2\."):
        checked(Extended(glow=3))
    with pytest.raises(OptionError, match=r"mood='sad' is unknown; use one of: calm, wild\."):
        checked(Extended(mood="sad"))


@pytest.mark.parametrize("record", RECORDS)
def test_every_setting_says_all_there_is_to_say(record):
    settings = record.settings()
    for name, setting in settings.items():
        assert setting.option.title, name
        assert setting.option.help, name
        if setting.choices is not None:
            assert setting.default in setting.choices
    flags = [setting.flag for setting in settings.values()]
    slugs = [setting.slug for setting in settings.values()]
    assert len(set(flags)) == len(set(slugs)) == len(settings)
    assert checked(record()) == record()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backend": 3}, "backend=3 is unknown; use one of: numpy"),
        ({"distance": ["x"]}, r"distance=\['x'\] is unknown; use one of: euclidean, manhattan"),
        ({"early_stop": "no"}, "early_stop='no' is not allowed; give True or False"),
        ({"max_iter": 2.5}, "max_iter=2.5 is not allowed; give a whole number from 1 to 2,147"),
        ({"max_iter": True}, "max_iter=True is not allowed"),
        ({"tol": float("nan")}, "tol=nan is not allowed; give a number of 0 or more"),
        ({"tol": "0"}, "tol='0' is not allowed"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"init": "guess"}, "init='guess' is unknown; use one of: .*, or pass an array of centers"),
        ({"n_clusters": None}, "n_clusters=None is not allowed"),
    ],
)
def test_wrong_values(changes, message):
    with pytest.raises(OptionError, match=message):
        checked(replace(FitOptions(), **changes))


def test_values_by_name_wherever_they_stand():
    found = QuantizeOptions.of(n_colors=7, seed=3, dither="bayer")
    assert (found.n_colors, found.fit.seed, found.dither) == (7, 3, "bayer")
    assert QuantizeOptions.of(**found.values()) == found
    with pytest.raises(TypeError, match="QuantizeOptions has no setting 'sed'"):
        QuantizeOptions.of(sed=3)


def test_the_table_of_the_documentation_is_of_these_options():
    assert (ASSETS.parent / "docs" / "options.md").read_text("utf-8") == options_text()
