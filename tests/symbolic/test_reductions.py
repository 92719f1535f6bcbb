import numpy as np
import pytest

from discover.expr import evaluate, parse, simplify
from discover.symbolic.reductions import merged, stripped
from tests.symbolic.laws import data, node_of


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_power_factors_are_divided_out_of_a_target_that_changes_sign(noise):
    node = stripped(node_of("x**2/y*sin(2*z)", "x y z", noise=noise))
    assert node is not None
    assert node.n_columns == 1
    assert node.prefactor is not None
    assert simplify(node.prefactor) == simplify(parse("x**2/y", ["x", "y", "z"]))


def test_prefactor_times_rest_is_the_target():
    X, y = data("x**2/y*sin(2*z)", "x y z")
    node = stripped(node_of("x**2/y*sin(2*z)", "x y z"))
    assert node is not None
    assert node.prefactor is not None
    np.testing.assert_allclose(node.z * evaluate(node.prefactor, X), y, rtol=1e-12)


def test_what_does_not_matter_goes():
    node = stripped(node_of("sin(x) + x*y", "x y z"))
    assert node is not None
    assert len(node.columns) == 2


def test_nothing_is_stripped_where_nothing_separates():
    assert stripped(node_of("sin(x*y) + x + y**2", "x y")) is None


@pytest.mark.parametrize(
    ("text", "merge"),
    [
        ("sin(x - y) + z", "x - y"),
        ("3*cos(x*y) + z", "x*y"),
        ("1/(1 + (x/y)**2) + z", "x/y"),
        ("exp(-0.1*(x**2 + y**2)) + z", "x**2 + y**2"),
    ],
)
def test_two_columns_that_are_one(text, merge):
    found = merged(node_of(text, "x y z"))
    assert found
    X, _ = data(text, "x y z")
    one = evaluate(parse(merge, ["x", "y", "z"]), X)
    correlation = np.corrcoef(found[0].values[0], one)[0, 1]
    assert abs(correlation) == pytest.approx(1.0, abs=1e-9)


def test_nothing_is_merged_where_nothing_is_one():
    assert merged(node_of("sin(x) + cos(2*y) + x*y**2", "x y")) == []
