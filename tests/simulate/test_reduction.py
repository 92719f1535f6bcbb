"""Second-order laws as first-order systems: the same motion."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from discover.errors import SettingError
from discover.expr import call, derivative, parse, variable
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


def driven(t, accelerate, x0=0.5, v0=0.3):
    """Return x of x'' = accelerate(t, x, v)."""
    run = solve_ivp(lambda t, s: [s[1], accelerate(t, *s)], (0, t[-1]), [x0, v0], t_eval=t, rtol=1e-10, atol=1e-12)
    return run.y[0]


@pytest.mark.parametrize(
    ("expr", "accelerate"),
    [
        (-X - 0.3 * X * derivative(X, T), lambda t, x, v: -x - 0.3 * x * v),
        (-X - 0.2 * derivative(X, T) ** 2, lambda t, x, v: -x - 0.2 * v**2),
        (
            -X - 0.1 * derivative(X, T) + 0.2 * call("sin", derivative(X, T)),
            lambda t, x, v: -x - 0.1 * v + 0.2 * np.sin(v),
        ),
        (-X - 0.1 * derivative(X**3, T) * derivative(X, T), lambda t, x, v: -x - 0.3 * x**2 * v**2),
    ],
)
def test_velocities_in_products_and_functions(expr, accelerate) -> None:
    t = np.linspace(0.0, 8.0, 41)
    found = simulate(VectorField(("x",), (), (expr,), orders=(2,)), [0.5, 0.3], t)["x"]
    np.testing.assert_allclose(found, driven(t, accelerate), atol=1e-6)


def test_the_time_itself_has_the_speed_one() -> None:
    """x'' = -x - D(cos(t) x, t), moved by the product rule."""
    expr = -X - derivative(call("cos", Y) * X, T)
    t = np.linspace(0.0, 8.0, 41)
    found = simulate(VectorField(("x",), ("t",), (expr,), time="t", orders=(2,)), [0.5, 0.3], t)["x"]
    np.testing.assert_allclose(found, driven(t, lambda t, x, v: -x + np.sin(t) * x - np.cos(t) * v), atol=1e-3)


def test_a_product_with_the_rate_of_a_state_of_first_order() -> None:
    """x'' = x y' with y' = -y + x'."""
    field = VectorField(("x", "y"), (), (X * derivative(Y, T), -Y + derivative(X, T) ** 2), orders=(2, 1))
    t = np.linspace(0.0, 3.0, 31)

    def rates(t, s):
        dy = -s[1] + s[2] ** 2
        return [s[2], dy, s[0] * dy]

    run = solve_ivp(rates, (0, 3.0), [0.5, 1.0, 0.3], t_eval=t, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(simulate(field, [0.5, 1.0, 0.3], t)["x"], run.y[0], atol=1e-7)


@pytest.mark.parametrize(
    ("expr", "orders", "sentence"),
    [
        (
            X * derivative(Y, T),
            (2,),
            r'the term x\*D\(u, "time", 1\), which needs a derivative by time that is no velocity',
        ),
        (derivative(X, (2,)), (2,), "no velocity of the law"),
        (X * derivative(X, (2,)), (2,), "no velocity of the law"),
        (derivative(X * derivative(X, T), T), (2,), "no velocity of the law"),
        (derivative(X, T), (), r"derivative by time D\(x, .time., 1\) on its right-hand side too"),
        (Y * derivative(X, T), (), r"on its right-hand side too"),
    ],
)
def test_what_cannot_be_moved_is_refused(expr, orders, sentence) -> None:
    with pytest.raises(SettingError, match=sentence):
        simulate(VectorField(("x",), ("u",), (expr,), orders=orders), [1.0], [0.0, 1.0], {"u": [0.0, 1.0]})


def test_orders_and_starts_that_do_not_fit() -> None:
    with pytest.raises(SettingError, match="once or twice"):
        VectorField(("x",), (), (X,), orders=(3,))
    with pytest.raises(SettingError, match="which 1 velocities may follow"):
        simulate(VectorField(("x",), (), (X,), orders=(2,)), [1.0, 2.0, 3.0], [0.0, 1.0])
