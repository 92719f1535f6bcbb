"""Scales that make variables and time dimensionless: of parameters that are measured, or numbers taken from the data.

Buckingham's theorem: a law between quantities of which r have independent units is one between π-groups, each of
them divided by a product of powers of those r. Where parameters, constant within every trajectory, span the units of
all states and of the time, these are the r, and they leave the law; else typical sizes of the data take their place,
which changes no more than the units that things are measured in.

Source: Buckingham (1914), doi:10.1103/PhysRev.4.345.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from discover.data.units import dimension, scale
from discover.errors import UnitError
from discover.expr import Dimension, Expr, constant, multiply, power, variable
from discover.problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What one unit of a dimensionless quantity is: number · Π variable^power, in the quantity's own unit.

    Attributes:
        number: in that unit.
        powers: (variable, power) of the parameters or columns that it is made of.
    """

    number: float
    powers: tuple[tuple[int, Fraction], ...] = ()

    def at(self, X: Array) -> Array:
        """Return its size where the variables are X (n_variables, n), shape (n,)."""
        size = np.full(X.shape[1], self.number)
        for v, exponent in self.powers:
            size = size * X[v] ** float(exponent)
        return size

    def expr(self) -> Expr:
        """Return the product of powers without the number."""
        whole = constant(1.0)
        for v, exponent in self.powers:
            whole = multiply(whole, power(variable(v), float(exponent)))
        return whole


@dataclass(frozen=True, slots=True)
class Scales:
    """Yardsticks of everything that has a unit.

    Attributes:
        basis: dimensions that all others are products of, each with what is taken as its size, in base units: a number
            or a variable.
        used_up: variables that are 1 in their own scale and leave the law.
    """

    basis: tuple[tuple[Dimension, float | int], ...]
    units: tuple[str | None, ...]
    used_up: tuple[int, ...] = ()

    def of(self, asked: Dimension, unit: str | None) -> Yardstick:
        """Return the yardstick of a dimension, in a unit; None for base units."""
        number, powers = 1.0 / (1.0 if unit is None else scale(unit)), []
        if asked.is_dimensionless:
            return Yardstick(1.0)
        exponents = solved([one for one, _ in self.basis], asked)
        assert exponents is not None
        for (_, size), exponent in zip(self.basis, exponents, strict=True):
            if isinstance(size, int):
                if exponent:
                    powers.append((size, exponent))
                    number *= scale(self.units[size] or "1") ** float(exponent)
            else:
                number *= size ** float(exponent)
        return Yardstick(float(number), tuple(powers))


def solved(basis: Sequence[Dimension], asked: Dimension) -> tuple[Fraction, ...] | None:
    """Return the powers of independent dimensions whose product is another; None where there are none.

    >>> m, s = Dimension.of({"m": 1}), Dimension.of({"s": 1})
    >>> solved([m, m / s], s)
    (Fraction(1, 1), Fraction(-1, 1))
    >>> solved([m], s) is None
    True
    """
    names = sorted({name for one in (*basis, asked) for name, _ in one.exponents})
    columns = [dict(one.exponents) for one in (*basis, asked)]
    rows = [[column.get(name, Fraction(0)) for column in columns] for name in names]
    n, pivots = len(basis), list[int]()
    for column in range(n):
        k = next((k for k in range(len(pivots), len(rows)) if rows[k][column]), None)
        if k is None:
            return None
        at = len(pivots)
        rows[at], rows[k] = rows[k], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for j, row in enumerate(rows):
            if j != at and row[column]:
                rows[j] = [a - row[column] * b for a, b in zip(row, rows[at], strict=True)]
        pivots.append(column)
    if any(row[n] for row in rows[n:]):
        return None
    return tuple(rows[k][n] for k in range(n))


def _independent(of: Sequence[tuple[Dimension, float | int]]) -> list[tuple[Dimension, float | int]]:
    """Return those whose dimension is no product of powers of those before."""
    found: list[tuple[Dimension, float | int]] = []
    for one in of:
        if not one[0].is_dimensionless and solved([known for known, _ in found], one[0]) is None:
            found.append(one)
    return found


