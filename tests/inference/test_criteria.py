import math

import numpy as np
import pytest

from discover.expr import parse
from discover.inference.criteria import FIT_ROWS, Logarithms, Robust, Squares, inverse_diagonal, sample
from discover.inference.forms import Form
from discover.inference.losses import criterion_of, read_loss
from discover_kernels.robust import HUBER, QUANTILE

RNG = np.random.default_rng(0)
X = RNG.uniform(1.0, 3.0, (1, 400))
LINE = Form(parse("a*x + b", ["x", "a", "b"]), 1, (1.0, 0.0))


def noisy(seed, sigma=0.3):
    return 2.0 * X[0] - 1.0 + sigma * np.random.default_rng(seed).standard_normal(400)


@pytest.mark.parametrize("loss", ["squared", "huber", "quantile", "quantile(0.7)"])
def test_standard_errors_are_the_scatter_of_repeated_fits(loss):
    slopes, errors = [], []
    for seed in range(60):
        criterion = criterion_of(read_loss(loss), X, noisy(seed), np.ones(400))
        ((form, _),) = criterion.fit([LINE], 50)
        slopes.append(form.start[0])
        errors.append(criterion.std(form)[0])
    assert np.std(slopes) == pytest.approx(np.mean(errors), rel=0.3)
    assert np.mean(slopes) == pytest.approx(2.0, abs=0.03)


def test_errors_of_logarithms():
    y = np.exp(0.1 * RNG.standard_normal(400)) * 5.0 * X[0] ** 3
    criterion = Logarithms(X, y, np.ones(400))
    ((form, left),) = criterion.fit([Form(parse("a*x**b", ["x", "a", "b"]), 1, (1.0, 1.0))], 50)
    assert form.start == pytest.approx((5.0, 3.0), rel=0.03)
    assert math.sqrt(left) == pytest.approx(0.1, rel=0.1)
    ((negative, again),) = Logarithms(X, -y, np.ones(400)).fit(
        [Form(parse("-a*x**b", ["x", "a", "b"]), 1, (1.0, 1.0))], 50
    )
    assert negative.start == pytest.approx(form.start)
    assert again == pytest.approx(left)


def test_known_errors_make_chi_square_and_half_of_it_the_length():
    y = noisy(1)
    criterion = Squares(X, y, np.full(400, 1 / 0.3**2), known=True)
    ((form, left),) = criterion.fit([LINE], 50)
    rest = criterion.residual(form)
    assert criterion.nats(left, 2) == pytest.approx(0.5 * float(rest @ rest))
    assert float(rest @ rest) == pytest.approx(400, rel=0.2)
    doubled = Squares(X, y, np.full(400, 1 / 0.6**2), known=True)
    assert doubled.std(form)[0] == pytest.approx(2 * criterion.std(form)[0], rel=0.1)


def test_errors_that_are_understated_are_widened():
    y = noisy(1)
    criterion = Squares(X, y, np.full(400, 1 / 0.03**2), known=True)
    ((form, _),) = criterion.fit([LINE], 50)
    plain = Squares(X, y, np.ones(400))
    assert criterion.std(form) == pytest.approx(plain.std(form), rel=1e-6)


def test_weights_count():
    sigma = np.where(np.arange(400) < 200, 0.01, 1.0)
    y = 2.0 * X[0] - 1.0 + sigma * RNG.standard_normal(400)
    ((weighted, _),) = Squares(X, y, 1 / sigma**2).fit([LINE], 50)
    ((halved, _),) = Squares(X[:, :200], y[:200], np.ones(200)).fit([LINE], 50)
    assert weighted.start == pytest.approx(halved.start, abs=2e-3)


def test_residuals_are_held_where_a_loss_is_robust():
    y = noisy(2)
    y[0] += 100.0
    for kind, parameter, most in ((HUBER, 1.345, 1.345), (QUANTILE, 0.5, 0.5)):
        criterion = Robust(X, y, np.ones(400), kind, parameter)
        ((form, _),) = criterion.fit([LINE], 50)
        assert np.abs(criterion.residual(form)).max() == pytest.approx(most)
        assert criterion.spread(form) == pytest.approx(0.3, rel=0.15)


def test_constants_that_trade_places_have_no_error():
    both = Form(parse("(a + b)*x", ["x", "a", "b"]), 1, (1.0, 1.0))
    assert np.isnan(Squares(X, noisy(0), np.ones(400)).std(both)).all()
    assert np.isnan(inverse_diagonal(np.zeros((2, 5)))).all()


def test_large_data_are_sampled_evenly():
    few, y, w = sample(np.arange(5000.0)[None], np.arange(5000.0), np.ones(5000))
    assert few.shape == (1, FIT_ROWS)
    assert (y[0], y[-1], len(w)) == (0.0, 4999.0, FIT_ROWS)
