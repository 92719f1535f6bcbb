"""Is a formula the law? Two scorers: an exact one, at 30 digits, and SRBench's own, on rounded constants.

Exact: the form's free constants are fitted to clean values of the law, first in double precision, then by
Gauss-Newton with 60 digits, and must give the law to 30 digits on points they were not fitted to. So the form
is judged, not what noise did to the numbers. SRBench (La Cava et al. 2021, arXiv:2107.14351): after floats are
rounded to three decimals and SymPy has simplified, law minus formula or formula over law is a constant.
"""

import math
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import mpmath
import numpy as np

from discover.export.symbols import expression as as_sympy
from discover.expr import (
    CONSTANT,
    Expr,
    Operator,
    compile_program,
    constant,
    differentiate,
    evaluate,
    fold,
    substitute,
    variable,
)
from discover.inference.forms import Form, fitted, values
from discover_kernels import opcodes

Array = np.ndarray
Draw = Callable[[int], tuple[Array, Array]]
"""n_rows -> X (n_variables, n_rows) and the law's clean values (n_rows,), drawn anew at every call."""

CLOSE = 1e-6
"""Relative root mean square in double precision, after refitting, above which a form is not looked at further."""

DIGITS, WORKING = 30, 60
N_FIT, N_CHECK, N_STEPS = 400, 6, 12
MOST_DIGITS_FREE = 16

MOST_EXPONENT = 1e4
"""Logarithm of the largest value that is computed in many digits; doubles end at 709."""

FAITHFUL = 1e-12
"""Relative change up to which a fixed number, such as 3.14159… or 2.5, may be refined."""

PLAIN = (0.0, 0.5, 1.0, 2.0)
"""Numbers that are what they are."""

DECIMALS, LEAST = 3, 1e-4
"""SRBench rounds floats to so many decimals and takes smaller ones for zero."""

NEARLY = 0.05
"""Spread of difference or ratio on points, relative, beyond which SymPy is not asked whether it is a constant."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a form compares with a law.

    Attributes:
        exact: whether it is the law once its constants are fitted.
        superfluous: how many of its constants fit to nothing then.
    """

    exact: bool
    superfluous: int = 0


def match(form: Form, law: Expr, draw: Draw) -> Match:
    """Return whether a form is a law, both over the same variables.

    >>> from discover.expr import parse
    >>> rng = np.random.default_rng(0)
    >>> law = parse("3*x/(1 + x)", ["x"])
    >>> def draw(n_rows):
    ...     X = rng.uniform(1.0, 2.0, (1, n_rows))
    ...     return X, evaluate(law, X)
    >>> match(Form(parse("1/(a + b/x)", ["x", "a", "b"]), 1, (0.3, 0.4)), law, draw)
    Match(exact=True, superfluous=0)
    >>> match(Form(parse("a*x**b", ["x", "a", "b"]), 1, (1.4, 0.4)), law, draw)
    Match(exact=False, superfluous=0)
    """
    if form.n_free > MOST_DIGITS_FREE:
        return Match(False)
    X, y = draw(N_FIT)
    again = _refitted(form, X, y)
    fresh, clean = draw(5 * N_FIT)
    rest = values(again, fresh) - clean
    if not (np.isfinite(rest).all() and np.sqrt(np.mean(rest**2)) < CLOSE * np.sqrt(np.mean(clean**2))):
        return Match(False)
    if not _agrees(loosened(again), form.n_free, law, X, fresh):
        return Match(False)
    return Match(True, _superfluous(again, X, y))


def loosened(form: Form) -> Form:
    """Return the form with its fixed numbers freed, last, the plainest aside.

    A double cannot hold π or a third; nor can it hold the tenths of a law, whose inverse a form may hold as 2.5.
    """
    tape, kept, free = [], [], []
    numbers = iter(form.expr.constants)
    for opcode, argument in form.expr.tape:
        number = next(numbers) if opcode == opcodes.CONSTANT else None
        if number is not None and abs(number) not in PLAIN:
            tape.append((opcodes.VARIABLE, form.n_variables + form.n_free + len(free)))
            free.append(number)
            continue
        tape.append((opcode, argument))
        kept += [] if number is None else [number]
    return Form(Expr(tuple(tape), tuple(kept)), form.n_variables, (*form.start, *free))


