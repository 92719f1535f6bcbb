"""Laws of second order in time as systems of first order.

Derivatives by time on the right-hand side go into the definition of the velocity, so that none is ever
taken of a simulated value: x″ = f(x) + D(g(x), time) becomes x′ = v + g(x), v′ = f(x).
"""

from dataclasses import dataclass, replace

from discover.errors import SettingError
from discover.expr import Expr, add, constant, derivative, multiply, substitute, text, variable
from discover.simulate.field import ZERO, VectorField
from discover.simulate.sums import Terms, additive, outermost


@dataclass(frozen=True, slots=True)
class FirstOrder:
    """A law as first-order equations.

    Attributes:
        field: its states are the law's, then a velocity v for each of second order; then the inputs.
        second: which of the law's states are of second order.
        shifts: for each of these g in x′ = v + g, over the variables of `field`; g holds no velocity.
    """

    field: VectorField
    second: tuple[int, ...]
    shifts: tuple[Expr, ...]


def first_order(field: VectorField) -> FirstOrder:
    """Return a law as first-order equations, those of second order split in two.

    Raises:
        SettingError: where a derivative by time stands in a product, in a function or in an equation of
            first order, and so cannot be moved.

    >>> from discover.expr import derivative, parse
    >>> x = variable(0)
    >>> damped = VectorField(("x",), (), (-x + derivative(-0.1 * x, (1,)),), orders=(2,))
    >>> [text(expr, ["x", "v"]) for expr in first_order(damped).field.expressions]
    ['v + -0.1*x', '-1*x']
    """
    n = len(field.states)
    orders = field.orders or (1,) * n
    second = tuple(i for i, order in enumerate(orders) if order == 2)
    # Inputs make room for the velocities, which follow the states.
    moved = [variable(i if i < n else i + len(second)) for i in range(n + len(field.inputs))]
    halves = [_split(field, i, orders[i]) for i in range(n)]
    rates = [substitute(rest, moved) for _, rest in halves]
    shifts = tuple(substitute(halves[i][0], moved) for i in second)
    positions = list(rates)
    for k, i in enumerate(second):
        positions[i] = variable(n + k) if shifts[k] == ZERO else variable(n + k) + shifts[k]
    velocities = tuple(f"{field.states[i]}'" for i in second)
    reduced = replace(
        field,
        states=field.states + velocities,
        expressions=(*positions, *(rates[i] for i in second)),
        units=field.units and (*field.units[:n], *(None for _ in second), *field.units[n:]),
        orders=(),
    )
    return FirstOrder(reduced, second, shifts)


def _split(field: VectorField, i: int, order: int) -> tuple[Expr, Expr]:
    """Return g and f of the right-hand side f + D(g, time)."""
    if not _has_time(field.expressions[i]):
        return ZERO, field.expressions[i]
    moved: Terms = []
    stays: Terms = []
    for number, term in additive(field.expressions[i]):
        orders, inner = outermost(term)
        if not _has_time(term):
            stays.append((number, term))
        elif order == 2 and orders[:1] == (1,) and not _has_time(inner):
            moved.append((number, derivative(inner, (0, *orders[1:]))))
        else:
            raise SettingError(_refusal(field, i, order, term))
    return _summed(moved), _summed(stays)


def _refusal(field: VectorField, i: int, order: int, term: Expr) -> str:
    written, state = text(term, field.names, field.axes), field.states[i]
    if order == 1:
        return (
            f"The equation of {state} has the derivative by {field.time} {written} on its right-hand side too; "
            "a law is run forward from right-hand sides without one."
        )
    return (
        f"The equation of {state} has the term {written}, where a derivative by {field.time} stands in a product, in a "
        f"function or more than once; only sums of D(g, {field.time}) can be run forward."
    )


def _has_time(expr: Expr) -> bool:
    return any(orders[:1] > (0,) for orders in expr.orders)


def _summed(terms: Terms) -> Expr:
    total: Expr | None = None
    for number, term in terms:
        product = term if number == 1.0 else multiply(constant(number), term)
        total = product if total is None else add(total, product)
    return ZERO if total is None else total
