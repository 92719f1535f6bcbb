"""One initial value problem, and the method that goes on where another stops."""

import numpy as np
from scipy.integrate import BDF, DOP853

from discover.simulate.solver import Method, explicit_first, solve

T = np.linspace(0.0, 1.0, 5)


def stiff(t: float, x: np.ndarray) -> np.ndarray:
    return -1e6 * (x - np.cos(t))


def test_the_second_method_goes_on_where_the_first_ran_out_of_steps() -> None:
    found, why = solve(stiff, np.array([1.0]), T, 1e-6, 5000, [Method(DOP853, 50), Method(BDF, 4000)])
    assert why is None
    np.testing.assert_allclose(found[0], np.cos(T), atol=1e-5)


def test_steps_are_counted_over_all_methods() -> None:
    found, why = solve(stiff, np.array([1.0]), T, 1e-6, 60, [Method(DOP853, 50), Method(DOP853, 50)])
    assert why is not None
    assert why.startswith("needed more than 60 steps")
    assert np.isnan(found[0, -1])


def test_the_usual_methods_share_the_steps() -> None:
    first, second = explicit_first(100, 10_000)
    assert (first.n_steps, second.n_steps) == (3000, 7000)
    first, second = explicit_first(100, 1000)
    assert (first.n_steps, second.n_steps) == (1000, 0)
