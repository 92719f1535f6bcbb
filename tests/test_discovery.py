"""What a scientist holds in the hand: every method, and every way to hold it wrong."""

from dataclasses import FrozenInstanceError, replace
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from discover.data import load
from discover.data.several import Recordings
from discover.discovery import Discovery, load_law
from discover.errors import DataError, SettingError, UnavailableError, UnitError
from discover.export.specimen import specimen
from tests.export.laws import LAWS, Pair, korteweg, logistic, second_order, with_input

FOUND = Discovery(*specimen())
DRIVEN = Discovery(*with_input())
X = np.array([[30.0, 4.0], [10.0, 20.0], [5.0, 1.0]])
RATES = np.stack([0.547 * X[:, 0] - 0.0277 * X[:, 0] * X[:, 1], -0.8 * X[:, 1] + 0.0241 * X[:, 0] * X[:, 1]], axis=1)


@pytest.fixture(params=LAWS)
def pair(request: pytest.FixtureRequest) -> Pair:
    return LAWS[request.param]()


def test_it_is_compared_by_value_and_cannot_be_changed() -> None:
    assert Discovery(*specimen()) == FOUND
    assert DRIVEN != FOUND
    assert FOUND != "law"
    with pytest.raises(FrozenInstanceError):
        FOUND.law = DRIVEN.law  # type: ignore[misc]


def test_every_law_is_saved_and_loaded_as_an_equal(tmp_path: Path, pair: Pair) -> None:
    found = Discovery(*pair)
    found.save(tmp_path / "law.json")
    assert load_law(str(tmp_path / "law.json")) == found
    assert repr(load_law(tmp_path / "law.json")) == repr(found)


def test_every_law_has_its_views(pair: Pair) -> None:
    found = Discovery(*pair)
    assert len(found.table()) == len(found.front.candidates)
    assert [getattr(key, "name", None) or key.func.__name__ for key in found.sympy()] == list(found.law.states)
    assert found._repr_html_().startswith("<div>")
    fitted = sum(len(e.terms) + max(0, len(e.denominator) - 1) for e in found.law.all_equations)
    assert len(found.importance()) == fitted
    assert found.latex().startswith("\\begin{aligned}")
    assert ("def step" if found.law.kind == "map" else "def rates") in found.python()
    assert max(len(line) for line in repr(found).splitlines() if " = " not in line) <= 100


def test_report_writes_a_page(tmp_path: Path) -> None:
    FOUND.report(tmp_path / "report.html")
    assert "Verdict: law" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_verdict_and_equations() -> None:
    assert FOUND.verdict.word == "law"
    assert list(FOUND.equations) == ["hare", "lynx"]
    assert FOUND.equations["lynx"].terms[0].value == -0.8


def test_table_and_importance_have_their_columns() -> None:
    table = FOUND.table()
    assert list(table.columns) == [
        "target", "complexity", "n_terms", "loss", "score", "r2", "equation", "chosen", "refused"
    ]  # fmt: skip
    assert table["chosen"].sum() == 2
    assert table.loc[table["refused"] != "", "complexity"].tolist() == [16, 16]
    by_term = FOUND.importance()
    assert list(by_term.columns) == [
        "target", "term", "coefficient", "std", "low", "high", "unit", "inclusion", "share", "drop"
    ]  # fmt: skip
    by_variable = FOUND.importance(by="variable")
    assert by_variable["share"].sum() == pytest.approx(by_term["share"].sum())
    empty = Discovery(*LAWS["without_data"]()).table()
    assert list(empty.columns) == list(table.columns)
    with pytest.raises(SettingError, match='got "terms"\\. Did you mean "term"'):
        FOUND.importance(by="terms")


def test_function_is_the_law() -> None:
    np.testing.assert_allclose(FOUND.function()(X), RATES, rtol=1e-13)
    np.testing.assert_allclose(FOUND.function()(X.tolist()), RATES, rtol=1e-13)
    assert FOUND.function()(np.empty((0, 2))).shape == (0, 2)
    found = DRIVEN.function()([[0.5, 0.1]], [[2.0]])
    np.testing.assert_allclose(found, [[0.1, -np.sin(0.5) - 0.01 + 1.4]], rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([1.0, 2.0],), r"states must have the shape \(n, 2\), a column for each of x, v; got \(2,\)"),
        (([[1.0, 2.0]],), r"inputs must have the shape \(n, 1\)"),
        (([[1.0, 2.0]], [[1.0], [2.0]]), "the same length, got 1 and 2"),
        (([["a", "b"]], [[1.0]]), "states must be numbers"),
    ],
)
def test_wrong_arrays_are_answered(arguments: tuple, sentence: str) -> None:
    with pytest.raises((DataError, SettingError), match=sentence):
        DRIVEN.function()(*arguments)


