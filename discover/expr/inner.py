"""Constants inside a term that are fitted: the 0.7 of exp(-0.7 x), by their place among the term's constants."""

from collections.abc import Sequence

from discover.expr.expression import CONSTANT, VARIABLE, Expr


def inner_values(term: Expr, places: Sequence[int]) -> tuple[float, ...]:
    """Return the numbers that stand at some places among a term's constants.

    >>> from discover.expr import parse
    >>> inner_values(parse("exp(-0.5*x)", ["x"]), (0,))
    (-0.5,)
    """
    return tuple(term.constants[place] for place in places)


def with_inner(term: Expr, places: Sequence[int], values: Sequence[float]) -> Expr:
    """Return a term with other numbers at some places among its constants; its tape stays as it is.

    >>> from discover.expr import parse
    >>> with_inner(parse("exp(-0.5*x)", ["x"]), (0,), (2.0,))
    Expr(exp(2*x0))
    """
    numbers = list(term.constants)
    for place, value in zip(places, values, strict=True):
        numbers[place] = float(value)
    return Expr(term.tape, tuple(numbers), term.orders)


def opened(term: Expr, places: Sequence[int], first: int) -> Expr:
    """Return a term with variables from `first` on in the place of some of its constants, in the order of `places`.

    >>> from discover.expr import parse
    >>> opened(parse("exp(-0.5*x)", ["x"]), (0,), 7)
    Expr(exp(x7*x0))
    """
    tape, constants = [], []
    order = {place: first + k for k, place in enumerate(places)}
    numbers = iter(enumerate(term.constants))
    for opcode, argument in term.tape:
        if opcode == CONSTANT:
            place, value = next(numbers)
            if place in order:
                tape.append((VARIABLE, order[place]))
                continue
            constants.append(value)
        tape.append((opcode, argument))
    return Expr(tuple(tape), tuple(constants), term.orders)


def closed(form: Expr, first: int, values: Sequence[float]) -> tuple[Expr, tuple[int, ...]]:
    """Return an expression with numbers in the place of its variables from `first` on, and where these stand.

    >>> from discover.expr import parse
    >>> closed(parse("a*exp(-b*x)", ["x", "a", "b"]), 1, (2.0, 0.5))
    (Expr(2*exp(-0.5*x0)), (0, 1))
    """
    numbers = iter(form.constants)
    tape, constants, places = [], [], []
    for opcode, argument in form.tape:
        if opcode == VARIABLE and argument >= first:
            places.append(len(constants))
            constants.append(float(values[argument - first]))
            tape.append((CONSTANT, 0))
            continue
        if opcode == CONSTANT:
            constants.append(next(numbers))
        tape.append((opcode, argument))
    return Expr(tuple(tape), tuple(constants), form.orders), tuple(places)
