"""How long is the description of data by a formula? Nats for what it leaves, for its tokens and for its constants.

Source: Rissanen (1978), doi:10.1016/0005-1098(78)90005-5; the price of a token is measured (decision 48).
"""

import math

from discover.expr import Expr
from discover.inference.forms import Form
from discover_kernels import opcodes

PER_TOKEN = 1.5
EASY = (0.5, 1.0, 2.0)
"""Numbers that cost no more than a name."""

WHOLE, BROKEN = 2, 5
"""Tokens that another whole number, or any other number, costs beside its own: one of so many might fit by chance."""

NAMED = tuple(
    sorted(
        {
            base * share
            for base in (math.pi, 1 / math.pi)
            for share in (0.125, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 1.0, 4 / 3, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
        }
        | {f(x) for x in (2.0, 3.0, math.pi, 2 * math.pi) for f in (math.sqrt, lambda v: 1 / math.sqrt(v))}
        | {math.e, 1 / math.e, math.pi**2, 4 * math.pi**2, math.pi**-2}
    )
)
"""Numbers with π, e or a root that formulas hold; they cost as much as a whole number."""

HIGH_POWER = 4

FLOOR = 1e-26
"""Mean squared error, relative to the mean square of y, below which rounding is not told apart."""


def n_tokens(expr: Expr) -> int:
    """Return how many names, numbers and operators an expression takes to write down.

    >>> from discover.expr import parse
    >>> n_tokens(parse("x/y**2", ["x", "y"])), n_tokens(parse("x**1.7", ["x"]))
    (5, 8)
    """
    total, constants = 0, iter(expr.constants)
    written = {opcodes.SQUARE: 2, opcodes.CUBE: 2, opcodes.IPOW: 2, opcodes.INV: 2}
    for opcode, argument in expr.tape:
        total += written.get(opcode, 1)
        if opcode == opcodes.IPOW and abs(argument) > HIGH_POWER:
            total += WHOLE
        if opcode == opcodes.CONSTANT:
            total += number_tokens(next(constants)) - 1
    return total


def number_tokens(value: float) -> int:
    """Return how many tokens a number counts.

    >>> number_tokens(-2.0), number_tokens(7.0), number_tokens(0.3)
    (1, 3, 6)
    >>> number_tokens(2 * math.pi)
    3
    """
    size = abs(value)
    return 1 if size in EASY else 1 + WHOLE if size == round(size) or size in NAMED else 1 + BROKEN


def description_length(form: Form, mse: float, n_rows: int) -> float:
    """Return the nats that a form takes to describe n_rows values of which it leaves `mse` of their mean square.

    >>> from discover.expr import parse
    >>> line = Form(parse("a*x", ["x", "a"]), 1, (2.0,))
    >>> round(description_length(line, 1e-4, 100), 1)
    -449.1
    """
    return 0.5 * max(n_rows - form.n_free, 1) * math.log(max(mse, FLOOR)) + form_length(form, n_rows)


def form_length(form: Form, n_rows: int) -> float:
    """Return the nats that a form takes by itself: its tokens, and half ln n_rows a free constant."""
    return PER_TOKEN * n_tokens(form.expr) + 0.5 * form.n_free * math.log(n_rows)
