"""What a peer proposed, in our language: its formula without redundant constants, fitted again, as a candidate.

Peers compute in single precision (Operon) or fit no constants at all (gplearn), and put a number before every
variable. Their trees are simplified, every number that is left becomes a free constant, and these are fitted
in double precision: what is then judged is the form that they found, at its best.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from discover.errors import ExpressionError
from discover.expr import Expr, compile_program, constant, differentiate, simplify, substitute, variable
from discover.front import Candidate, Front
from discover.inference.addends import as_candidate
from discover.inference.description import EASY, description_length
from discover.inference.forms import Form, fitted, values
from discover.problem import Array, Problem
from discover_kernels import opcodes

FIT_ROWS = 2000
N_ITERATIONS = 50
MOST_FREE = 24
"""More free constants than this make a form no formula; it is left out."""

DEPENDENT = 1e-8
"""Smallest singular value of the slopes, relative, below which constants can trade places."""

SAME, TINY = 1.0 + 1e-6, 1e-20
"""A sum of squares may grow by this factor, and by this share of that of y, when a constant goes."""


def opened(expr: Expr, n_variables: int) -> Form:
    """Return an expression as a form whose numbers are free constants, all but ±1, ±2, ±½ and fixed exponents.

    >>> from discover.expr import parse
    >>> opened(parse("3.1*x**0.5 + 1/x", ["x"]), 1)
    Form(expr=Expr(x1*x0**0.5 + 1/x0), n_variables=1, start=(3.1,))
    """
    tape, kept, free = [], [], []
    numbers = iter(expr.constants)
    for k, (opcode, argument) in enumerate(expr.tape):
        if opcode != opcodes.CONSTANT:
            tape.append((opcode, argument))
            continue
        number = next(numbers)
        raises = k + 1 < len(expr.tape) and expr.tape[k + 1][0] == opcodes.POW and 2 * number == round(2 * number)
        if raises or abs(number) in EASY:
            kept.append(number)
            tape.append((opcode, argument))
        else:
            tape.append((opcodes.VARIABLE, n_variables + len(free)))
            free.append(number)
    return Form(Expr(tuple(tape), tuple(kept)), n_variables, tuple(free))


def translated(exprs: Iterable[Expr], n_variables: int) -> list[Form]:
    """Return the forms of expressions, simplified and each once; what cannot be simplified is left out."""
    forms: dict[Expr, Form] = {}
    for expr in exprs:
        try:
            form = opened(simplify(expr), n_variables)
        except (ExpressionError, OverflowError, ZeroDivisionError):
            continue
        if form.n_free <= MOST_FREE and np.isfinite(form.start).all():
            forms.setdefault(form.expr, form)
    return list(forms.values())


def candidates(problem: Problem, exprs: Iterable[Expr]) -> tuple[Candidate, ...]:
    """Return expressions of the target as candidates: constants fitted, those that a shorter one beats left out.

    Args:
        problem: an algebraic one, whose only block holds the observations.
        exprs: over the problem's variables.
    """
    (block,) = problem.blocks
    X, y = block.X, block.Y[0]
    rows = np.linspace(0, len(y) - 1, min(len(y), FIT_ROWS)).astype(int)
    forms = translated(exprs, problem.n_variables)
    constant_form = opened(_mean(y), problem.n_variables)
    few = np.ascontiguousarray(X[:, rows])
    found = []
    for form, sse in fitted([constant_form, *forms], few, y[rows], np.ones(len(rows)), N_ITERATIONS):
        form = independent(form, sse, few, y[rows]) if np.isfinite(sse) else form
        if np.isfinite(sse) and np.isfinite(values(form, X)).all():
            mse = float(np.mean((y - values(form, X)) ** 2)) / (float(np.mean(y**2)) or 1.0)
            score = 2.0 * description_length(form, mse, len(y))
            found.append(as_candidate(form, problem.targets[0], X, y, score))
    return tuple(_undominated(found))


def independent(form: Form, sse: float, X: Array, y: Array) -> Form:
    """Return a fitted form without the constants that others can stand in for, such as one of c₁·(c₂·x + c₃·z).

    A constant that the slopes of the others span is set to 1 with its sign, or where that does not fit as well
    to its number, and the others are fitted again.

    >>> from discover.expr import parse
    >>> X = np.linspace(1.0, 2.0, 20)[None]
    >>> form = Form(parse("a*(b*x + 1)", ["x", "a", "b"]), 1, (1.0, 1.0))
    >>> form == independent(form, 0.0, X, X[0] + 1.0)
    True
    """
    for _ in range(form.n_free):
        spare = _spare(form, X)
        if spare is None:
            break
        value = form.start[spare]
        for number in (math.copysign(1.0, value), value):
            fixed = _fixed(form, spare, number)
            ((again, rest),) = fitted([fixed], X, y, np.ones(len(y)), N_ITERATIONS)
            if rest <= sse * SAME + TINY * float(y @ y):
                form, sse = again, rest
                break
        else:
            break
    return form


def _spare(form: Form, X: Array) -> int | None:
    """Return the constant that weighs most in a direction in which nothing changes, None where there is none."""
    if form.n_free < 2:
        return None
    slopes = [differentiate(form.expr, form.n_variables + k) for k in range(form.n_free)]
    numbers = np.repeat(np.array(form.start)[:, None], X.shape[1], axis=1)
    J = compile_program(slopes, form.n_variables + form.n_free).evaluate(np.concatenate([X, numbers]))
    norms = np.linalg.norm(J, axis=1)
    if not (np.isfinite(norms).all() and (norms > 0).all()):
        return None
    u, s, _ = np.linalg.svd(J / norms[:, None], full_matrices=False)
    return int(np.argmax(np.abs(u[:, -1]))) if s[-1] < DEPENDENT * s[0] else None


def _fixed(form: Form, k: int, number: float) -> Form:
    """Return the form with free constant k a number."""
    n = form.n_variables
    parts = [variable(v) for v in range(n)]
    parts += [constant(number) if i == k else variable(n + i - (i > k)) for i in range(form.n_free)]
    return Form(substitute(form.expr, parts), n, (*form.start[:k], *form.start[k + 1 :]))


def _mean(y: Array) -> Expr:
    return Expr(((opcodes.CONSTANT, 0),), (float(y.mean()),))


def _undominated(found: Sequence[Candidate]) -> list[Candidate]:
    """Return those that no shorter one fits better, and the best score in any case."""
    best = min(found, key=lambda one: one.score)
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda one: (one.complexity, one.loss)):
        if one is best or not kept or one.loss < kept[-1].loss:
            kept.append(one)
    return kept


def front(problem: Problem, exprs: Iterable[Expr], n_evals: int, told: str, interrupted: bool) -> Front:
    """Return what a peer proposed after so many evaluations as a front, with a note of who it was."""
    return Front(
        problem.targets,
        candidates(problem, exprs),
        max(1, n_evals),
        problem.n_rows,
        (told,),
        interrupted,
    )
