"""The linear parametrisation that constraints leave, against brute force and optimality conditions."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import minimize

from discover.contract import Bounds, Known
from discover.expr import variable
from discover.inference.restriction import among, groups, restriction, unlimited

X, Y = variable(0), variable(1)
LIBRARY = ((X, Y), (X, Y))


@dataclass(frozen=True)
class Rows:
    """A constraint given by its numbers: A, lower and upper, or what is known beforehand."""

    A: tuple[tuple[float, ...], ...] = ()
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()
    known: tuple[tuple[float, ...], ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    tied: tuple[tuple[int, ...], ...] = ()

    def rows(self, libraries):
        return Bounds(*map(np.array, (self.A, self.lower, self.upper))) if self.A else None

    def prior(self, libraries):
        return Known(*map(np.array, (self.known, self.mean, self.std))) if self.known else None

    def ties(self, n_targets):
        return self.tied


def limits(**given):
    return restriction([Rows(**given)], LIBRARY)


def normal(n_rows=12, n=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_rows, n)), rng.normal(size=n_rows)


def test_without_constraints_everything_is_free():
    one = restriction([], LIBRARY)
    assert one.is_nothing
    R, y = normal()
    assert one.fit(R, y).coefficients == pytest.approx(np.linalg.lstsq(R, y)[0])


def test_equalities_hold_to_rounding_and_the_rest_is_least():
    A = ((1.0, 0.0, 1.0, 0.0), (0.0, 2.0, 0.0, -1.0))
    one = limits(A=A, lower=(0.0, 3.0), upper=(0.0, 3.0))
    R, y = normal()
    w = one.fit(R, y).coefficients
    assert np.abs(np.array(A) @ w - [0.0, 3.0]).max() < 1e-14
    slope = R.T @ (R @ w - y)
    assert np.abs(one.N.T @ slope).max() < 1e-10  # no direction that is left leads down


def test_free_coefficients_are_the_parameters():
    one = limits(A=((1.0, 0.0, 1.0, 0.0),), lower=(0.0,), upper=(0.0,))
    z = np.array([1.5, -2.0, 0.25])
    assert one.full(z)[one.free] == pytest.approx(z)
    assert one.within(one.full(z)) == pytest.approx(z)
    assert set(np.unique(one.N)) <= {-1.0, 0.0, 1.0}


@pytest.mark.parametrize("seed", range(12))
def test_inequalities_against_a_general_solver(seed):
    rng = np.random.default_rng(seed)
    A, low = rng.normal(size=(3, 4)), rng.normal(size=3) - 0.5
    one = limits(A=tuple(map(tuple, A)), lower=tuple(low), upper=(np.inf,) * 3)
    R, y = normal(seed=seed + 100)
    w = one.fit(R, y).coefficients
    assert (A @ w >= low - 1e-9).all()
    best = minimize(
        lambda v: np.sum((R @ v - y) ** 2),
        np.linalg.lstsq(A, low + 1.0)[0],
        jac=lambda v: 2 * R.T @ (R @ v - y),
        constraints={"type": "ineq", "fun": lambda v: A @ v - low, "jac": lambda v: A},
        method="SLSQP",
    )
    assert np.sum((R @ w - y) ** 2) <= best.fun * (1 + 1e-6)


def test_a_bound_that_is_reached_is_reached_exactly():
    one = limits(A=((1.0, 0.0, 0.0, 0.0),), lower=(100.0,), upper=(np.inf,))
    fit = one.fit(*normal())
    assert fit.coefficients[0] == 100.0
    assert fit.active == (0,)
    assert fit.restriction.n_free == 3


def test_what_is_known_counts_like_a_measurement():
    one = limits(known=((0.0, 1.0, 0.0, 0.0),), mean=(5.0,), std=(0.1,))
    R, y = normal()
    wider = np.concatenate([R, [[0.0, 10.0, 0.0, 0.0]]])
    fit = one.fit(R, y)
    assert fit.coefficients == pytest.approx(np.linalg.lstsq(wider, np.append(y, 50.0))[0])
    assert fit.penalty == pytest.approx(((fit.coefficients[1] - 5.0) / 0.1) ** 2)
    assert one.bread(R) == pytest.approx(np.linalg.inv(wider.T @ wider))


@pytest.mark.parametrize(
    ("lower", "upper"),
    [((1.0, -np.inf), (np.inf, 0.0)), ((1.0, 2.0), (1.0, 2.0))],
    ids=["bounds", "values"],
)
def test_what_contradicts_itself_leaves_nothing(lower, upper):
    assert limits(A=((1.0, 0.0, 0.0, 0.0),) * 2, lower=lower, upper=upper) is None


def test_coefficients_that_can_only_be_zero_are_told():
    one = limits(A=((0.0, 3.0, 0.0, 0.0),), lower=(0.0,), upper=(0.0,))
    assert one.dead.tolist() == [False, True, False, False]


def test_other_parameters_stay_free():
    one = limits(A=((1.0, 0.0, 1.0, 0.0),), lower=(0.0,), upper=(0.0,))
    wide = among(one, np.array([0, 1, 3, 4]), 6)
    values = wide.full(np.arange(1.0, 6.0))
    assert values[0] == -values[3]
    assert wide.within(values) == pytest.approx(np.arange(1.0, 6.0))
    assert np.array_equal(among(unlimited(4), np.array([0, 1, 3, 4]), 6).N, np.eye(6))


def test_targets_that_are_tied_form_groups():
    tied = [Rows(tied=((0, 2),)), Rows(tied=((2, 3),))]
    assert groups(tied, 5) == [(0, 2, 3), (1,), (4,)]
