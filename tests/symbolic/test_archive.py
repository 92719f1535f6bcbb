import itertools
import math

import numpy as np
import pytest

from discover.expr import parse
from discover.inference.forms import Form
from discover.symbolic.archive import Archive, n_tokens
from tests.symbolic.laws import data


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("x", 1), ("x + y", 3), ("1/x", 3), ("x**2", 3), ("x**5", 5), ("3*x", 5), ("3.7*x", 8), ("2*x", 3), ("sin(x)", 2)],
)
def test_tokens(text, tokens):
    assert n_tokens(parse(text, ["x", "y"])) == tokens


def archive(noise=0.01):
    X, y = data("2*x + y", "x y", noise=noise)
    return Archive(X, y, np.ones(len(y)), tuple(range(len(X))))


def form(text, *start):
    return Form(parse(text, ["x", "y", *"abc"[: len(start)]]), 2, start)


def test_the_shortest_description_wins_and_longer_ones_that_fit_no_better_do_not():
    found = archive()
    found.add([form("a*x", 1.0), form("a*x + b*y", 1.0, 1.0), form("a*x + b*y + c*sin(x)", 1.0, 1.0, 0.0)])
    best = found.best
    assert best is not None
    assert best.form.expr == form("a*x + b*y", 1.0, 1.0).expr
    assert best.form.start == pytest.approx((2.0, 1.0), abs=0.02)
    assert found.exact is None


def test_an_exact_form_is_known_as_such():
    found = archive(noise=0.0)
    found.add([form("a*x + b*y", 1.0, 1.0), form("a*x", 1.0)])
    assert found.exact is not None
    assert found.exact.form.n_free == 2


def test_a_form_is_fitted_once():
    found = archive()
    assert len(found.add([form("a*x", 1.0), form("a*x", 2.0)])) == 1
    assert found.add([form("a*x", 3.0)]) == []
    assert found.n_fits == 1


def test_forms_that_are_not_finite_never_enter():
    found = archive()
    assert found.add([form("log(x - 2)*a", 1.0), form("a*x", math.nan)]) == []
    assert found.best is None


def test_the_front_gets_better_with_every_token():
    found = archive()
    found.add(
        [
            form("a", 1.0),
            form("a*x", 1.0),
            form("a*x + b", 1.0, 0.0),
            form("a*x + b*y", 1.0, 1.0),
            form("a*sin(x)", 1.0),
        ]
    )
    front = found.front()
    assert [entry.tokens for entry in front] == sorted(entry.tokens for entry in front)
    assert all(a.mse > b.mse for a, b in itertools.pairwise(front))


def test_weights_count():
    X, y = data("2*x", "x y")
    y[:200] += 100.0
    weights = np.ones(len(y))
    weights[:200] = 0.0
    found = Archive(X, y, weights, (0, 1))
    found.add([form("a*x", 1.0)])
    assert found.exact is not None
