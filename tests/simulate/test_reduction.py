"""Second-order laws as first-order systems: the same motion."""

import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import derivative, parse, variable
from discover.simulate import VectorField, simulate
from discover.simulate.reduction import first_order

X, Y, U = (variable(i) for i in range(3))
T = (1,)


def test_first_order_laws_pass_unchanged() -> None:
    field = VectorField(("x",), ("u",), (parse("-x + u", ["x", "u"]),))
    reduced = first_order(field)
    assert reduced.field.expressions == field.expressions
    assert (reduced.second, reduced.shifts) == ((), ())


def test_a_damped_oscillator_from_rest_and_with_a_velocity() -> None:
    field = VectorField(("x",), (), (-X + derivative(-0.2 * X, T),), orders=(2,))
    t, w = np.linspace(0.0, 10.0, 101), np.sqrt(1 - 0.01)
    exact = np.exp(-0.1 * t) * (np.cos(w * t) + 0.1 / w * np.sin(w * t))
    np.testing.assert_allclose(simulate(field, [1.0], t)["x"], exact, atol=1e-7)
    found = simulate(field, [[1.0, 0.0], [0.0, 1.0]], t)
    moving = found["x"].values[found["trajectory"].values == "1"]
    np.testing.assert_allclose(moving, np.exp(-0.1 * t) * np.sin(w * t) / w, atol=1e-7)
    assert set(found.data_vars) == {"x"}


def test_van_der_pol_of_second_order_is_that_of_first_order() -> None:
    second = VectorField(("x",), (), (derivative(2.0 * (X - X**3 / 3), T) - X,), orders=(2,))
    first = VectorField(("x", "v"), (), (parse("v", ["x", "v"]), parse("2*(1 - x**2)*v - x", ["x", "v"])))
    t = np.linspace(0.0, 10.0, 51)
    np.testing.assert_allclose(simulate(second, [0.5, 0.3], t)["x"], simulate(first, [0.5, 0.3], t)["x"], atol=1e-6)


def test_mixed_orders_with_an_input_that_moves_the_velocity() -> None:
    # x'' = u' + y, y' = -y; u = t, so x = 2 t + t²/2 from x(0) = 0, y(0) = 0, x'(0) = 2.
    field = VectorField(("x", "y"), ("u",), (derivative(U, T) + Y, -Y), orders=(2, 1))
    reduced = first_order(field)
    assert reduced.field.states == ("x", "y", "x'")
    t = np.linspace(0.0, 2.0, 21)
    found = simulate(field, [0.0, 0.0, 2.0], t, {"u": t})
    np.testing.assert_allclose(found["x"], 2.0 * t + t**2 / 2, atol=1e-8)


@pytest.mark.parametrize(
    ("expr", "orders", "sentence"),
    [
        (X * derivative(X, T), (2,), r'the term x\*D\(x, "time", 1\), where a derivative by time stands in a product'),
        (derivative(X, T) ** 2, (2,), "stands in a product, in a function"),
        (derivative(X, (2,)), (2,), "or more than once"),
        (derivative(X * derivative(X, T), T), (2,), "or more than once"),
        (derivative(X, T), (), r"derivative by time D\(x, .time., 1\) on its right-hand side too"),
    ],
)
def test_what_cannot_be_moved_is_refused(expr, orders, sentence) -> None:
    with pytest.raises(SettingError, match=sentence):
        simulate(VectorField(("x",), (), (expr,), orders=orders), [1.0], [0.0, 1.0])


def test_orders_and_starts_that_do_not_fit() -> None:
    with pytest.raises(SettingError, match="once or twice"):
        VectorField(("x",), (), (X,), orders=(3,))
    with pytest.raises(SettingError, match="which 1 velocities may follow"):
        simulate(VectorField(("x",), (), (X,), orders=(2,)), [1.0, 2.0, 3.0], [0.0, 1.0])
