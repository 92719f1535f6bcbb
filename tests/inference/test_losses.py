import numpy as np
import pytest

from discover.errors import DataError, SettingError
from discover.inference.losses import Loss, criterion_of, first_weights, read_loss

RNG = np.random.default_rng(0)
X = RNG.uniform(0.0, 3.0, (2, 300))
SMOOTH = np.sin(X[0]) * X[1]


@pytest.mark.parametrize("text", ["squared", "huber", "huber(2)", "quantile", "quantile(0.9)", "log"])
def test_a_loss_is_written_as_it_is_read(text):
    assert str(read_loss(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("squares", "Did you mean"),
        ("quantile(0)", "between 0 and 1, got 0"),
        ("huber(-1)", "between 0 and 100, got -1"),
        ("log(2)", "takes no number, got 2"),
        ("huber(x)", "got x"),
        (3, "must be one of"),
        ("", "must be one of"),
    ],
)
def test_a_loss_that_is_none_is_told(text, words):
    with pytest.raises(SettingError, match=words):
        read_loss(text)


def test_logarithms_need_one_sign():
    with pytest.raises(DataError, match="of one sign"):
        criterion_of(Loss("log"), X, SMOOTH - 0.5, np.ones(300))


def test_wild_rows_weigh_nothing_at_first():
    y = SMOOTH + 0.01 * RNG.standard_normal(300)
    y[:40] += 10.0
    found = first_weights(read_loss("huber"), X, y, np.ones(300))
    assert np.mean(found[:40] < 1e-6) > 0.9
    assert np.median(found[40:]) > 0.5


def test_rows_beyond_a_high_quantile_weigh_more():
    y = SMOOTH + RNG.standard_normal(300)
    found = first_weights(read_loss("quantile(0.9)"), X, y, np.ones(300))
    above = np.argsort(y - SMOOTH)[-10:]
    assert np.median(found[above]) > np.median(found)


def test_logarithms_weigh_by_the_value_and_squares_as_given():
    y = np.exp(SMOOTH)
    assert first_weights(Loss("log"), X, y, np.ones(300)) == pytest.approx(1 / y**2)
    assert first_weights(Loss(), X, y, y).tolist() == y.tolist()
