"""Angles that a sine cannot take as they are: in degrees, arc minutes, turns."""

from typing import Any

from discover.errors import UnitError
from discover.expr import VARIABLE, Dimension, Expr, Operator, call, constant, dimension_of, fold, text, variable
from discover.problem import Problem

TRIGONOMETRIC = ("sin", "cos", "tan")


def in_degrees(term: Expr, problem: Problem) -> str | None:
    """Return what is wrong with a term that takes the sine of an angle not in radians; None where nothing is.

    A number in front of the angle may well be the conversion, so that it is taken at its word.
    """
    scales = _scales(problem)
    if not scales:
        return None
    own = [Dimension.of({"angle": 1}) if v in scales else known for v, known in enumerate(problem.dimensions)]
    reasons = []

    def leaf(kind: int, value: Any) -> Expr:
        return variable(value) if kind == VARIABLE else constant(value)

    def branch(row: Operator, argument: Any, children: tuple[Expr, ...]) -> Expr:
        if row.name in TRIGONOMETRIC:
            reasons.extend(_reasons(children[0]))
        return call(row.name, *children, *row.arguments(argument))

    def _reasons(angle: Expr) -> list[str]:
        mine = [v for v in angle.variables if v in scales]
        try:
            found = dimension_of(angle, own)
        except UnitError:
            return []
        if not mine or found is None or found.is_dimensionless:
            return []
        name, unit = problem.names[mine[0]], problem.units[mine[0]]
        written = text(term, problem.names, (problem.time, *problem.space))
        return [
            f'"{written}" takes {name} in [{unit}] for radians; write {scales[mine[0]]:.10g}*{name} inside, or load '
            f"{name} in [rad]"
        ]

    fold(term, leaf, branch)
    return reasons[0] if reasons else None


def _scales(problem: Problem) -> dict[int, float]:
    """Return how many radians make one, for the variables in units of an angle other than that."""
    from discover.data.units import scale

    found = {}
    for v, (unit, dimension) in enumerate(zip(problem.units, problem.dimensions, strict=False)):
        if unit is not None and dimension is not None and dimension.is_dimensionless and scale(unit) != 1.0:
            found[v] = scale(unit)
    return found
