from types import SimpleNamespace

import numpy as np
import pytest

from discover.expr import parse
from discover.inference.domain import undefined

NAMES = ("x", "y")


class Small:
    """As much of a problem as is looked at."""

    def __init__(self, X, smooth=None):
        X = np.asarray(X, dtype=float)
        self.names, self.scale = NAMES, np.ptp(X, axis=1)
        self.blocks = [SimpleNamespace(X=X, X_smooth=X if smooth is None else np.asarray(smooth, dtype=float))]

    def __iter__(self):
        return iter(self.blocks)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("x*log(y)", "log(y) has no finite value at y = -2"),
        ("1/(x - 1)", "has no finite value at x = 1"),
        ("x/(1/(x - 1))", "has no finite value at x = 1"),  # finite in the end, and yet not
        ("exp(exp(7*x))", "exp(exp(7*x)) has no finite value at x = 1"),
        ("sqrt(x*y)", "sqrt(x*y) has no finite value at x = 1, y = -2"),
        ("y**0.5", "y**0.5 has no finite value at y = -2"),
        ('D(log(y), "x", 2)', "log(y) has no finite value at y = -2"),
        ('x*D(x, "x", 1) + 1/(x - 1)', "has no finite value at x = 1"),
    ],
)
def test_the_innermost_part_that_fails_is_named(written, reason):
    problem = Small([[0.5, 1.0], [3.0, -2.0]])
    term = parse(written, NAMES)
    found = undefined([term, parse("x", NAMES)], problem)  # pyright: ignore[reportArgumentType]
    assert list(found) == [term]
    assert reason in found[term]


def test_terms_that_are_finite_stay():
    problem = Small([[0.5, 1.0], [3.0, 2.0]])
    terms = [parse(text, NAMES) for text in ("x**3*y", "log(y)", "1/x", "exp(-x)", "sin(x)*abs(y)", 'D(x*y, "x", 3)')]
    assert undefined(terms, problem) == {}  # pyright: ignore[reportArgumentType]


def test_smoothed_states_count_too_and_products_may_overflow():
    lower = Small([[0.1, 0.2], [1.0, 1.0]], smooth=[[-0.1, 0.2], [1.0, 1.0]])
    assert list(undefined([parse("log(x)", NAMES)], lower))  # pyright: ignore[reportArgumentType]
    huge = Small([[1e160, -1e160], [1.0, 1.0]])
    assert list(undefined([parse("x**2", NAMES)], huge))  # pyright: ignore[reportArgumentType]
