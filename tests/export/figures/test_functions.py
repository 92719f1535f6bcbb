"""Drift, noise, potential and density of one state."""

from dataclasses import replace

import numpy as np
import pytest

from discover.export.figures.functions import band, density, functions
from discover.export.specimen import specimen
from tests.noisy import found_well


def test_all_four_panels_are_drawn():
    picture = functions(found_well().law)
    assert picture is not None
    for word in ("f_x", "g_x²", "potential", "density", "measured"):
        assert word in picture.svg
    assert "95 % bands" in picture.caption


def test_other_laws_have_none():
    assert functions(specimen()[0]) is None
    law = found_well().law
    assert functions(replace(law, evidence=replace(law.evidence, stretches=()))) is None


def test_the_band_is_that_of_the_covariance():
    equation = found_well().law.equations[0]
    x = np.array([0.5, 1.0])
    value, low, high = band(equation, x)
    slope = np.array([x, x**3])
    half = 1.959964 * np.sqrt(np.einsum("in,ij,jn->n", slope, np.array(equation.covariance), slope))
    np.testing.assert_allclose(high - value, half)
    np.testing.assert_allclose(value - low, half)


def test_the_density_of_a_double_well_with_constant_noise():
    x = np.linspace(-3, 3, 2001)
    p = density(x, x - x**3, np.full_like(x, 0.5))
    boltzmann = np.exp(2 * (x**2 / 2 - x**4 / 4) / 0.5)
    np.testing.assert_allclose(p, boltzmann / (boltzmann.sum() * (x[1] - x[0])), rtol=1e-3)
    assert density(x, -x, x) is None


def test_nothing_is_zero_everywhere():
    empty = replace(found_well().law.equations[0], terms=())
    assert all((line == 0.0).all() for line in band(empty, np.linspace(0, 1, 5)))


@pytest.mark.parametrize("axis", [0, 1])
def test_a_density_integrates_to_one(axis):
    x = np.linspace(-4, 4, 1001)
    p = density(x, -x, np.full_like(x, 0.5 + axis))
    assert np.sum(p) * (x[1] - x[0]) == pytest.approx(1.0, abs=1e-6)
