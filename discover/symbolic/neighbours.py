"""Neighbours of a form: one of its parts replaced by what is a step away from it.

Under noise a sum passes for the root of a sum of squares, and a line for a sine. Once a form seems to explain the data,
those next to it are asked too: if one of them is better the search goes on from it, and one about as good is a rival.
"""

from collections.abc import Iterator

from discover.errors import ExpressionError
from discover.expr import Expr, call, simplify, variable
from discover.expr.parts import cut, operands, put, spans
from discover.inference.forms import Form
from discover_kernels import opcodes

FUNCTIONS = ("sqrt", "exp", "log", "sin", "cos", "tanh")
LONGEST = 40
"""Nodes of a form beyond which there are too many neighbours."""


def neighbours(form: Form) -> list[Form]:
    """Return the forms a step away, each once.

    >>> from discover.expr import parse
    >>> found = [one.expr for one in neighbours(Form(parse("a*(x + y)", ["x", "y", "a"]), 2, (1.0,)))]
    >>> parse("a*sqrt(x**2 + y**2)", ["x", "y", "a"]) in found
    True
    """
    expr = form.expr
    if len(expr.tape) > LONGEST:
        return []
    found: dict[Expr, Form] = {}
    for span in spans(expr):
        part = cut(expr, span)
        free = all(v >= form.n_variables for v in part.variables)
        for other in () if free else _next_to(part, variable(form.n_variables + form.n_free)):
            try:
                whole = simplify(put(expr, span, other))
            except (ExpressionError, ZeroDivisionError, OverflowError):
                continue
            n_free = len({v for v in whole.variables if v >= form.n_variables})
            if n_free in (form.n_free, form.n_free + 1) and max(whole.variables) < form.n_variables + n_free:
                found.setdefault(whole, Form(whole, form.n_variables, (*form.start, 1.0)[:n_free]))
    return list(found.values())


def _next_to(part: Expr, free: Expr) -> Iterator[Expr]:
    """Yield what may stand in the place of a part; `free` is a constant more."""
    yield from (call(name, part) for name in FUNCTIONS)
    yield part**2
    yield 1 / part
    yield free * part
    if part.root not in (opcodes.ADD, opcodes.SUB):
        return
    a, b = operands(part)
    squares = a**2 + b**2 if part.root == opcodes.ADD else a**2 - b**2
    inverses = 1 / a + 1 / b if part.root == opcodes.ADD else 1 / a - 1 / b
    yield from (call("sqrt", squares), squares, 1 / inverses, a * b, a - b if part.root == opcodes.ADD else a + b)
    yield from (free * a + b, a + free * b)
