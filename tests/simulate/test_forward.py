"""Laws run forward: exact where the solution is known, and never without an end."""

import time as clock

import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import parse
from discover.simulate import VectorField, known_system, simulate, simulate_batch


def field(states: str, *texts: str, inputs: str = "") -> VectorField:
    names = tuple(states), tuple(inputs)
    return VectorField(*names, tuple(parse(text, names[0] + names[1]) for text in texts))


OSCILLATOR = field("xv", "v", "-x")


def test_a_run_is_exact_where_the_solution_is_known():
    t = np.array([0.0, 0.1, 1.0, 20.0])
    found = simulate(OSCILLATOR, [1.0, 0.0], t)
    np.testing.assert_allclose(found["x"], np.cos(t), atol=1e-7)
    assert found["x"].dims == ("time",)
    assert found["x"].attrs == {"role": "state"}
    assert found.attrs["notes"] == []


def test_several_runs_share_one_sample_dimension():
    t = np.linspace(0.0, 3.0, 7)
    found = simulate(OSCILLATOR, [[1.0, 0.0], [0.0, 2.0]], t)
    assert found["x"].dims == ("sample",)
    assert found["trajectory"].values.tolist() == ["0"] * 7 + ["1"] * 7
    second = found["x"].values[found["trajectory"].values == "1"]
    np.testing.assert_allclose(second, 2 * np.sin(t), atol=1e-7)


def test_units_and_the_name_of_time_travel():
    named = VectorField(("x",), (), (parse("-x", ["x"]),), ("m",), "year", "a")
    found = simulate(named, [1.0], [0.0, 1.0])
    assert found["x"].attrs["units"] == "m"
    assert found["time"].attrs == {"long_name": "year", "units": "a"}


def test_an_input_drives():
    t = np.linspace(0.0, 6.0, 61)
    found = simulate(field("x", "u - x", inputs="u"), [0.0], t, {"u": np.sin(t)})
    exact = (np.sin(t) - np.cos(t) + np.exp(-t)) / 2
    np.testing.assert_allclose(found["x"], exact, atol=1e-5)
    assert found["u"].attrs["role"] == "input"


def test_every_run_may_have_its_own_input():
    t = np.linspace(0.0, 2.0, 21)
    found = simulate(field("x", "u", inputs="u"), [[0.0], [0.0]], t, {"u": np.array([np.ones(21), 3 * np.ones(21)])})
    np.testing.assert_allclose(found["x"].values.reshape(2, 21)[:, -1], [2.0, 6.0], rtol=1e-9)


def test_a_blow_up_ends_in_nan_and_a_note():
    t = np.linspace(0.0, 2.0, 21)
    found = simulate(field("x", "x*x"), [1.0], t)
    np.testing.assert_allclose(found["x"][:10], 1 / (1 - t[:10]), rtol=1e-6)
    assert np.isnan(found["x"][11:]).all()
    assert "left the finite numbers" in found.attrs["notes"][0]


def test_of_several_runs_only_those_that_blow_up_end_in_nan():
    found = simulate(field("x", "x*x"), [[0.1], [1.0]], np.linspace(0.0, 2.0, 5))
    assert np.isfinite(found["x"].values[:5]).all()
    assert np.isnan(found["x"].values[-1])
    assert found.attrs["notes"][0].startswith("Run 1 ")


def test_a_stiff_law_is_solved():
    # Robertson's chemical kinetics; y at t = 40 from Hairer & Wanner II, table of IV.10's test set.
    stiff = field("abc", "-0.04*a + 10000*b*c", "0.04*a - 10000*b*c - 30000000*b*b", "30000000*b*b")
    for x0 in ([1.0, 0.0, 0.0], [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]):
        found = simulate(stiff, x0, [0.0, 0.4, 4.0, 40.0])
        assert found["a"].values[-1] == pytest.approx(0.7158270687, rel=1e-6)
        assert found.attrs["notes"] == []


@pytest.mark.parametrize("text", ["x*x*x", "1/(x - 1.5)", "log(x - 1.1)", "exp(exp(x))", "1000000*sin(1000000*x)"])
def test_whatever_the_law_it_comes_to_an_end(text):
    started = clock.perf_counter()
    found = simulate(field("x", text), [1.2], np.linspace(0.0, 50.0, 11), max_steps=5_000)
    assert clock.perf_counter() - started < 20
    assert found["x"].values[0] == 1.2


def test_too_many_steps_are_said():
    found = simulate(field("xv", "v", "-1e8*x"), [1.0, 0.0], [0.0, 1000.0], max_steps=300)
    assert np.isnan(found["x"].values[-1])
    assert "needed more than 300 steps" in found.attrs["notes"][0]


def test_one_time_is_the_initial_state():
    assert simulate(OSCILLATOR, [1.0, 0.0], [3.0])["x"].values.tolist() == [1.0]


def test_the_batch_agrees_with_single_runs():
    system = known_system("lorenz")
    t, X0 = np.linspace(0.0, 1.0, 11), np.array([[1.0, 2.0, 20.0], [-3.0, 4.0, 30.0]])
    batch = simulate_batch(system.field(), X0, t)
    for x0, states in zip(X0, batch, strict=True):
        single = simulate(system.field(), x0, t)
        np.testing.assert_allclose(states, single.to_array().values, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("x0", "t", "inputs", "message"),
    [
        ([1.0], [0.0, 1.0], None, "one finite number for each of the states x, v"),
        ([1.0, np.nan], [0.0, 1.0], None, "one finite number for each"),
        ([1.0, 0.0], [0.0, 0.0], None, "increasing times"),
        ([1.0, 0.0], [], None, "increasing times"),
        ([1.0, 0.0], [0.0, 1.0], {"w": [0, 1]}, 'no input "w"'),
        ([1.0, 0.0], [0.0, 1.0], None, 'driven by "u"'),
        ([1.0, 0.0], [0.0, 1.0], {"u": [1.0]}, "must hold 2 finite numbers"),
        ([1.0, 0.0], [0.0, 1.0], {"u": [1.0, np.nan]}, "must hold 2 finite numbers"),
    ],
)
def test_what_does_not_fit_the_law_is_refused(x0, t, inputs, message):
    driven = field("xv", "v", "u - x", inputs="u")
    with pytest.raises(SettingError, match=message):
        simulate(driven, x0, t, {"u": np.zeros(len(t))} if inputs is None and "driven" not in message else inputs)


def test_time_itself_need_not_be_given():
    named = VectorField(("x",), ("t",), (parse("t", ["x", "t"]),), time="t")
    t = np.linspace(0.0, 2.0, 9)
    np.testing.assert_allclose(simulate(named, [0.0], t)["x"], t**2 / 2, atol=1e-9)
