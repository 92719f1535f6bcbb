"""SINDy-PI on data that it can solve, where CVXPY is installed."""

import numpy as np
import pytest

from benchmarks.rational import form, integrated
from benchmarks.sindypi import available, quotients
from discover.expr import Polynomial


def test_it_is_told_whether_it_can_run() -> None:
    assert available() in (True, False)


@pytest.mark.skipif(not available(), reason="CVXPY is not installed")
def test_clean_data_give_the_true_quotient() -> None:
    t = np.linspace(0.0, 3.0, 400)
    X = [integrated(["-1.5*x/(0.3 + x)"], ["x"], [start], t) for start in (2.0, 1.0)]
    sides = quotients(t, X, ("x",), Polynomial(1), Polynomial(1))
    assert form([sides["x"]], ["x"]) == form(["x/(1 + x)"], ["x"])
