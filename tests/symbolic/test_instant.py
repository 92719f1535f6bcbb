import numpy as np
import pytest

from discover.symbolic.archive import Archive
from discover.symbolic.instant import instant, monomials, posynomials
from discover.symbolic.node import root
from tests.symbolic.laws import data, node_of


def best(text, names, batches, **settings):
    X, y = data(text, names, **settings)
    archive = Archive(X, y, np.ones(len(y)), tuple(range(len(X))))
    for forms in batches(root(X, y, np.ones(len(y)), range(len(X)))):
        archive.add(forms)
    assert archive.best is not None
    return archive.best


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("3*x*y**2/z**1.5", "x y z"),
        ("-2*x/y", "x y"),
        ("1 + 2*x*y - 3*y**2", "x y"),
        ("1/(x + 2*y)", "x y"),
        ("sqrt(x**2 + y**2)", "x y"),
        ("exp(0.3*x - y)", "x y"),
        ("log(x*y + 1)", "x y"),
        ("asin(0.2*x)", "x"),
    ],
)
def test_laws_that_need_no_search(text, names):
    assert best(text, names, instant).is_exact


def test_a_monomial_with_free_exponents():
    assert best("2*x**1.37*y**-0.81", "x y", instant).is_exact


def test_exponents_are_snapped_under_noise():
    form = best("2*x**1.5/y", "x y", lambda node: [monomials(node)], noise=0.05)
    assert form.form.n_free == 1
    assert form.form.start[0] == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize("text", ["x**2*y + 3/x", "1/sqrt(1/x**2 - 0.05/y**2)"])
def test_sums_of_monomials(text):
    assert best(text, "x y", lambda node: posynomials(node, np.random.default_rng(0))).is_exact


def test_a_node_without_columns_is_a_constant():
    node = node_of("3*x", "x").without(0, 1.0)
    ((form,),) = instant(node)
    assert form.start == pytest.approx((3.0,))
