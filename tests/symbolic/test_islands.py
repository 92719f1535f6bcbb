"""Islands: laws with constants inside each other, the same bits with any number of threads, and where they end."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest

from discover.inference.forms import values
from discover.symbolic import islands as module
from discover.symbolic.islands import evolved, form_of, settled
from discover.symbolic.limits import Limits
from discover.symbolic.node import root
from discover.symbolic.search import search
from tests.symbolic.laws import data
from tests.symbolic.skeletons import value

NESTED = [
    ("2.3*exp(-0.4*x)*sin(3.1*x + 0.7) + 0.9", "x", 0.0, 6.0),
    ("5.2/(1 + exp(-1.7*(x - 3.1))) + 0.8", "x", 0.0, 7.0),
    ("2.5*exp(-0.9*x) + 1.4*exp(-0.2*x) + 0.3", "x", 0.0, 9.0),
]


@pytest.mark.parametrize(("text", "names", "low", "high"), NESTED)
def test_nested_constants_are_found_and_hold_elsewhere(text, names, low, high):
    X, y = data(text, names, n_rows=250, low=low, high=high)
    best = None
    for brood in islice(evolved(settled([root(X, y, np.ones(250), range(len(X)))], 0), None), 40):
        for form in brood.forms:
            best = min(best or form, form, key=lambda one: float(np.sum((values(one, X) - y) ** 2)))
        if float(np.mean((values(best, X) - y) ** 2)) < 1e-18:
            break
    fresh, clean = data(text, names, low=low, high=high * 1.2, seed=2)
    assert np.max(np.abs(values(best, fresh) - clean)) < 1e-5


def grown(n_jobs, seed=0, n_broods=3):
    X, y = data("x*sin(2*y) + exp(-x*y)", "x y", n_rows=120, noise=0.01)
    node = root(X, y, np.ones(120), range(2))
    with ThreadPoolExecutor(n_jobs) as pool:
        broods = islice(evolved(settled([node], seed), pool if n_jobs > 1 else None), n_broods)
        return [(brood.n_fits, brood.forms) for brood in broods]


def test_threads_do_not_change_a_bit():
    assert grown(1) == grown(2) == grown(3)


def test_another_seed_finds_others():
    assert grown(1) != grown(1, seed=1)


def test_nothing_is_fitted_twice(monkeypatch):
    fitted = []
    plain = module._fitted
    monkeypatch.setattr(module, "_fitted", lambda task: (fitted.extend(c.body for c in task[1]), plain(task))[1])
    X, y = data("x*y + sin(x)", "x y", n_rows=100, noise=0.05)
    (island, *_) = settled([root(X, y, np.ones(100), range(2))], 0)
    for _ in islice(evolved([island], None), 4):
        pass
    assert len(set(fitted)) == len(fitted) > 800


def test_only_what_may_be_used():
    X, y = data("x*y + sin(x)", "x y", n_rows=100)
    node = root(X, y, np.ones(100), range(2), Limits(("+", "*"), ("exp",)))
    isles = settled([node], 0)
    assert {island.view.name for island in isles} >= {"identity"}
    for island in isles:
        assert {module.FUNCTIONS[k].name for k in island.alphabet.functions} <= {"exp", "square"}


def test_a_member_is_the_form_that_goes_to_the_archive():
    X, y = data("1/(1 + exp(-3*(x - 2)))", "x", n_rows=150)
    node = root(X, y, np.ones(150), range(1))
    isles = settled([node], 0)
    next(evolved(isles, None))
    n_compared = 0
    for island in isles:
        for member in island.cells.values():
            expected = value(member.body, member.constants, island.X)
            form = form_of(node, island.view, member)
            found = next(v for v in node.views() if v.name == island.view.name)
            rows = [int(np.flatnonzero(X[0] == x)[0]) for x in island.X[0]]
            assert np.array_equal(found.values[rows], island.t)
            if island.view.name == "identity":
                np.testing.assert_allclose(values(form, X)[rows], expected, rtol=1e-6, atol=1e-8)
                n_compared += 1
    assert n_compared > 20


def test_without_a_limit_islands_end_when_nothing_gets_better(monkeypatch):
    monkeypatch.setattr(module, "STALE", 2)
    monkeypatch.setattr(module, "BROOD", 8)
    monkeypatch.setattr(module, "SMALLER_BROOD", 4)
    rng = np.random.default_rng(0)
    node = root(rng.uniform(1.0, 2.0, (1, 80)), rng.standard_normal(80), np.ones(80), range(1))
    assert len(list(islice(evolved(settled([node], 0), None, endless=False), 500))) < 500
    assert len(list(islice(evolved(settled([node], 0), None, endless=True), 60))) == 60


def test_cells_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_CELLS", 50)
    X, y = data("x*y + sin(x)", "x y", n_rows=100, noise=0.05)
    isles = settled([root(X, y, np.ones(100), range(2))], 0)
    for _ in islice(evolved(isles, None), 3):
        assert all(len(island.cells) <= 50 for island in isles)


def fits_of(X, y, most):
    """Return how many forms a search fits that would go on for ever."""
    n_fits = [0]

    def observe(stage, share, archive):
        n_fits[0] = archive.n_fits

    return search(X, y, spent=lambda: n_fits[0] >= most, observe=observe, endless=True).n_fits


def test_a_search_goes_on_while_something_is_left_to_explain_and_ends_when_noise_is():
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 2.0, (2, 100))
    steps = np.floor(7.0 * X[0]) % 3 + np.floor(5.0 * X[1]) % 2
    assert fits_of(X, steps, 1600) >= 1600
    assert fits_of(X, rng.standard_normal(100), 8000) < 8000
