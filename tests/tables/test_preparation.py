"""From columns to points and back: against scikit-learn, by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.columns import column_kinds, default_columns
from kmeans_core.tables.options import PrepareOptions
from kmeans_core.tables.preparation_fit import fit_preparation


@pytest.fixture
def gaps():
    rng = np.random.default_rng(0)
    values = rng.normal([5, -300, 0.01], [2, 100, 0.001], (200, 3))
    values[rng.random(values.shape) < 0.1] = np.nan
    return pd.DataFrame(values, columns=["a", "b", "c"])


@pytest.mark.parametrize("way", ["mean", "median"])
@pytest.mark.parametrize(("scaling", "scaler"), [("standard", StandardScaler), ("minmax", MinMaxScaler)])
def test_filling_and_scaling_as_scikit_learn_does(gaps, way, scaling, scaler):
    preparation = fit_preparation(gaps, options=PrepareOptions(way, scaling))
    prepared = preparation.apply(gaps)
    expected = scaler().fit_transform(SimpleImputer(strategy=way).fit_transform(gaps))
    assert_allclose(prepared.points, expected, rtol=1e-12, atol=1e-12)
    assert_array_equal(prepared.rows, np.arange(200))
    assert (prepared.missing, prepared.outliers) == (0, 0)


def test_rows_with_gaps_are_dropped(gaps):
    prepared = fit_preparation(gaps, options=PrepareOptions("drop", "none")).apply(gaps)
    whole = gaps.dropna()
    assert_array_equal(prepared.points, whole)
    assert_array_equal(prepared.rows, whole.index)
    assert prepared.missing == 200 - len(whole)


def test_outliers_by_hand():
    frame = pd.DataFrame({"x": [1.0] * 98 + [2.0, 1000.0], "y": range(5, 105)})
    preparation = fit_preparation(frame, ["x"], PrepareOptions(outliers=3, scaling="none"))
    prepared = preparation.apply(frame)
    assert prepared.outliers == 1
    assert prepared.points.max() == 2
    # New rows are judged by the limits found then.
    limit = preparation.columns[0].high
    assert limit == pytest.approx(frame["x"].mean() + 3 * frame["x"].std(ddof=0))
    assert_array_equal(preparation.apply(pd.DataFrame({"x": [limit - 1, limit + 1]})).rows, [0])


def test_what_fills_a_gap_comes_from_rows_that_remain():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan, *[2.0] * 50, 1e6]})
    preparation = fit_preparation(frame, options=PrepareOptions("mean", "none", outliers=3))
    assert preparation.columns[0].fill == 2
    prepared = preparation.apply(frame)
    assert (prepared.missing, prepared.outliers) == (0, 1)


def test_equal_values_are_no_outliers_and_have_no_scale():
    frame = pd.DataFrame({"same": [0.1] * 50, "x": np.arange(50) * 2})
    preparation = fit_preparation(frame, options=PrepareOptions(outliers=1.8))
    prepared = preparation.apply(frame)
    assert prepared.outliers == 0
    assert_array_equal(prepared.points[:, 0], 0)
    assert preparation.notes == ("The same in every row, so without effect: same.",)


def test_categories_become_one_column_a_level():
    frame = pd.DataFrame({"city": ["Rome", "Oslo", None, "Rome"], "x": [1.0, 2.0, 3.0, 4.0]})
    preparation = fit_preparation(frame, ["x", "city"], PrepareOptions(scaling="none"))
    assert preparation.names == ["x", "city = (missing)", "city = Oslo", "city = Rome"]
    prepared = preparation.apply(frame)
    expected = OneHotEncoder(sparse_output=False).fit_transform(frame[["city"]].fillna("(missing)"))
    assert_array_equal(prepared.points[:, 1:], expected)
    # A city that nobody knows is none of them.
    assert_array_equal(preparation.apply(pd.DataFrame({"city": ["Bonn"], "x": [1]})).points, [[1, 0, 0, 0]])


def test_back_to_the_units_of_the_table(gaps):
    for scaling in ("standard", "minmax", "none"):
        preparation = fit_preparation(gaps, options=PrepareOptions("drop", scaling))
        prepared = preparation.apply(gaps)
        back = preparation.to_original(prepared.points)
        assert_allclose(back, gaps.dropna(), rtol=1e-9)
        assert list(back.columns) == ["a", "b", "c"]


def test_kinds_of_columns():
    frame = pd.DataFrame(
        {
            "id": range(1, 41),
            "size": np.linspace(0, 1, 40),
            "count": [3, 1] * 20,
            "flag": [True, False] * 20,
            "maybe": [True, None] * 20,
            "color": ["red", "blue"] * 20,
            "name": [f"person {i}" for i in range(40)],
            "when": pd.date_range("2020", periods=40),
        }
    )
    assert column_kinds(frame) == {
        "id": "row number",
        "size": "number",
        "count": "number",
        "flag": "yes/no",
        "maybe": "yes/no",
        "color": "category",
        "name": "text",
        "when": "date",
    }
    assert default_columns(column_kinds(frame)) == ["size", "count"]
    assert fit_preparation(frame, ["flag", "id"]).apply(frame).points.shape == (40, 2)
    assert fit_preparation(frame, ["maybe"], PrepareOptions("mean")).apply(frame).points.shape == (40, 1)


def test_the_table_is_left_alone(gaps):
    before = gaps.copy()
    fit_preparation(gaps, options=PrepareOptions("median", "minmax", 2.0)).apply(gaps)
    pd.testing.assert_frame_equal(gaps, before)


NAMES = [f"person {i}" for i in range(60)]


@pytest.mark.parametrize(
    ("frame", "columns", "options", "said"),
    [
        ({"name": NAMES}, None, {}, "no column of numbers to cluster by: name is text"),
        ({"name": NAMES}, ["name"], {}, "name has more than 50 different values, the most that"),
        ({"x": [1, 2]}, [], {}, "No column is chosen"),
        ({"x": [1, 2]}, ["y"], {}, "has no column y; it has x"),
        ({"x": [np.nan, np.nan], "y": [1, 2]}, ["x"], {}, "x has no values; leave it out"),
        ({"x": [1, np.inf, -np.inf]}, ["x"], {}, "x has 2 values that are infinite or beyond"),
        ({"x": [1, 1e200]}, ["x"], {}, "x has 1 value that is infinite or beyond 1e\\+100"),
        (
            {"x": [1, np.nan], "y": [np.nan, 2]},
            None,
            {},
            r"None of the 2 rows remains: 2 lack a value \(fill in the mean or median instead\)",
        ),
        ({"x": [1, 9, 1, 9]}, None, {"outliers": 0.5}, "None of the 4 rows remains: 4 are outliers"),
        ({"d": pd.date_range("2020", periods=3)}, ["d"], {}, "d has dates"),
    ],
)
def test_what_makes_no_points(frame, columns, options, said):
    with pytest.raises(TableError, match=said):
        fit_preparation(pd.DataFrame(frame), columns, PrepareOptions(**options))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"missing": "guess"}, "missing='guess' is unknown; use one of: drop, mean, median"),
        ({"scaling": "log"}, "scaling='log' is unknown; use one of: standard, minmax, none"),
        ({"outliers": 0}, "outliers=0 is not allowed"),
        ({"outliers": float("nan")}, "outliers=nan is not allowed"),
    ],
)
def test_options_that_are_none(options, said):
    with pytest.raises(OptionError, match=said):
        PrepareOptions(**options)


def test_new_rows_that_do_not_fit(gaps):
    preparation = fit_preparation(gaps)
    with pytest.raises(TableError, match="has no column b, c; it needs a, b, c"):
        preparation.apply(gaps[["a"]])
    with pytest.raises(TableError, match="a should have numbers, but row 2 has 'many'"):
        preparation.apply(pd.DataFrame({"a": ["1", "many"], "b": [1, 2], "c": [1, 2]}))
    with pytest.raises(TableError, match="a has infinite values"):
        preparation.apply(pd.DataFrame({"a": [1, np.inf], "b": [1, 2], "c": [1, 2]}))


def test_the_same_levels_whatever_the_type_of_the_column():
    before = pd.DataFrame({"c": ["1", "2", "z"], "f": ["true", "false", "maybe"]})
    preparation = fit_preparation(before, ["c", "f"], PrepareOptions(scaling="none"))
    later = pd.DataFrame({"c": [1.0, 2.0, np.nan], "f": [True, False, True]})
    prepared = preparation.apply(later)
    assert_array_equal(prepared.points[:2], preparation.apply(before).points[:2])
    assert prepared.unknown == 1  # nothing stood for a missing word


def test_a_rare_yes_is_no_outlier():
    frame = pd.DataFrame({"x": range(10, 210, 2), "flag": [True] * 3 + [False] * 97})
    prepared = fit_preparation(frame, ["x", "flag"], PrepareOptions(outliers=3)).apply(frame)
    assert prepared.outliers == 0


def test_differences_too_small_to_square():
    frame = pd.DataFrame({"x": [1e-200, 2e-200, 3e-200]})
    assert np.isfinite(fit_preparation(frame).apply(frame).points).all()


def test_dates_are_no_numbers():
    preparation = fit_preparation(pd.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(TableError, match="x should have numbers and has dates"):
        preparation.apply(pd.DataFrame({"x": pd.date_range("2020", periods=2)}))


def test_numbers_with_words_are_no_category():
    frame = pd.DataFrame({"x": [*map(str, range(15)), "12 to 13"] * 2, "size": ["38", "40", "XL", "42"] * 8})
    with pytest.raises(TableError, match=r"x has numbers and words, such as '12 to 13'; correct these"):
        fit_preparation(frame, ["x"])
    assert fit_preparation(frame, ["size"]).names == ["size = 38", "size = 40", "size = 42", "size = XL"]
