"""A true requirement takes no answer away, and is not blamed for a level of noise that was estimated too low."""

from dataclasses import replace

import numpy as np
import pytest

import discover
from discover.expr import parse
from discover.simulate import generate
from discover.simulate.systems import SYSTEMS, System

EPIDEMIC = System(
    "epidemic",
    ("S", "I", "R"),
    ("-0.4*S*I", "0.4*S*I - 0.12*I", "0.12*I"),
    (1.5, 0.2, 0.2),
    0.5,
    "made up",
    (0.4, 0.15, 0.2),
)


def supports(found):
    return {name: {term.expr for term in equation.terms} for name, equation in found.equations.items()}


def test_what_is_found_without_a_true_symmetry_is_found_with_it():
    """On this draw the search among symmetric terms alone took x*z in the place of x in the first equation."""
    lorenz = replace(SYSTEMS["lorenz"], x0=(-8.0, 7.0, 27.0), spread=(4.0, 4.0, 4.0), dt=0.01, burn_in=0.0)
    data = generate(lorenz, noise=0.1, seed=7301, n_samples=1000)
    found = discover.dynamics(
        data, library=discover.Polynomial(3), require="symmetric: (x, y) -> (-x, -y)", seed=7301, n_jobs=1
    )
    true = {"x": ("x", "y"), "y": ("x", "y", "x*z"), "z": ("z", "x*y")}
    assert supports(found) == {name: {parse(term, "xyz") for term in terms} for name, terms in true.items()}
    assert not found.law.requirements[0].contradicted


@pytest.mark.parametrize(
    ("asked", "blamed"), [("d(S)/dt + d(I)/dt + d(R)/dt == 0", False), ("d(S)/dt + d(I)/dt == 0", True)]
)
def test_noise_that_is_taken_for_smaller_than_it_is_blames_nothing_true(asked, blamed):
    data = generate(EPIDEMIC, noise=0.05, seed=7300, n_samples=120, n_trajectories=4)
    found = discover.dynamics(data, library=discover.Polynomial(2), require=asked, seed=7300, n_jobs=1)
    (told,) = found.law.requirements
    assert told.contradicted is blamed
    assert np.isfinite(told.p_value)
