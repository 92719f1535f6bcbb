"""Laws of different kinds, found from values alone."""

import numpy as np
import pytest

from discover.inference.forms import fitted, values
from discover.symbolic.search import search
from tests.symbolic.laws import data

LAWS = [
    ("2*x*y/z**2", "x y z"),
    ("x/sqrt(1 - (y/5)**2)", "x y"),
    ("x*(1 + y)*z", "x y z"),
    ("x*cos(y) + x*z*cos(y)**2", "x y z"),
    ("(x*z + y)/(1 + z)", "x y z"),
    ("x*exp(-y/z)", "x y z"),
    ("sqrt(x**2 + y**2)*z", "x y z"),
]


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize(("text", "names"), LAWS)
def test_a_law_is_found_and_holds_elsewhere(text, names, noise):
    X, y = data(text, names, noise=noise)
    best = search(X, y).best
    assert best is not None
    clean_X, clean_y = data(text, names, seed=1)
    (form, _), *_ = fitted([best.form], clean_X, clean_y, np.ones(len(clean_y)), 100)
    fresh_X, fresh_y = data(text, names, low=1.5, high=5.0, seed=2)
    assert np.max(np.abs(values(form, fresh_X) - fresh_y)) < 1e-6 * np.sqrt(np.mean(fresh_y**2))


def test_noise_alone_is_a_constant_at_most():
    rng = np.random.default_rng(0)
    best = search(rng.uniform(1.0, 2.0, (3, 200)), rng.standard_normal(200), spent=lambda: True).best
    assert best is not None
    assert best.tokens <= 12
    assert best.mse > 0.9


def test_the_same_seed_gives_the_same_answer():
    X, y = data("x*sin(y) + z", "x y z", noise=0.02)
    assert search(X, y, seed=3).best == search(X, y, seed=3).best


def test_a_search_that_may_spend_nothing_more_still_answers():
    X, y = data("x*sin(y) + z", "x y z")
    assert search(X, y, spent=lambda: True).best is not None


def test_stages_are_told():
    told = []
    X, y = data("x*y", "x y")
    search(X, y, observe=lambda stage, share, archive: told.append((stage, share)))
    assert told[0] == ("instant", 0.0)
    assert all(0.0 <= share < 1.0 for _, share in told)


def test_few_rows_of_a_long_law_are_not_taken_for_a_line():
    X, y = data("x*exp(-y*u/(2*v))*cos(w*u)", "x y u v w", n_rows=60, low=0.5, high=2.0)
    stages: list[str] = []
    found = search(
        X, y, spent=lambda: "posynomial" in stages, observe=lambda stage, share, archive: stages.append(stage)
    )
    assert "posynomial" in stages
    assert found.left < 0.01
