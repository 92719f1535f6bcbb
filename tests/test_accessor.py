import numpy as np
import pytest
import xarray as xr

import discover.accessor  # noqa: F401  registers itself
from discover.errors import DataError
from discover.expr import Polynomial

T = np.linspace(0.0, 5.0, 300)


@pytest.fixture
def decay():
    x = 2.0 * np.exp(-0.7 * T) + 1e-4 * np.random.default_rng(0).standard_normal(300)
    return xr.Dataset({"x": ("t", x, {"units": "m"})}, coords={"t": ("t", T, {"units": "s"})})


def test_a_dataset_finds_its_own_law(decay):
    found = decay.discover.dynamics(library=Polynomial(2))
    (term,) = found.equations["x"].terms
    assert term.value == pytest.approx(-0.7, abs=0.01)
    assert term.unit == "1/s" or "s-1" in str(term.unit)


def test_options_of_loading_reach_it(decay):
    both = decay.assign(drive=("t", np.sin(T)))
    found = both.discover.dynamics(inputs="drive", library=Polynomial(1))
    assert list(found.equations) == ["x"]
    with pytest.raises(DataError, match="nothing_of_the_kind"):
        both.discover.dynamics(time="nothing_of_the_kind")


def test_a_formula_of_its_variables():
    a, b = np.random.default_rng(1).uniform(1.0, 2.0, (2, 80))
    table = xr.Dataset({"a": ("row", a), "b": ("row", b), "y": ("row", a * b)})
    assert repr(table.discover.law("y", budget=None, max_evals=500)).startswith("y = a·b")
