import numpy as np
import pytest

from discover.symbolic.archive import Archive
from discover.symbolic.templates import templates
from tests.symbolic.laws import node_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x**3/(exp(1.7*x/y) - 1)", "x y"),
        ("2 + 3*sin(1.3*x)", "x"),
        ("y*sin(6.3*x)**2", "x y"),
        ("y/(1 + 0.37*x)", "x y"),
        ("1/(2 + tanh(0.4*x))", "x"),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_an_inner_constant_is_found(text, names, noise):
    node = node_of(text, names, noise=noise)
    archive = Archive(node.values, node.z, node.weights, tuple(range(len(node.values))))
    for forms in templates(node, np.random.default_rng(0)):
        archive.add(forms)
    assert archive.best is not None
    assert archive.best.mse < max(1e-18, 1.1 * noise**2)


def test_a_node_without_columns_has_none():
    assert list(templates(node_of("3*x", "x").without(0, 1.0), np.random.default_rng(0))) == []