def test_inputs_that_the_law_does_not_have() -> None:
    with pytest.raises(DataError, match="no inputs"):
        FOUND.function()(X, X)


def test_predict_keeps_kind_and_shape() -> None:
    np.testing.assert_allclose(FOUND.predict(X), RATES)
    frame = pd.DataFrame(X, columns=["hare", "lynx"], index=pd.Index([7, 8, 9], name="year")).assign(note="a")
    found = FOUND.predict(frame)
    assert list(found.columns) == ["hare", "lynx"]
    assert found.index.equals(frame.index)
    np.testing.assert_allclose(found.to_numpy(), RATES)


def test_predict_keeps_the_dimensions_of_a_dataset() -> None:
    shape = (2, 3)
    data = xr.Dataset(
        {
            "hare": (("run", "time"), np.arange(6.0).reshape(shape), {"units": "thousand pelts"}),
            "lynx": (("run", "time"), np.ones(shape)),
            "weather": ("time", np.zeros(3)),
        },
        coords={"time": [1.0, 2.0, 3.0], "run": ["a", "b"]},
    )
    found = FOUND.predict(data)
    assert set(found.data_vars) == {"hare", "lynx"}
    assert found["hare"].dims == ("run", "time")
    assert found["hare"].attrs["units"] == "(thousand pelts)/(year)"
    xr.testing.assert_allclose(found["hare"], 0.547 * data["hare"] - 0.0277 * data["hare"] * data["lynx"])
    assert list(found.coords) == list(data.coords)


def test_predict_refuses_what_does_not_fit() -> None:
    with pytest.raises(DataError, match='"lynx" is missing, which the law needs\\. Did you mean "lynxes"'):
        FOUND.predict(pd.DataFrame({"hare": [1.0], "lynxes": [1.0]}))
    data = xr.Dataset({"hare": ("time", [1.0], {"units": "pelts"}), "lynx": ("time", [1.0])})
    with pytest.raises(UnitError, match=r'"hare" is in \[pelts\] and the law in \[thousand pelts\]; convert'):
        FOUND.predict(data)
    with pytest.raises(DataError, match=r"data must have the shape \(n, 2\)"):
        FOUND.predict(np.zeros((4, 3)))


def test_unknown_values_stay_unknown() -> None:
    found = FOUND.predict(np.array([[nan, 1.0], [1.0, 1.0]]))
    assert np.isnan(found[0, 0])
    assert np.isfinite(found[1]).all()


def test_simulate_by_position_and_by_name() -> None:
    t = np.linspace(1900, 1910, 11)
    found = FOUND.simulate([30.0, 4.0], t)
    assert isinstance(found, xr.Dataset)
    assert found["hare"].attrs["units"] == "thousand pelts"
    xr.testing.assert_identical(FOUND.simulate({"lynx": 4.0, "hare": 30.0}, t), found)
    driven = DRIVEN.simulate([0.0, 0.0], [0.0, 1.0, 2.0], inputs={"u": [1, 1, 1]})
    assert np.isfinite(driven["x"].values).all()


