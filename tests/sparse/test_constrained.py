import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import SettingError
from discover.sparse.constrained import Equalities, regressions
from tests.reference import equality_fit

SEEDS = st.integers(0, 500)


def rows(seed, n_terms=5, n_targets=3, n_rows=80):
    """Return library rows (n_rows, n_terms) and left-hand sides (n_rows, n_targets) of columns of unlike size."""
    rng = np.random.default_rng(seed)
    Theta = rng.standard_normal((n_rows, n_terms)) * np.exp(rng.uniform(-3, 3, n_terms))
    Y = Theta @ rng.standard_normal((n_terms, n_targets)) + rng.standard_normal((n_rows, n_targets))
    return Theta, Y


def gram_of(Theta, Y):
    Z = np.concatenate([Theta, Y], axis=1)
    return Z.T @ Z


def random_equalities(seed, n_targets=3, n_terms=5, n=2):
    rng = np.random.default_rng([seed, 1])
    A = rng.standard_normal((n, n_targets, n_terms)) * (rng.random((n, n_targets, n_terms)) < 0.4)
    A[:, 0, 0] = 1.0
    return Equalities(A, rng.standard_normal(n))


@given(SEEDS)
def test_one_target_is_the_solution_of_the_lagrange_conditions(seed):
    Theta, Y = rows(seed, n_targets=1)
    equalities = random_equalities(seed, n_targets=1)
    (one,) = regressions(gram_of(Theta, Y), 1, equalities)
    fit = one.fit(range(5))
    found = one.in_units(fit.coefficients)
    assert found == pytest.approx(equality_fit(Theta, Y[:, 0], equalities.A[:, 0], equalities.b), rel=1e-5, abs=1e-7)
    left = np.sum((Y[:, 0] - Theta @ found) ** 2)
    assert fit.residual * np.sum(Y[:, 0] ** 2) == pytest.approx(left, rel=1e-6)


@given(SEEDS)
def test_targets_that_are_tied_are_solved_together(seed):
    Theta, Y = rows(seed)
    Y = Y / np.linalg.norm(Y, axis=0)
    equalities = random_equalities(seed)
    parts = regressions(gram_of(Theta, Y), 3, equalities)
    for one in parts:
        if len(one.A):
            targets = sorted({int(u) // 5 for u in one.unknowns})
            stacked = np.kron(np.eye(len(targets)), Theta)
            A = equalities.A[:, targets].reshape(2, -1)
            expected = equality_fit(stacked, Y[:, targets].T.ravel(), A, equalities.b)
            assert one.in_units(one.fit(range(one.n)).coefficients) == pytest.approx(expected, rel=1e-5, abs=1e-7)


@given(SEEDS, st.integers(2, 5))
def test_equalities_hold_to_the_last_digits_on_any_support(seed, size):
    Theta, Y = rows(seed)
    equalities = random_equalities(seed)
    rng = np.random.default_rng([seed, 2])
    for one in regressions(gram_of(Theta, Y), 3, equalities):
        support = sorted(rng.choice(one.n, min(one.n, 2 * size), replace=False).tolist())
        fit = one.fit(support)
        if fit is not None and len(one.A):
            assert np.abs(one.A @ fit.coefficients - one.b).max() < 1e-10
            assert not np.delete(fit.coefficients, support).any()


@given(SEEDS)
def test_rises_are_what_leaving_a_term_out_costs(seed):
    Theta, Y = rows(seed, n_targets=1)
    (one,) = regressions(gram_of(Theta, Y), 1, random_equalities(seed, 1, n=1))
    whole = one.fit(range(5)).residual
    for j, rise in enumerate(one.rises(range(5))):
        fewer = one.fit([p for p in range(5) if p != j])
        assert rise == pytest.approx(np.inf if fewer is None else fewer.residual - whole, rel=1e-6, abs=1e-10)


def test_without_equalities_every_target_is_least_squares_of_its_own():
    Theta, Y = rows(3)
    for i, one in enumerate(regressions(gram_of(Theta, Y), 3)):
        expected = np.linalg.lstsq(Theta[:, [1, 3]], Y[:, i], rcond=None)[0]
        assert one.in_units(one.fit([1, 3]).coefficients)[[1, 3]] == pytest.approx(expected, rel=1e-8)
        assert one.feasible(())


def test_a_support_that_cannot_obey_has_no_fit():
    Theta, Y = rows(4, n_targets=1)
    A = np.zeros((1, 1, 5))
    A[0, 0, 2] = 1.0
    (one,) = regressions(gram_of(Theta, Y), 1, Equalities(A, np.array([3.0])))
    assert one.fit([0, 1]) is None
    assert np.isinf(one.rises([0, 1])).all()
    assert one.in_units(one.fit([0, 2]).coefficients)[2] == pytest.approx(3.0, rel=1e-12)


def test_whitened_rows_keep_their_own_weight():
    Theta, Y = rows(5, n_targets=1)
    (one,) = regressions(gram_of(Theta, Y), 1, whitened=True)
    residual = np.linalg.lstsq(Theta, Y[:, 0], rcond=None)[1][0]
    assert one.fit(range(5)).residual == pytest.approx(residual, rel=1e-8)


@pytest.mark.parametrize(
    ("A", "b", "told"),
    [
        (np.zeros((2, 3)), np.zeros(2), "Equalities need A of shape"),
        (np.zeros((2, 1, 5)), np.zeros(3), "one number b for each"),
        (np.full((1, 1, 5), np.nan), np.zeros(1), "finite"),
        (np.ones((1, 2, 5)), np.zeros(1), r"speak of \(2, 5\) \(targets, terms\), the Gram of \(1, 5\)"),
        (np.ones((2, 1, 5)), np.array([0.0, 1.0]), "contradict each other"),
        (np.zeros((1, 1, 5)), np.array([1.0]), "contradict each other"),
    ],
)
def test_equalities_that_make_no_sense_are_told(A, b, told):
    Theta, Y = rows(6, n_targets=1)
    with pytest.raises(SettingError, match=told):
        regressions(gram_of(Theta, Y), 1, Equalities(A, b))
