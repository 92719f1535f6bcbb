import numpy as np
import pytest

from discover.expr import evaluate, variable
from discover.symbolic.views import views


@pytest.mark.parametrize("z", [np.linspace(0.2, 0.9, 30), np.linspace(-5.0, -1.0, 30), np.linspace(-2.0, 3.0, 30)])
def test_the_inverse_of_a_view_gives_the_target_back(z):
    for view in views(z):
        back = np.asarray(evaluate(view.inverse(variable(0)), view.values[None]))
        np.testing.assert_allclose(back, z, rtol=1e-9, atol=1e-12)


def test_slopes_are_those_of_differences():
    z = np.linspace(0.2, 0.9, 2001)
    for view in views(z):
        numeric = np.abs(np.gradient(view.values, z))
        np.testing.assert_allclose(view.slope[5:-5], numeric[5:-5], rtol=1e-3)


def test_only_what_is_defined_is_offered():
    assert {view.name for view in views(np.linspace(-30.0, 30.0, 11))} == {"identity"}
    assert "logarithm" not in {view.name for view in views(np.array([0.0, 1.0, 2.0]))}
