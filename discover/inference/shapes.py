"""What one factor of a formula might be instead: other functions of the same product of variables.

Over a short range a cosine passes for the root of Lorentz, a line for Bose's denominator and an exponential for either.
A part of a formula that depends on the variables as Π x^a g(Π x^e) is compared with other g, whatever its spelling.
"""

from collections.abc import Iterator

import numpy as np

from discover.expr import (
    Expr,
    compile_program,
    constant,
    differentiate,
    multiply,
    parse,
    simplify,
    substitute,
    variable,
)
from discover.expr.parts import cut, spans
from discover.inference.forms import Form
from discover.problem import Array
from discover_kernels import opcodes

ONE_SIDED = (
    "sin(t)",
    "sin(t)**2",
    "cos(t)",
    "1/cos(t)",
    "tan(t)",
    "asin(t)",
    "atan(t)",
    "tanh(t)",
    "sinh(t)",
    "cosh(t)",
)
ONE_SIDED_EXPR = tuple(parse(text, ["t"]) for text in (*ONE_SIDED, "1/tanh(t) - 1/t"))
TWO_SIDED = (
    *("1 + t", "(1 + t)**2", "1/(1 + t)", "1/(1 + t)**2", "sqrt(1 + t)", "1/sqrt(1 + t)", "sqrt((1 + t)/(1 - t))"),
    *("exp(t)", "exp(t) - 1", "1/(exp(t) - 1)", "1/(exp(t) + 1)", "log(1 + t)"),
)
TWO_SIDED_EXPR = tuple(parse(text, ["t"]) for text in TWO_SIDED)
"""Functions of t = k w, even and odd ones, and those for which the sign of k matters."""

LARGEST_POWER = 6
SAME = 1e-7
"""Relative size of what slopes may differ by where they are the same but for rounding."""


def factorings(part: Expr, start: tuple[float, ...], X: Array) -> list[tuple[Expr, Expr]]:
    """Return (M, w) so that a part is M g(w) for some g, M and w products of powers of variables; few or none.

    The logarithmic slopes x ∂ ln|part| / ∂x of such a part lie on a line, a + e s, at all samples.

    Args:
        part: over the variables of the data and the free constants behind them.
        start: the values of the free constants.
        X: shape (n_variables, n_rows).

    >>> rng = np.random.default_rng(0)
    >>> factorings(parse("x/cos(y/z)", ["x", "y", "z"]), (), rng.uniform(1.0, 1.2, (3, 50)))
    [(Expr(x0), Expr(x1/x2))]
    """
    n = len(X)
    which = [v for v in part.variables if v < n]
    found = []
    slopes = _logarithmic_slopes(part, which, with_constants(start, X))
    if slopes is not None:
        found += _on_a_line(which, slopes)
    if part.tape[-1][0] >= opcodes.EXP:
        inside = _without_constants(Expr(part.tape[:-1], part.constants), n)
        if inside is not None and inside not in [w for _, w in found]:
            found.append((constant(1.0), inside))
    return found


def with_constants(start: tuple[float, ...], X: Array) -> Array:
    """Return samples with the values of free constants below them, shape (n_variables + n_free, n_rows)."""
    return np.concatenate([X, np.repeat(np.array(start, dtype=np.float64)[:, None], X.shape[1], axis=1)])


def _logarithmic_slopes(part: Expr, which: list[int], Z: Array) -> Array | None:
    value, *slopes = compile_program([part, *(differentiate(part, v) for v in which)], len(Z)).evaluate(Z)
    with np.errstate(all="ignore"):
        found = np.array([Z[v] * slope / value for v, slope in zip(which, slopes, strict=True)])
    usable = np.isfinite(found).all(axis=0)
    return found[:, usable] if usable.sum() > 2 * len(which) + 5 else None


def _on_a_line(which: list[int], slopes: Array) -> Iterator[tuple[Expr, Expr]]:
    middle = slopes.mean(axis=1)
    u, s, _ = np.linalg.svd(slopes - middle[:, None], full_matrices=False)
    size = max(float(np.abs(slopes).max()), 1e-9) * np.sqrt(slopes.shape[1])
    if s[0] < 0.1 * SAME * size:
        if _plain(middle):
            yield constant(1.0), _monomial(which, middle)
    elif len(s) == 1 or s[1] < SAME * s[0]:
        powers = _whole(u[:, 0])
        if powers is not None:
            k = int(np.argmax(np.abs(powers)))
            before = middle - middle[k] / powers[k] * powers
            if _plain(before):
                yield _monomial(which, before), _monomial(which, powers)


def _whole(direction: Array) -> Array | None:
    """Return a direction in whole numbers without a common divisor, None where they are not small."""
    used = np.abs(direction) > 1e-6
    least = direction / np.abs(direction[used]).min()
    for factor in (1, 2, 3):
        found = np.round(factor * least)
        if np.abs(factor * least - found).max() < 1e-4 and np.abs(found).max() <= LARGEST_POWER:
            return found / np.gcd.reduce(np.abs(found[used]).astype(int))
    return None


def _plain(powers: Array) -> bool:
    return bool(np.abs(2 * powers - np.round(2 * powers)).max() < 1e-5 and np.abs(powers).max() <= LARGEST_POWER)


def _monomial(which: list[int], powers: Array) -> Expr:
    found = constant(1.0)
    for v, power in zip(which, (np.round(2 * powers) / 2).tolist(), strict=True):
        if power:
            found = multiply(found, variable(v) ** (int(power) if power == int(power) else power))
    return simplify(found)


def _without_constants(expr: Expr, n_variables: int) -> Expr | None:
    """Return an expression with its free constants 1 and without a factor that is a number."""
    n = max(expr.variables, default=-1) + 1
    plain = simplify(substitute(expr, [variable(v) if v < n_variables else constant(1.0) for v in range(n)]))
    if plain.tape[-1][0] == opcodes.MUL and plain.tape[0][0] == opcodes.CONSTANT:
        rest = (1, len(plain.tape) - 1)
        plain = cut(plain, rest) if rest in list(spans(plain)) else plain
    return plain if plain.variables else None


def renumbered(expr: Expr, n_variables: int, values: dict[int, float]) -> Form:
    """Return a form whose free constants, variables of any number from n_variables on, follow each other.

    >>> renumbered(variable(0) * variable(5), 1, {4: 2.0, 5: 3.0})
    Form(expr=Expr(x0*x1), n_variables=1, start=(3.0,))
    """
    expr = simplify(expr)
    used = [v for v in sorted(expr.variables) if v >= n_variables]
    names = [variable(v) for v in range(max(expr.variables, default=-1) + 1)]
    for k, v in enumerate(used):
        names[v] = variable(n_variables + k)
    return Form(substitute(expr, names), n_variables, tuple(values[v] for v in used))
