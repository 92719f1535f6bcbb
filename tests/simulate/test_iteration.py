"""Maps: value after value, to the end or to infinity."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import derivative, parse, variable
from discover.simulate import VectorField, simulate

HENON = VectorField(
    ("x", "y"), (), (parse("1 - 1.4*x**2 + y", ["x", "y"]), parse("0.3*x", ["x", "y"])), time="n", kind="map"
)


def test_a_map_is_iterated() -> None:
    found = simulate(HENON, [0.1, 0.2], np.arange(30.0))
    x, y = 0.1, 0.2
    for value in found["x"].values:
        assert value == pytest.approx(x, rel=1e-6)
        x, y = 1 - 1.4 * x**2 + y, 0.3 * x
    assert found["x"].dims == ("time",)
    assert found["time"].attrs["long_name"] == "n"
    assert found.attrs["notes"] == []


def test_inputs_and_several_runs() -> None:
    field = VectorField(("x",), ("u",), (parse("x + u", ["x", "u"]),), kind="map")
    found = simulate(field, [[0.0], [10.0]], np.arange(4.0), {"u": [1.0, 2.0, 3.0, 99.0]})
    assert found["x"].values.tolist() == [0, 1, 3, 6, 10, 11, 13, 16]


def test_runs_that_leave_end_in_nan_and_a_note() -> None:
    field = VectorField(("x",), (), (parse("x**2", ["x"]),), kind="map")
    found = simulate(field, [[0.5], [9.0]], np.arange(20.0))
    values = found["x"].values.reshape(2, 20)
    assert np.isfinite(values[0]).all()
    assert np.isnan(values[1, 6:]).all()
    assert found.attrs["notes"] == ["Run 1 left the finite numbers after 4 of 20 values; it is NaN from there on."]


def test_maps_over_space_are_refused() -> None:
    lattice = VectorField(("u",), (), (derivative(variable(0), (0, 2)),), space=("x",), kind="map")
    with pytest.raises(SettingError, match="A map over space"):
        simulate(lattice, [1.0], [0.0, 1.0])