@pytest.mark.parametrize(
    ("x0", "t", "inputs", "sentence"),
    [
        ({"hare": 1.0}, [0.0, 1.0], None, '"lynx" is missing'),
        ({"hare": 1.0, "lynx": 1.0, "fox": 2.0}, [0.0, 1.0], None, 'no state "fox"'),
        ("many", [0.0, 1.0], None, "x0 must be numbers, got 'many'"),
        ([1.0, 2.0], "soon", None, "t must be numbers"),
        ([1.0, 2.0], [1.0, 0.0], None, "increasing times"),
        ([1.0], [0.0, 1.0], None, "hare, lynx"),
        ([1.0, 2.0], [0.0, 1.0], {"u": [0, 0]}, 'no input "u"'),
        ([1.0, 2.0], [0.0, 1.0], {"u": ["a", "b"]}, "u must be numbers"),
    ],
)
def test_simulate_refuses_what_does_not_fit(x0: object, t: object, inputs: object, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        FOUND.simulate(x0, t, inputs)  # type: ignore[arg-type]


def test_choose_is_a_discovery_of_its_own() -> None:
    other = FOUND.choose("hare", 13)
    assert other != FOUND
    assert other.front == FOUND.front
    assert FOUND.choose("hare", 8) == FOUND
    assert other.table().query("target == 'hare' and chosen")["complexity"].tolist() == [13]
    assert "hare²" in repr(other)


def test_a_law_of_an_empty_equation_stands_still() -> None:
    law = FOUND.law
    still = Discovery(replace(law, equations=tuple(replace(e, terms=()) for e in law.equations)), FOUND.front)
    assert np.array_equal(still.function()(X), np.zeros_like(X))
    assert "hare' = 0" in repr(still)


SOLITON = Discovery(*korteweg())
T, SPACE = np.linspace(0.0, 2.0, 9), np.linspace(-10.0, 10.0, 128, endpoint=False)
MOVIE = xr.Dataset(
    {"u": (("x", "time"), 0.5 / np.cosh(0.5 * (SPACE[:, None] - T)) ** 2, {"units": "m"})},
    coords={"x": ("x", SPACE, {"units": "m"}), "time": T},
)


def test_a_law_over_space_is_no_function_of_a_point() -> None:
    for act in (SOLITON.function, lambda: SOLITON.predict(np.ones((3, 1)))):
        with pytest.raises(UnavailableError, match=r"differentiates along x.*hand predict a Dataset"):
            act()


def test_predict_takes_several_recordings_on_grids_of_their_own() -> None:
    sources = [MOVIE, MOVIE.isel(time=slice(0, 7))]
    several = load(sources)
    assert isinstance(several, Recordings)
    found = SOLITON.predict(several)
    assert isinstance(found, Recordings)
    for one, data in zip(found.datasets, several.datasets, strict=True):
        xr.testing.assert_allclose(one, SOLITON.predict(data))
    first, second = SOLITON.predict(sources)
    assert first["u"].shape == MOVIE["u"].shape
    assert second.sizes["time"] == 7


def test_predict_takes_the_derivatives_of_a_movie() -> None:
    found = SOLITON.predict(MOVIE)
    assert found["u"].dims == ("x", "time")
    assert found["u"].attrs["units"] == "(m)/(s)"
    wanted = MOVIE["u"] * np.tanh(0.5 * (MOVIE["x"] - MOVIE["time"]))
    np.testing.assert_allclose(found["u"].transpose("x", "time"), wanted.transpose("x", "time"), atol=5e-3)
    with pytest.raises(DataError, match='differentiates along "x", which is no dimension'):
        SOLITON.predict(MOVIE.isel(x=0))
    with pytest.raises(UnitError, match=r'"x" is in \[cm\]'):
        SOLITON.predict(MOVIE.assign_coords(x=("x", SPACE, {"units": "cm"})))


def test_simulate_a_movie_from_its_first_frame_or_from_arrays() -> None:
    found = SOLITON.simulate(MOVIE, T)
    np.testing.assert_allclose(found["u"].transpose("x", "time"), MOVIE["u"], atol=1e-3)
    again = SOLITON.simulate(MOVIE["u"].values[:, 0], T, space=[SPACE], boundary="periodic")
    np.testing.assert_array_equal(found["u"], again["u"])
    edged = SOLITON.simulate({"u": MOVIE["u"].values[:, 0]}, T, space=[SPACE], boundary="measured", measured=MOVIE)
    np.testing.assert_array_equal(edged["u"][:, 0], MOVIE["u"][0])
    with pytest.raises(SettingError, match="This law is over x: give the coordinates"):
        SOLITON.simulate([1.0], T)


def test_maps_give_next_values() -> None:
    found = Discovery(*logistic())
    np.testing.assert_allclose(found.function()([[0.5, 1.0]], [[2.0]]), [[0.975, 2.5]])
    run = found.simulate({"x": 0.5, "y_1": 1.0}, np.arange(3.0), {"u": [2.0, 2.0, 2.0]})
    assert run["x"].values[1] == pytest.approx(0.975)
    data = xr.Dataset({"x": ("time", [0.5], {"units": "m"}), "y_1": ("time", [1.0]), "u": ("time", [2.0])})
    assert found.predict(data)["x"].attrs == {"long_name": "next value of x", "units": "m"}


def test_laws_of_second_order_give_second_derivatives() -> None:
    found, t = Discovery(*second_order()), np.linspace(0.0, 5.0, 101)
    rates = found.predict(xr.Dataset({"x": ("time", np.cos(t))}, coords={"time": t}))
    wanted = -np.cos(t) + 0.1 * np.sin(t) - 0.15 * np.cos(t) ** 2 * np.sin(t)
    np.testing.assert_allclose(rates["x"], wanted, atol=1e-4)
    assert rates["x"].attrs == {"long_name": "second rate of change of x with t", "units": "(m)/(s)^2"}
    moving = found.simulate({"x": 1.0, "x'": 0.5}, t)
    assert (moving["x"][1] - moving["x"][0]) / (t[1] - t[0]) == pytest.approx(0.5, rel=0.1)
    with pytest.raises(UnavailableError, match="differentiates along t"):
        found.function()
