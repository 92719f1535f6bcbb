"""A form as a candidate: its additive terms, each with the coefficient before it and the constants inside."""

import math
from collections.abc import Iterator

import numpy as np

from discover.expr import Expr, arranged, constant, differentiate, simplify, variable
from discover.front import Candidate
from discover.inference.forms import Array, Form, values
from discover_kernels import opcodes


def as_candidate(form: Form, target: str, X: Array, y: Array, score: float) -> Candidate:
    """Return a fitted form as a candidate for the target, taken apart into its additive terms.

    Args:
        form: with its constants.
        target: the variable it explains.
        X, y: the data, shapes (n_variables, n_rows) and (n_rows,).
        score: how it ranks, smaller is better.

    >>> from discover.expr import parse
    >>> X = np.linspace(1.0, 2.0, 5)[None]
    >>> one = as_candidate(Form(parse("a*x", ["x", "a"]), 1, (2.0,)), "y", X, 2.0 * X[0], 0.0)
    >>> one.terms, one.coefficients, one.r2
    ((Expr(x0),), (2.0,), 1.0)
    """
    terms, coefficients, std, inner, which = [], [], [], [], []
    for k, expr in split(form):
        written, places = _numbered(expr, form)
        which += [v for opcode, v in expr.tape if opcode == opcodes.VARIABLE and v >= form.n_variables]
        terms.append(written)
        coefficients.append(1.0 if k is None else form.start[k])
        std.append(0.0 if k is None else math.nan)
        inner.append(places)
    rest = y - values(form, X)
    spread = float(np.sum((y - y.mean()) ** 2))
    return Candidate(
        target=target,
        terms=tuple(terms),
        coefficients=tuple(coefficients),
        std=tuple(std),
        loss=float(np.mean(rest**2)),
        score=score,
        r2=1.0 - float(rest @ rest) / spread if spread > 0 else 0.0,
        alternatives=("",) * len(terms),
        inner=tuple(inner),
        ties=tuple(map(sorted(set(which)).index, which)) if len(set(which)) < len(which) else (),
    )


def split(form: Form) -> Iterator[tuple[int | None, Expr]]:
    """Yield the additive terms of a form: (number of the free constant before it or None, what is left).

    >>> from discover.expr import parse
    >>> form = Form(parse("a*x + sin(b*x)", ["x", "a", "b"]), 1, (2.0, 0.5))
    >>> list(split(form))
    [(0, Expr(x0)), (None, Expr(sin(x2*x0)))]
    """
    parts = list(_addends(form.expr))
    for i, part in enumerate(parts):
        others = {v for j, other in enumerate(parts) if j != i for v in other.variables}
        for v in part.variables:
            if v < form.n_variables or v in others:
                continue
            slope = differentiate(part, v)
            if v not in slope.variables and simplify(part - variable(v) * slope) == constant(0.0):
                yield v - form.n_variables, arranged(slope)
                break
        else:
            yield None, part


def _addends(expr: Expr) -> Iterator[Expr]:
    """Yield what a sum is made of, from left to right."""
    if expr.root not in (opcodes.ADD, opcodes.SUB):
        yield expr
        return
    left, right = _operands(expr)
    yield from _addends(left)
    for part in _addends(right):
        yield part if expr.root == opcodes.ADD else -part


def _operands(expr: Expr) -> tuple[Expr, Expr]:
    """Return both operands of the root; a subtree is a slice of the tape."""
    need, at = 1, len(expr.tape) - 1
    while need:  # walk back until the right operand is complete
        at -= 1
        opcode = expr.tape[at][0]
        binary = (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW)
        need += (2 if opcode in binary else 0 if opcode in (opcodes.VARIABLE, opcodes.CONSTANT) else 1) - 1
    left, right = expr.tape[:at], expr.tape[at:-1]
    n = sum(opcode == opcodes.CONSTANT for opcode, _ in left)
    return Expr(left, expr.constants[:n]), Expr(right, expr.constants[n:])


def _numbered(expr: Expr, form: Form) -> tuple[Expr, tuple[int, ...]]:
    """Return the expression with its free constants as numbers, and which of its constants those are."""
    fixed = iter(expr.constants)
    tape, constants, places = [], [], []
    for opcode, argument in expr.tape:
        if opcode == opcodes.VARIABLE and argument >= form.n_variables:
            places.append(len(constants))
            constants.append(form.start[argument - form.n_variables])
            tape.append((opcodes.CONSTANT, 0))
            continue
        if opcode == opcodes.CONSTANT:
            constants.append(next(fixed))
        tape.append((opcode, argument))
    return Expr(tuple(tape), tuple(constants)), tuple(places)
