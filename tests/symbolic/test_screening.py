import numpy as np
import pytest

from discover.symbolic.archive import Archive
from discover.symbolic.features import ARITHMETIC, EXPONENTIAL, TRIGONOMETRIC, bank
from discover.symbolic.screening import Screen, screens, values_of
from tests.symbolic.laws import node_of


def search(text, names, operators, clean=True, **settings):
    node = node_of(text, names, **settings)
    rows = np.arange(96)
    features = bank(node.columns, np.ascontiguousarray(node.values[:, rows]), operators, 20_000, 9)
    archive = Archive(node.values, node.z, node.weights, tuple(range(len(node.values))))
    for forms in screens(Screen(node, features, rows, 3000, clean)):
        archive.add(forms)
        if archive.exact is not None:
            break
    assert archive.best is not None
    return archive.best


@pytest.mark.parametrize(
    ("text", "operators"),
    [
        ("x*(2 + 0.5*sin(y))", TRIGONOMETRIC),
        ("(2*x + 0.5*y**2)/(x + y)", ARITHMETIC),
        ("1/(3 + exp(-x) + 2*y)", EXPONENTIAL),
        ("sqrt(x**2 + y**2 - 2*x*y*cos(z))", TRIGONOMETRIC),
        ("(1 + 2*x*y)/(1 + 0.3*x*y)", ARITHMETIC),
        ("3*x*exp(-y/z)", ARITHMETIC),
    ],
)
@pytest.mark.parametrize("clean", [True, False])
def test_laws_in_two_halves(text, operators, clean):
    """With and without the table of keys, which works for clean data only."""
    assert search(text, "x y z", operators, clean).is_exact


def test_noise_does_not_hide_a_pair():
    found = search("2*x*sin(y) + 3*cos(x)", "x y", TRIGONOMETRIC, noise=0.05)
    assert found.mse < 1.05 * 0.05**2
    assert sorted(abs(c) for c in found.form.start) == pytest.approx([2.0, 3.0], rel=0.05)


def test_features_on_other_rows():
    node = node_of("x*y", "x y")
    features = bank(node.columns, np.ascontiguousarray(node.values[:, :50]), ARITHMETIC, 500, 5)
    for i in range(0, len(features), 41):
        np.testing.assert_allclose(values_of(features, i, node.values)[:50], features.values[i], rtol=1e-12)
