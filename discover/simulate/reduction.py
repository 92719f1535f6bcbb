"""Laws of second order in time as systems of first order.

Derivatives by time on the right-hand side go into the definition of the velocity, so that none is ever
taken of a simulated value: x″ = f(x) + D(g(x), time) becomes x′ = v + g(x), v′ = f(x). Where x′ stands in a
product or a function, v + g(x) is written in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from discover.errors import SettingError
from discover.expr import (
    Expr,
    TimePart,
    add,
    constant,
    derivative,
    has_derivative,
    multiply,
    substitute,
    text,
    time_parts,
    to_jets,
    variable,
)
from discover.simulate.field import ZERO, VectorField
from discover.simulate.sums import additive, outermost

Sides = Sequence[Sequence[tuple[Expr, Expr]]]
"""For each state, its terms as (coefficient, term): a number, or a parameter."""


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
        SettingError: where a derivative by time cannot be written without one of a simulated value.

    >>> from discover.expr import derivative, parse
    >>> x = variable(0)
    >>> damped = VectorField(("x",), (), (-x + derivative(-0.1 * x, (1,)),), orders=(2,))
    >>> [text(expr, ["x", "v"]) for expr in first_order(damped).field.expressions]
    ['v + -0.1*x', '-1*x']
    """
    orders = field.orders or (1,) * len(field.states)
    second = tuple(i for i, order in enumerate(orders) if order == 2)
    if field.space or not any(_has_time(expr) for expr in field.expressions):
        return _in_front(field, second, orders)
    sides = [[(constant(number), term) for number, term in additive(expr)] for expr in field.expressions]
    positions, rates, shifts = reduced(sides, orders, len(field.inputs), field.names, field.time)
    return FirstOrder(_with_velocities(field, second, (*positions, *rates)), second, shifts)


def reduced(
    sides: Sides, orders: Sequence[int], n_inputs: int, names: Sequence[str], time: str
) -> tuple[list[Expr], list[Expr], tuple[Expr, ...]]:
    """Return x′ of every state, v′ of those of second order, and their shifts g in x′ = v + g.

    Args:
        sides: the terms; their variables count states, inputs and then parameters, and D goes along time.
        orders: of each left-hand side, 1 or 2.
        n_inputs: how many inputs there are.
        names: of states and inputs; the input that is named like the time is the time.
        time: its name.

    Returns:
        Expressions whose variables count states, velocities, inputs and then parameters.

    Raises:
        SettingError: where a derivative by time cannot be written without one of a simulated value.
    """
    n, second = len(sides), [i for i, order in enumerate(orders) if order == 2]
    n_variables = n + n_inputs
    clock = list(names).index(time) if time in names else None
    parts = [
        [(c, term, _parts(term, orders[i], n_variables, clock)) for c, term in side] for i, side in enumerate(sides)
    ]
    n_moved = 1 + max((max(e.variables, default=0) for side in sides for pair in side for e in pair), default=0)
    moved = [variable(i if i < n else i + len(second)) for i in range(max(n_moved, n_variables))]
    shifts: list[Expr] = []
    for i in second:
        ahead = [(c, part.function) for c, _, mine in parts[i] for part in mine if (part.order, part.depth) == (1, 0)]
        shifts.append(_summed([(substitute(c, moved), substitute(f, moved)) for c, f in ahead]))
    speeds: list[Expr | None] = [None] * n_variables
    for k, i in enumerate(second):
        speeds[i] = variable(n + k) if shifts[k] == ZERO else add(variable(n + k), shifts[k])
    if clock is not None:
        speeds[clock] = constant(1.0)

    def rate(i: int) -> Expr:
        found = []
        for c, term, mine in parts[i]:
            for part in mine:
                if not (orders[i] == 2 and (part.order, part.depth) == (1, 0)):
                    written = _at_speed(part, moved, speeds)
                    if written is None:
                        raise SettingError(_refusal(names[i], orders[i], text(term, names, (time,)), time))
                    found.append((substitute(c, moved), written))
        return _summed(found)

    for i in range(n):  # first, so that products in other equations know how these states move
        if orders[i] == 1:
            speeds[i] = rate(i)
    positions = [speed for speed in speeds[:n] if speed is not None]
    return positions, [rate(i) for i in second], tuple(shifts)


