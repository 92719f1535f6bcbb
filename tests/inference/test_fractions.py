import numpy as np
import pytest

from discover.data.stencils import Strong
from discover.expr import Polynomial, Terms
from discover.inference.fractions import fit, linearised
from tests.rationals import HYPERBOLA, enzyme, measured, offered

TRUE_A, TRUE_B = np.array([2.0, -4.0]) * 0.3, np.array([1.0, 1.0 / 0.3])
TRUE_A[1] = (0.6 - 1.5) / 0.3


@pytest.fixture(scope="module")
def noisy():
    return offered(enzyme(0.01), Polynomial(1), Polynomial(1))


def test_clean_data_give_the_true_numbers_from_no_start_at_all():
    found = fit(offered(enzyme(0.0), Polynomial(1), Polynomial(1)), 0, (0, 1), (2, 3))
    assert found.a == pytest.approx(TRUE_A, rel=1e-4)
    assert found.b == pytest.approx(TRUE_B, rel=1e-4)
    assert found.support == (0, 1, 2, 3)


def test_the_columns_are_the_derivatives_of_the_rows_by_the_coefficients(noisy):
    a, b, h = np.array([0.5, -2.5]), np.array([1.0, 3.0]), 1e-6

    def rows(a, b):
        return np.concatenate([a @ theta[:2] for theta in linearised(noisy, (0, 1), (2, 3), a, b).theta])

    columns = np.concatenate(linearised(noisy, (0, 1), (2, 3), a, b).theta, axis=1)
    steps = [(h * unit, np.zeros(2)) for unit in np.eye(2)] + [(np.zeros(2), np.array([0.0, h]))]
    for column, (da, db) in zip(columns, steps, strict=True):
        assert (rows(a + da, b + db) - rows(a - da, b - db)) / (2 * h) == pytest.approx(column, abs=1e-7)


def test_slopes_are_those_of_the_quotient(noisy):
    a, b = np.array([0.5, -2.5]), np.array([1.0, 3.0])
    slopes = linearised(noisy, (0, 1), (2, 3), a, b).slopes(range(3))
    for k, block in enumerate(noisy.rows.blocks):
        x = block.X_smooth[0]
        expected = (a[1] - a[0] * b[1]) / (1.0 + b[1] * x) ** 2
        assert sum(a[i] * slopes[i][k][0][0] for i in range(2)) == pytest.approx(expected)
        assert not slopes[2][k][0].any()  # a step of the search does not move the rows


def test_poles_among_the_data_are_no_fit(noisy):
    assert linearised(noisy, (0, 1), (2, 3), TRUE_A, np.array([1.0, -1.0])) is None
    touching = offered(measured(HYPERBOLA, ((0.5,),), 8.0, noise=0.2), Terms("1"), Polynomial(1))
    assert fit(touching, 0, (0,), (2,)) is None


def test_a_start_with_a_pole_is_not_the_end(noisy):
    found = fit(noisy, 0, (0, 1), (2, 3), np.array([1.0, -1.0]))
    assert found.b[1] == pytest.approx(TRUE_B[1], rel=0.1)


def test_the_strong_form_fits_too():
    found = fit(offered(enzyme(0.0), Polynomial(1), Polynomial(1), Strong()), 0, (0, 1), (2, 3))
    assert found.a == pytest.approx(TRUE_A, rel=0.02)


def test_errors_are_of_the_right_size_and_chi_square_is_about_one_a_row():
    z, chi2 = [], []
    for seed in range(30):
        found = fit(offered(enzyme(0.01, seed), Polynomial(1), Polynomial(1)), 0, (0, 1), (2, 3), TRUE_B)
        std = np.sqrt(np.diag(found.estimate.covariance()))
        z.append((np.append(found.a, found.b[1]) - np.append(TRUE_A, TRUE_B[1])) / std)
        chi2.append(found.chi2 / found.estimate.n_rows)
    assert np.mean(np.abs(z) < 1.96) > 0.85
    assert np.mean(chi2) == pytest.approx(1.0, abs=0.2)
