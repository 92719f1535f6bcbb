"""Derivatives by time inside terms: as derivatives in front where they can be moved there, else as variables.

A jet holds a state and its derivatives by time (x, x′, x″, …). A term that no integration by parts can free of
inner derivatives, such as y·x′, is a function of the jets: variable k·n + l is the k-th derivative of variable l.
"""

from dataclasses import dataclass
from typing import Any

from discover.errors import ExpressionError
from discover.expr.byparts import Leaves, by_parts
from discover.expr.differentiation import differentiate
from discover.expr.expression import VARIABLE, Expr, add, call, constant, fold, multiply, variable
from discover.expr.operators import Operator
from discover.expr.simplification import simplify
from discover_kernels import opcodes


@dataclass(frozen=True, slots=True)
class TimePart:
    """One summand D^order(function) of a term on trajectories.

    Attributes:
        order: how often the whole is differentiated by time.
        function: of the variables, or, where `depth` is not 0, of their jets.
        depth: the highest derivative of a variable that the function holds.
    """

    order: int
    function: Expr
    depth: int = 0


def has_derivative(term: Expr) -> bool:
    """Return whether a D stands anywhere in a term."""
    return any(opcode == opcodes.D for opcode, _ in term.tape)


def time_parts(term: Expr, n_variables: int, clock: int | None = None) -> tuple[TimePart, ...]:
    """Return the summands of a term on trajectories, derivatives by time in front wherever possible.

    Args:
        term: whose D go along time alone.
        n_variables: how many variables there are.
        clock: the variable that is the time itself, None where none is.

    Raises:
        ExpressionError: for a derivative along anything but time.

    >>> from discover.expr import derivative
    >>> x, y, slope = variable(0), variable(1), derivative(variable(0), (1,))
    >>> time_parts(x**2 * slope, 2)
    (TimePart(order=1, function=Expr(0.3333333333333333*x0**3), depth=0),)
    >>> time_parts(y * slope, 2)  # x2 is the derivative of x0
    (TimePart(order=0, function=Expr(x1*x2), depth=1),)
    """
    if not has_derivative(term):
        return (TimePart(0, term),)
    if any(any(orders[1:]) for orders in term.orders):
        raise ExpressionError(f"{term} has a derivative by space, and trajectories have none.")
    try:
        parts = by_parts(term, Leaves(1, {} if clock is None else {clock: 0}))
        return tuple(TimePart(orders[0], function) for orders, function in parts)
    except ExpressionError:
        order, inner = _peeled(term)
        function = to_jets(inner, n_variables)
        return (TimePart(order, function, max(function.variables) // n_variables),)


def _peeled(term: Expr) -> tuple[int, Expr]:
    """Return the order of the derivatives that a term begins with, and what they differentiate."""
    order = 0
    while term.root == opcodes.D:
        order += term.orders[-1][0]
        term = Expr(term.tape[:-1], term.constants, term.orders[:-1])
    return order, term


def to_jets(expr: Expr, n_variables: int) -> Expr:
    """Return an expression with every derivative by time carried out by the chain rule.

    >>> from discover.expr import derivative
    >>> to_jets(variable(1) * derivative(variable(0) * variable(1), (1,)), 2)
    Expr(x1*(x0*x3 + x1*x2))
    """

    def leaf(kind: int, value: Any) -> Expr:
        return variable(value) if kind == VARIABLE else constant(value)

    def branch(row: Operator, argument: Any, children: tuple[Expr, ...]) -> Expr:
        if row.name != "D":
            return call(row.name, *children, *row.arguments(argument))
        inner = children[0]
        for _ in range(argument[0]):
            inner = total_derivative(inner, n_variables)
        return inner

    return simplify(fold(expr, leaf, branch))


def total_derivative(function: Expr, n_variables: int) -> Expr:
    """Return the derivative by time of a function of the jets, by the chain rule.

    >>> total_derivative(variable(0) ** 2, 1)
    Expr(2*x0*x1)
    """
    total = constant(0.0)
    for index in function.variables:
        total = add(total, multiply(differentiate(function, index), variable(index + n_variables)))
    return simplify(total)