def _parts(term: Expr, order: int, n_variables: int, clock: int | None) -> tuple[TimePart, ...]:
    """Return the summands of a term; only an equation of second order has a velocity for derivatives in front."""
    if order == 2 or not has_derivative(term):
        return time_parts(term, n_variables, clock)
    function = to_jets(term, n_variables)
    return (TimePart(0, function, max(function.variables, default=0) // n_variables),)


def _at_speed(part: TimePart, moved: Sequence[Expr], speeds: Sequence[Expr | None]) -> Expr | None:
    """Return a summand with the speeds in place of derivatives, None where it needs others than are known."""
    n_variables = len(speeds)
    if part.order or part.depth > 1:
        return None
    if part.depth == 0:
        return substitute(part.function, moved)
    wanted = [index - n_variables for index in part.function.variables if index >= n_variables]
    if any(speeds[index] is None for index in wanted):
        return None
    return substitute(part.function, [*moved[:n_variables], *(speed or ZERO for speed in speeds)])


def _in_front(field: VectorField, second: tuple[int, ...], orders: Sequence[int]) -> FirstOrder:
    """Return a law that has derivatives by time in front of its terms only, or none; over space no others are run."""
    n = len(field.states)
    moved = [variable(i if i < n else i + len(second)) for i in range(n + len(field.inputs))]
    halves = [_split(field, i, orders[i]) for i in range(n)]
    rates = [substitute(rest, moved) for _, rest in halves]
    shifts = tuple(substitute(halves[i][0], moved) for i in second)
    positions = list(rates)
    for k, i in enumerate(second):
        positions[i] = variable(n + k) if shifts[k] == ZERO else variable(n + k) + shifts[k]
    return FirstOrder(
        _with_velocities(field, second, (*positions, *(rates[i] for i in second))),
        second,
        shifts,
    )


def _with_velocities(field: VectorField, second: tuple[int, ...], expressions: tuple[Expr, ...]) -> VectorField:
    n = len(field.states)
    return replace(
        field,
        states=field.states + tuple(f"{field.states[i]}'" for i in second),
        expressions=expressions,
        units=field.units and (*field.units[:n], *(None for _ in second), *field.units[n:]),
        orders=(),
    )


def _split(field: VectorField, i: int, order: int) -> tuple[Expr, Expr]:
    """Return g and f of the right-hand side f + D(g, time)."""
    if not _has_time(field.expressions[i]):
        return ZERO, field.expressions[i]
    moved, stays = [], []
    for number, term in additive(field.expressions[i]):
        orders, inner = outermost(term)
        if not _has_time(term):
            stays.append((constant(number), term))
        elif order == 2 and orders[:1] == (1,) and not _has_time(inner):
            moved.append((constant(number), derivative(inner, (0, *orders[1:]))))
        else:
            raise SettingError(_refusal(field.states[i], order, text(term, field.names, field.axes), field.time))
    return _summed(moved), _summed(stays)


def _refusal(state: str, order: int, written: str, time: str) -> str:
    if order == 1:
        return (
            f"The equation of {state} has the derivative by {time} {written} on its right-hand side too; "
            "a law is run forward from right-hand sides without one."
        )
    return (
        f"The equation of {state} has the term {written}, which needs a derivative by {time} that is no velocity of "
        "the law; only D(g, time) in front, and velocities in products and functions, can be run forward."
    )


def _has_time(expr: Expr) -> bool:
    return any(orders[:1] > (0,) for orders in expr.orders)


def _summed(terms: Sequence[tuple[Expr, Expr]]) -> Expr:
    total: Expr | None = None
    for coefficient, term in terms:
        product = term if coefficient.value == 1.0 else multiply(coefficient, term)
        total = product if total is None else add(total, product)
    return ZERO if total is None else total