def _refitted(form: Form, X: Array, y: Array) -> Form:
    """Return the form fitted to clean values, from its own constants; relative errors where y spans decades."""
    size = np.abs(y)
    wide = size.max() > 1e3 * max(size[size > 0].min(initial=math.inf), 1e-300)
    tries = [np.ones(len(y)), 1.0 / np.maximum(size, 1e-12 * size.max()) ** 2] if wide else [np.ones(len(y))]
    best, least = form, math.inf
    for weights in tries:
        ((again, _),) = fitted([form], X, y, weights, 200)
        rest = float(np.sqrt(np.mean((values(again, X) - y) ** 2)))
        if rest < least:
            best, least = again, rest
    return best


def _agrees(form: Form, n_fitted: int, law: Expr, X: Array, fresh: Array) -> bool:
    """Return whether constants near those of the form give the law to 30 digits at fresh points.

    Those from n_fitted on are numbers that the form holds to be known: they may only be refined.
    """
    with mpmath.workdps(WORKING):
        slopes = [differentiate(form.expr, form.n_variables + k) for k in range(form.n_free)]
        c = [mpmath.mpf(value) for value in form.start]
        points = [[mpmath.mpf(float(v)) for v in X[:, i]] for i in range(min(X.shape[1], 3 * form.n_free + 4))]
        try:
            targets = [_exactly(law, point) for point in points]
            for _ in range(N_STEPS if c else 0):
                c, moved = _step(form, slopes, c, points, targets)
                if moved < mpmath.mpf(10) ** (-WORKING // 2):
                    break
            if any(abs(c[k] - form.start[k]) > FAITHFUL * abs(form.start[k]) for k in range(n_fitted, form.n_free)):
                return False
            for i in range(N_CHECK):
                point = [mpmath.mpf(float(v)) for v in fresh[:, i]]
                truth = _exactly(law, point)
                if abs(_exactly(form.expr, [*point, *c]) - truth) > mpmath.mpf(10) ** -DIGITS * abs(truth):
                    return False
        except (ZeroDivisionError, OverflowError, ValueError, TypeError):
            return False
    return True


def _step(
    form: Form, slopes: Sequence[Expr], c: list[Any], points: Sequence[list[Any]], targets: Sequence[Any]
) -> tuple[list[Any], Any]:
    """Return the constants after one damped Gauss-Newton step on relative errors, and how far it went, relative."""
    n = len(c)
    rows = [
        ([_exactly(slope, [*p, *c]) / t for slope in slopes], (_exactly(form.expr, [*p, *c]) - t) / t)
        for p, t in zip(points, targets, strict=True)
        if t
    ]
    size = [mpmath.sqrt(sum(J[k] ** 2 for J, _ in rows)) or mpmath.mpf(1) for k in range(n)]
    A = mpmath.matrix(n, n)
    b = mpmath.matrix(n, 1)
    for J, r in rows:
        for k in range(n):
            b[k] -= J[k] / size[k] * r
            for m in range(n):
                A[k, m] += J[k] / size[k] * J[m] / size[m]
    for k in range(n):
        A[k, k] += mpmath.mpf(10) ** (-WORKING // 2)  # constants that can trade places leave A singular
    step = mpmath.lu_solve(A, b)
    moved = max(abs(step[k]) for k in range(n))
    return [c[k] + step[k] / size[k] for k in range(n)], moved


def _exactly(expr: Expr, point: Sequence[Any]) -> Any:
    """Return the value of an expression at a point in mpmath's numbers, π meant where a number is its double."""

    def leaf(kind: int, value: Any) -> Any:
        if kind != CONSTANT:
            return point[value]
        return mpmath.pi * (value / math.pi) if value in (math.pi, -math.pi) else mpmath.mpf(value)

    def branch(row: Operator, argument: Any, children: tuple[Any, ...]) -> Any:
        _within_doubles(row, children)
        return row.meaning(mpmath, *children, *row.arguments(argument))

    return fold(expr, leaf, branch)


def _within_doubles(row: Operator, children: Sequence[Any]) -> None:
    """Refuse exponentials beyond doubles: 30 digits of exp(1e9) take half an hour, and no form of ours has such values.

    Raises:
        OverflowError: for those, and for powers that are not real.
    """
    exponent = mpmath.mpf(0)
    if row.opcode == opcodes.EXP:
        exponent = children[0]
    elif row.opcode == opcodes.POW and children[0]:
        exponent = children[1] * mpmath.log(children[0])
    if isinstance(exponent, mpmath.mpc) or abs(exponent) > MOST_EXPONENT:
        raise OverflowError(f"{row.name} of {children}")


def _superfluous(form: Form, X: Array, y: Array) -> int:
    """Return how many constants do nothing once fitted."""
    if not form.n_free:
        return 0
    slopes = [differentiate(form.expr, form.n_variables + k) for k in range(form.n_free)]
    numbers = np.repeat(np.array(form.start)[:, None], X.shape[1], axis=1)
    J = compile_program(slopes, form.n_variables + form.n_free).evaluate(np.concatenate([X, numbers]))
    effect = np.linalg.norm(J * numbers, axis=1)
    return int(np.sum(effect < CLOSE * np.linalg.norm(y)))


def srbench(formula: Expr, law: Expr, names: Sequence[str], X: Array, seconds: float = 10.0) -> bool:
    """Return whether SRBench would count a formula as solved; not within `seconds` of SymPy counts as no.

    Args:
        formula, law: over the variables `names`, constants as numbers.
        X: points of the test range, shape (n_variables, n_points); used to spare SymPy what cannot be.
        seconds: of wall clock.

    >>> from discover.expr import parse
    >>> X = np.linspace(1.0, 2.0, 50)[None]
    >>> srbench(parse("2.00001*x + 0.7", ["x"]), parse("2*x", ["x"]), ["x"], X)
    True
    >>> srbench(parse("2.1*x + 0.7", ["x"]), parse("2*x", ["x"]), ["x"], X)
    False
    """
    if not _may_be_constant(formula, law, X):
        return False
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=_answer, args=(there, formula, law, tuple(names)))
    worker.start()
    there.close()
    try:
        return bool(here.recv()) if here.poll(seconds) else False
    except EOFError:
        return False
    finally:
        worker.kill()
        worker.join()


def _may_be_constant(formula: Expr, law: Expr, X: Array) -> bool:
    """Return whether difference or ratio of the rounded formula and the law hardly vary over points."""
    found = np.broadcast_to(evaluate(rounded(formula), X), X.shape[1:])
    true = np.broadcast_to(evaluate(law, X), X.shape[1:])
    with np.errstate(all="ignore"):
        difference, ratio = found - true, found / true
    if not np.isfinite(difference).all():
        return False
    size = float(np.sqrt(np.mean(true**2)))
    ratio = ratio[np.isfinite(ratio)]
    return bool(difference.std() <= NEARLY * size or (len(ratio) and ratio.std() <= NEARLY * abs(ratio.mean())))


def rounded(expr: Expr) -> Expr:
    """Return an expression whose numbers are rounded as SRBench does.

    >>> rounded(2.00041 * variable(0) + 0.00009)
    Expr(2*x0 + 0)
    """
    numbers = [0.0 if abs(value) < LEAST else round(value, DECIMALS) for value in expr.constants]
    return Expr(expr.tape, tuple(numbers), expr.orders)


def _answer(there: Connection, formula: Expr, law: Expr, names: Sequence[str]) -> None:
    there.send(_is_constant_apart(formula, law, names))


def _is_constant_apart(formula: Expr, law: Expr, names: Sequence[str]) -> bool:
    import sympy

    def simple(value: Any) -> Any:
        return value.subs(
            {a: 0 if abs(a) < LEAST else sympy.Float(round(float(a), DECIMALS)) for a in value.atoms(sympy.Float)}
        )

    symbols = [sympy.Symbol(name, real=True) for name in names]
    true = as_sympy(law, symbols)
    found = simple(sympy.simplify(as_sympy(formula, symbols), ratio=1))
    difference, ratio = simple(true - found), simple(found / true)
    if difference.is_constant() or (ratio.is_constant() and ratio != 0):
        return True
    difference = simple(sympy.simplify(difference, ratio=1))
    if difference.is_constant():
        return True
    ratio = simple(sympy.simplify(ratio, ratio=1))
    return bool(ratio.is_constant() and ratio != 0)


def numbered(expr: Expr, n_variables: int, numbers: Sequence[float]) -> Expr:
    """Return an expression with the variables from n_variables on replaced by numbers.

    >>> from discover.expr import parse
    >>> numbered(parse("a*x", ["x", "a"]), 1, [2.5])
    Expr(2.5*x0)
    """
    parts = [variable(v) for v in range(n_variables)]
    return substitute(expr, [*parts, *(constant(value) for value in numbers)])
