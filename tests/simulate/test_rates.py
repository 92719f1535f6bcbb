"""Right-hand sides of measured values: derivatives from the values around."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.simulate import axes_of_derivatives, rates_over
from tests.export.laws import korteweg, logistic, second_order, spirals


def test_which_axes_a_law_differentiates_along() -> None:
    assert axes_of_derivatives(korteweg()[0]) == (1,)
    assert axes_of_derivatives(spirals()[0]) == (1, 2)
    assert axes_of_derivatives(second_order()[0]) == (0,)
    assert axes_of_derivatives(logistic()[0]) == ()


def test_rates_of_a_soliton_are_those_of_its_motion() -> None:
    law, _ = korteweg()
    t, x = np.arange(3.0), np.linspace(-10.0, 10.0, 401)
    u = 0.5 / np.cosh(0.5 * (x - t[:, None])) ** 2
    slope = 0.5 / np.cosh(0.5 * (x - t[:, None])) ** 2 * np.tanh(0.5 * (x - t[:, None]))
    found = rates_over(law, [u], [np.empty(0), x])
    np.testing.assert_allclose(found[0], slope, atol=1e-4)


def test_derivatives_by_time_and_further_dimensions() -> None:
    law, _ = second_order()
    t = np.linspace(0.0, 5.0, 201)
    x = np.stack([np.sin(t), np.cos(2 * t)], axis=1)
    slope = np.stack([np.cos(t), -2 * np.sin(2 * t)], axis=1)
    found = rates_over(law, [x], [t])
    np.testing.assert_allclose(found[0], -x - 0.1 * slope + 0.05 * 3 * x**2 * slope, atol=1e-5)


def test_a_gap_spreads_no_further_than_the_stencil() -> None:
    law, _ = korteweg()
    u = np.ones((1, 40))
    u[0, 20] = np.nan
    found = rates_over(law, [u], [np.empty(0), np.arange(40.0)])
    assert np.flatnonzero(np.isnan(found[0, 0])).tolist() == list(range(17, 24))


def test_too_few_points_are_told() -> None:
    law, _ = korteweg()
    with pytest.raises(SettingError, match="order 3 needs at least 7 points"):
        rates_over(law, [np.ones((2, 5))], [np.empty(0), np.arange(5.0)])
