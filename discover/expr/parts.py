"""Parts of an expression: where they stand on its tape, cut out of it, and replaced."""

from collections.abc import Iterator

from discover.expr.expression import Expr
from discover_kernels import opcodes

LEAVES = (opcodes.VARIABLE, opcodes.CONSTANT)
BINARY = (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW)

Span = tuple[int, int]


def spans(expr: Expr) -> Iterator[Span]:
    """Yield where every part of an expression begins and ends on its tape, itself last.

    >>> from discover.expr import parse
    >>> whole = parse("exp(x)*y", ["x", "y"])
    >>> [str(cut(whole, span)) for span in spans(whole)]
    ['Expr(x0)', 'Expr(exp(x0))', 'Expr(x1)', 'Expr(exp(x0)*x1)']
    """
    starts: list[int] = []
    for at, (opcode, _) in enumerate(expr.tape):
        if opcode in LEAVES:
            starts.append(at)
        elif opcode in BINARY:
            starts.pop()
        yield starts[-1], at + 1


def cut(expr: Expr, span: Span) -> Expr:
    """Return the part of an expression that stands there."""
    first, last = span
    return Expr(expr.tape[first:last], expr.constants[_n_constants(expr, first) : _n_constants(expr, last)])


def put(expr: Expr, span: Span, part: Expr) -> Expr:
    """Return an expression with another part in the place of one.

    >>> from discover.expr import parse, variable
    >>> put(parse("exp(x)*y", ["x", "y"]), (0, 2), variable(0))
    Expr(x0*x1)
    """
    first, last = span
    before, after = _n_constants(expr, first), _n_constants(expr, last)
    constants = (*expr.constants[:before], *part.constants, *expr.constants[after:])
    return Expr((*expr.tape[:first], *part.tape, *expr.tape[last:]), constants)


def operands(expr: Expr) -> tuple[Expr, Expr]:
    """Return both operands of a binary root.

    >>> from discover.expr import parse
    >>> operands(parse("exp(x)*y", ["x", "y"]))
    (Expr(exp(x0)), Expr(x1))
    """
    *_, (middle, end) = (span for span in spans(expr) if span[1] == len(expr.tape) - 1)
    return cut(expr, (0, middle)), cut(expr, (middle, end))


def _n_constants(expr: Expr, until: int) -> int:
    return sum(opcode == opcodes.CONSTANT for opcode, _ in expr.tape[:until])
