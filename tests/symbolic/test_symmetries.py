import numpy as np
import pytest

from discover.expr import Dimension, Expr, evaluate, parse, simplify, text
from discover.symbolic.node import root
from discover.symbolic.symmetries import reduced
from discover.symbolic.units import Units
from tests.symbolic.laws import data, node_of


def spread_of_ratio(one: Expr, other: Expr, X: np.ndarray) -> float:
    ratio = evaluate(one, X) / evaluate(other, X)
    return float(np.ptp(ratio) / np.abs(ratio).max())


@pytest.mark.parametrize(
    ("law", "names", "column"),
    [
        ("x*tanh(2*y/x)", "x y u v", "y/x"),
        ("x*exp(-y*(u + v))", "x y u v", "y*(u + v)"),
        ("x/(1 + 3*y**2/u)", "x y u v", "y**2/u"),
    ],
)
def test_one_column_is_left_of_four(law, names, column):
    X, _ = data(law, names, n_rows=100)
    last = reduced(node_of(law, names, n_rows=100)).nodes[-1]
    (found,) = last.columns
    wanted = parse(column, names.split())
    assert min(spread_of_ratio(found, wanted, X), spread_of_ratio(1 / found, wanted, X)) < 1e-9


def test_prefactor_times_rest_is_the_target():
    X, y = data("x*tanh(2*y/x)", "x y u", n_rows=100)
    for node in reduced(root(X, y, np.ones(len(y)), range(3))).nodes:
        factor = 1.0 if node.prefactor is None else evaluate(node.prefactor, X)
        np.testing.assert_allclose(factor * node.z, y, rtol=1e-12)


def test_columns_that_do_not_matter_go_under_noise_too():
    node = node_of("sin(x) + x*y", "x y u v w", n_rows=200, noise=0.05)
    kept = {text(expr, ["x", "y", "u", "v", "w"]) for expr in reduced(node).nodes[0].columns}
    assert kept == {"x", "y"}


def test_noise_is_divided_by_nothing_and_left_whole():
    X = np.random.default_rng(0).uniform(1.0, 2.0, (3, 150))
    y = 5.0 + np.random.default_rng(1).standard_normal(150)
    found = reduced(root(X, y, np.ones(150), range(3)))
    assert all(node.prefactor is None for node in found.nodes)
    assert found.left == pytest.approx(float(y.var()), rel=0.2)


def test_units_make_columns_without_dimension():
    metre, second, kilogram = (Dimension.of({name: 1}) for name in ("m", "s", "kg"))
    X, y = data("x*tanh(2*y*u/x)", "x y u v", n_rows=80, noise=0.05)
    units = Units((metre / second, metre / second**2, second, kilogram), metre / second)
    last = reduced(root(X, y, np.ones(len(y)), range(4)), units).nodes[-1]
    assert all(units.of(expr) == Dimension() for expr in last.columns)
    assert last.prefactor is not None
    assert units.of(last.prefactor) == metre / second


def test_units_forbid_a_sum_of_lengths_and_times():
    metre, second = Dimension.of({"m": 1}), Dimension.of({"s": 1})
    X, y = data("exp(-x - y)", "x y", n_rows=80)
    found = reduced(root(X, y, np.ones(len(y)), range(2)), Units((metre, second), Dimension()))
    assert not any(simplify(expr) == simplify(parse("x + y", ["x", "y"])) for n in found.nodes for expr in n.columns)


def test_too_many_columns_are_left_alone():
    X = np.random.default_rng(0).uniform(1.0, 2.0, (15, 80))
    assert reduced(root(X, X[0], np.ones(80), range(15))).nodes == ()
