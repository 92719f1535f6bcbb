"""Every row of the table answers every question; a missing answer turns a test red."""

import numpy as np
import pytest

from discover.expr import BY_NAME, DIMENSIONLESS, OPERATORS, SYMBOLS, Interval, call, constant, parse, text, variable
from discover_kernels import opcodes, tape
from tests.reference import SCALAR

POINTWISE = [row for row in OPERATORS if row.is_pointwise]
NUMBERS = {name: number for name, number in vars(opcodes).items() if isinstance(number, int)}
INSIDE = np.linspace(0.05, 0.95, 11)
"""In the domain of every function of the table, and nowhere near a pole."""


def named(row):
    return row.name


def operands(row):
    return [INSIDE, INSIDE[::-1].copy()][: row.arity]


def extra(row):
    return () if not row.has_argument else (5,) if row.is_pointwise else ((0, 2),)


def test_the_table_and_the_kernels_know_the_same_operators():
    assert len(set(NUMBERS.values())) == len(NUMBERS)
    assert {row.opcode for row in OPERATORS} == set(NUMBERS.values()) - {opcodes.VARIABLE, opcodes.CONSTANT}
    assert all(NUMBERS[row.name.upper()] == row.opcode for row in OPERATORS)
    assert {row.name for row in POINTWISE} == set(SCALAR)
    assert len(BY_NAME) == len(OPERATORS)


@pytest.mark.parametrize("row", OPERATORS, ids=named)
def test_it_prints_so_that_it_can_be_read(row):
    expr = call(row.name, *[variable(0) + variable(1)] * row.arity, *extra(row))
    assert parse(text(expr), ["x0", "x1"]) == expr
    assert row.complexity >= 1


@pytest.mark.parametrize("row", OPERATORS, ids=named)
def test_it_has_units_and_bounds(row):
    argument = (row.opcode == opcodes.D and DIMENSIONLESS) or 5
    assert row.unit((DIMENSIONLESS,) * row.arity, argument) == DIMENSIONLESS
    assert row.unit((None,) * row.arity, argument) in (None, DIMENSIONLESS)
    bounds = row.interval(*[Interval(0.05, 0.95)] * row.arity, *extra(row))
    assert bounds.low < bounds.high


@pytest.mark.parametrize("row", POINTWISE, ids=named)
def test_its_meaning_is_that_of_the_reference(row):
    expected = [SCALAR[row.name](*point, *extra(row)) for point in zip(*operands(row), strict=True)]
    np.testing.assert_allclose(row.meaning(np, *operands(row), *extra(row)), expected, rtol=1e-14)


@pytest.mark.parametrize("row", POINTWISE, ids=named)
def test_its_branch_in_the_kernel_computes_its_meaning(row):
    buffer = np.full((3, len(INSIDE)), 7.0)
    buffer[: row.arity] = operands(row)
    (second,) = extra(row) or (1,)
    tape.run_block(np.array([[row.opcode, 2, 0, second]], dtype=np.int32), buffer, len(INSIDE))
    np.testing.assert_allclose(buffer[2], row.meaning(np, *operands(row), *extra(row)), rtol=1e-14)


@pytest.mark.parametrize("row", POINTWISE, ids=named)
def test_its_derivative_is_its_slope(row):
    step = 1e-6
    for position, partial in enumerate(row.derivative(np, *operands(row), *extra(row))):
        sides = []
        for shift in (-step, step):
            moved = operands(row)
            moved[position] = moved[position] + shift
            sides.append(row.meaning(np, *moved, *extra(row)))
        np.testing.assert_allclose(
            np.broadcast_to(partial, INSIDE.shape), (sides[1] - sides[0]) / (2 * step), rtol=1e-6
        )


@pytest.mark.parametrize("row", POINTWISE, ids=named)
def test_its_derivative_can_be_written_as_expressions(row):
    for partial in row.derivative(SYMBOLS, *[variable(0), variable(1)][: row.arity], *extra(row)):
        assert text(partial if not isinstance(partial, float) else constant(partial))


@pytest.mark.parametrize("row", [row for row in POINTWISE if row.parity], ids=named)
def test_its_parity_is_true(row):
    np.testing.assert_allclose(row.meaning(np, -INSIDE), row.parity * row.meaning(np, INSIDE), rtol=1e-14)


@pytest.mark.parametrize("row", [row for row in POINTWISE if row.undoes], ids=named)
def test_it_undoes_what_it_says(row):
    np.testing.assert_allclose(row.meaning(np, BY_NAME[row.undoes].meaning(np, INSIDE)), INSIDE, rtol=1e-13)


@pytest.mark.parametrize("row", POINTWISE, ids=named)
def test_sympy_reads_it_the_same_way(row):
    import sympy

    symbols = sympy.symbols("a b", real=True)[: row.arity]
    written = row.meaning(sympy, *symbols, *extra(row))
    point = dict(zip(symbols, (0.3, 0.7), strict=False))
    expected = row.meaning(np, *[np.float64(value) for value in point.values()], *extra(row))
    assert float(written.subs(point)) == pytest.approx(float(expected), rel=1e-14)


def test_the_cube_root_is_real_everywhere():
    import sympy

    a = sympy.Symbol("a", real=True)
    assert BY_NAME["cbrt"].meaning(sympy, a).subs(a, -8) == -2
    assert BY_NAME["cbrt"].meaning(np, np.float64(-8.0)) == -2.0


def test_a_derivative_has_no_partial_derivative():
    with pytest.raises(NotImplementedError):
        BY_NAME["D"].derivative(np, INSIDE, (1,))