def scales_of(problem: Problem) -> Scales:
    """Return the scales of a problem.

    Raises:
        UnitError: where a unit is not known, or that of a formula's target is no product of those of its columns.
    """
    dims = known_dimensions(problem)
    if problem.formulation == "algebraic":
        return _of_columns(problem, dims)
    clock = time_dimension(problem)
    parameters = [(dims[v], v) for v in range(problem.n_states, problem.n_variables) if is_parameter(problem, v)]
    basis = _independent(parameters)
    needed = (*dims[: problem.n_states], clock)
    if all(solved([one for one, _ in basis], dim) is not None for dim in needed):
        return Scales(tuple(basis), problem.units, tuple(int(v) for _, v in basis))
    typical: list[tuple[Dimension, float | int]] = [
        (dims[v], rounded(_size(problem, v)) * scale(problem.units[v] or "1")) for v in range(problem.n_variables)
    ]
    n = problem.n_states
    pace = (clock, rounded(_pace(problem)) * scale(problem.time_unit or "1"))
    return Scales(tuple(_independent([*typical[:n], pace, *typical[n:]])), problem.units)


def _of_columns(problem: Problem, dims: Sequence[Dimension]) -> Scales:
    X, n = problem.blocks[0].X, problem.n_states
    positive = [v for v in range(n, problem.n_variables) if (X[v] > 0.0).all()]
    basis = _independent([(dims[v], v) for v in positive])
    for v in range(problem.n_variables):
        if solved([one for one, _ in basis], dims[v]) is None:
            known = ", ".join(problem.names[w] for w in positive) or "none"
            raise UnitError(
                f"The unit of {problem.names[v]}, [{problem.units[v]}], is no product of powers of those of the "
                f"positive columns ({known}): a constant that has a unit is missing. Add it as a column, or leave "
                "nondimensionalise= out."
            )
    return Scales(tuple(basis), problem.units, tuple(int(v) for _, v in basis))


def known_dimensions(problem: Problem) -> list[Dimension]:
    """Return the dimension of every variable.

    Raises:
        UnitError: where one has no unit.
    """
    missing = [name for name, unit in zip(problem.names, problem.units, strict=True) if unit is None]
    if missing:
        raise UnitError(
            f"nondimensionalise=True needs all units, and {', '.join(missing)} has none; give it in the header, "
            f'"{missing[0]} [m]", or with units={{"{missing[0]}": "m"}} ("1" for a plain number).'
        )
    return [dimension(unit) for unit in problem.units if unit is not None]


def time_dimension(problem: Problem) -> Dimension:
    """Return the dimension of the time; UnitError where it has no unit."""
    if problem.time_unit is None:
        raise UnitError(
            f'nondimensionalise=True needs all units, and the time {problem.time} has none; "{problem.time} [s]".'
        )
    return dimension(problem.time_unit)


def is_parameter(problem: Problem, v: int) -> bool:
    """Return whether a variable is positive and constant within every trajectory."""
    values: dict[str, float] = {}
    for block in problem:
        first = values.setdefault(block.trajectory, float(block.X[v].flat[0]))
        if not first > 0.0 or not np.all(block.X[v] == first):
            return False
    return True


def rounded(value: float) -> float:
    """Return a number to two significant digits, so that it is exactly what is told.

    >>> rounded(0.5347)
    0.53
    """
    return float(f"{value:.1e}") if value > 0.0 else 1.0


def _size(problem: Problem, v: int) -> float:
    return float(np.sqrt(np.mean(np.concatenate([block.X_smooth[v] for block in problem]) ** 2)))


def _pace(problem: Problem) -> float:
    """Return a typical time: how long a state takes to change by its spread, the middle one of all states."""
    found = []
    for v in range(problem.n_states):
        rates = np.concatenate([np.gradient(block.X_smooth[v], block.time) for block in problem])
        found.append(float(problem.scale[v] / max(np.sqrt(np.mean(rates**2)), 1e-300)))
    return float(np.median(found))
