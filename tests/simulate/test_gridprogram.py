"""Programs on grids compute what the expressions say, each shared part once."""

import numpy as np

from discover.expr import derivative, evaluate, parse, variable
from discover.simulate.gridprogram import grid_program


def slope(part: int, values: np.ndarray, orders: tuple[int, ...]) -> np.ndarray:
    for _ in range(orders[1]):
        values = np.gradient(values)
    return values


def test_pointwise_expressions_agree_with_the_reference() -> None:
    X = np.random.default_rng(0).uniform(0.5, 2.0, (2, 9))
    exprs = [parse(text, ["u", "v"]) for text in ("u*v - 2", "sin(u)**3/v", "u**0.5 + log(v)", "-u", "3")]
    found = grid_program(exprs, 2).evaluate(list(X), slope)
    for expr, values in zip(exprs, found, strict=True):
        np.testing.assert_allclose(np.broadcast_to(values, 9), evaluate(expr, X), rtol=1e-14)


def test_derivatives_nest_and_those_of_numbers_vanish() -> None:
    u, x = variable(0), np.arange(7.0)
    exprs = [derivative(u * derivative(u, (0, 1)), (0, 1)), derivative(parse("3", []), (0, 1))]
    inner, nothing = grid_program(exprs, 1).evaluate([x**2], slope)
    np.testing.assert_allclose(inner, np.gradient(x**2 * np.gradient(x**2)))
    assert nothing == 0.0


def test_shared_parts_are_differentiated_once() -> None:
    asked: list[int] = []

    def counted(part: int, values: np.ndarray, orders: tuple[int, ...]) -> np.ndarray:
        asked.append(part)
        return values

    du = derivative(variable(0), (0, 1))
    grid_program([du * du, du + 1, derivative(variable(0) ** 2, (0, 1))], 1).evaluate([np.ones(3)], counted)
    assert asked[0] == 0
    assert len(asked) == 2


def test_division_by_a_constant_zero_is_infinite_and_no_exception() -> None:
    with np.errstate(all="ignore"):
        (value,) = grid_program([parse("1/(u - u)", ["u"])], 1).evaluate([np.ones(2)], slope)
        (number,) = grid_program([parse("1/0", [])], 0).evaluate([], slope)
    assert np.isinf(value).all()
    assert np.isinf(number)
