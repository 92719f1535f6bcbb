"""Halves of a law that depend on columns of their own are sought apart."""

import numpy as np
import pytest

from discover.expr import evaluate, parse
from discover.symbolic.archive import Archive
from discover.symbolic.node import root
from discover.symbolic.separation import separated

NAMES = ["x", "y", "z"]


def archive_of(law, n_columns, noise=0.0, seed=0, n_rows=240, low=0.3, high=3.0):
    """Return a node of draws of a law, and an archive for it."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(low, high, (n_columns, n_rows))
    y = evaluate(parse(law, NAMES[:n_columns]), X)
    y = y + noise * np.sqrt(np.mean(y**2)) * rng.standard_normal(n_rows)
    columns = tuple(range(n_columns))
    return root(X, y, np.ones(n_rows), columns), Archive(X, y, np.ones(n_rows), columns)


def sought(law, n_columns, noise=0.0, **options):
    node, archive = archive_of(law, n_columns, noise, **options)
    for forms in separated(node, archive, 0):
        archive.add(forms)
    return archive


@pytest.mark.parametrize(
    ("law", "n_constants"),
    [
        ("2.1*x*exp(-1.7/y)/(1 + 0.4*x)", 3),  # a product of one sign; its scale is written once
        ("exp(-0.7*x) + 3.1*y/(y + 1.3)", 6),  # a sum; what can be dropped is dropped at the end of a search
        ("1/(1/(2*x + 0.3) + exp(-0.5*y))", 6),  # a sum of inverses
        ("exp(-0.3*x)*cos(1.9*y)", 3),  # a product that changes its sign
    ],
)
def test_two_halves_make_the_law(law, n_constants):
    found = sought(law, 2)
    assert found.exact is not None, found.best
    assert min(one.form.n_free for one in found.entries.values() if one.is_exact) <= n_constants


def test_halves_are_found_under_noise():
    found = sought("1.7*x/(0.8 + x)*exp(-0.6*y)", 2, 0.01)
    assert found.best is not None
    assert found.best.mse < 1.1 * 0.01**2
    assert found.best.form.n_free <= 4


def test_what_shares_more_is_left_alone():
    node, archive = archive_of("sin(x*y) + x/(1 + y**2)", 2)
    assert list(separated(node, archive, 0)) == []


def test_one_column_and_many_have_no_halves():
    node, archive = archive_of("x**2", 1)
    assert list(separated(node, archive, 0)) == []
    assert list(separated(archive_of("x*y", 2)[0], archive, 0, depth=0)) == []
