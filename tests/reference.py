"""Slow, obvious twins of the compiled kernels and of what is built on them, one headed section for each."""

import math

import numpy as np

# ---------------------------------------------------------------------------------------------
# Expressions and tapes (discover.expr, discover_kernels.tape): one sample at a time, plain Python
# ---------------------------------------------------------------------------------------------

SCALAR = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "ipow": lambda a, n: a**n,
    "pow": math.pow,
    "square": lambda a: a * a,
    "cube": lambda a: a * a * a,
    "sqrt": math.sqrt,
    "cbrt": lambda a: math.copysign(math.exp(math.log(abs(a)) / 3), a) if a else 0.0,
    "inv": lambda a: 1 / a,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
}


def scalar(name: str, *operands: float) -> float:
    """Return what an operator makes of finite numbers, NaN where it has no finite value."""
    if not all(math.isfinite(operand) for operand in operands):
        return math.nan
    try:
        value = float(SCALAR[name](*operands))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def value_at(expr, point) -> float:
    """Return the value of an expression at one point, by recursion from the root down."""
    from discover_kernels import opcodes

    names = {number: name.lower() for name, number in vars(opcodes).items() if isinstance(number, int)}
    tape, constants = list(expr.tape), list(expr.constants)

    def last() -> float:
        opcode, argument = tape.pop()
        name = names[opcode]
        if name == "variable":
            return float(point[argument])
        if name == "constant":
            return constants.pop()
        if name in ("add", "sub", "mul", "div", "pow"):
            right = last()
            return scalar(name, last(), right)
        return scalar(name, last(), argument) if name == "ipow" else scalar(name, last())

    return last()


def values(expr, X) -> np.ndarray:
    """Return the value of an expression at every sample, NaN where it has no finite one."""
    found = np.array([value_at(expr, point) for point in np.asarray(X).T])
    return np.where(np.isfinite(found), found, np.nan)


def rounding_error(expr, X) -> np.ndarray:
    """Return how far rounding may move an expression's value, to first order; NaN where it cannot be trusted.

    Each operation adds a few units of its own last place to what its operands bring along; numbers
    near the ends of the range of doubles are not trusted, because another order of the same
    operations may overflow there.
    """
    from discover.expr import VARIABLE, fold

    samples = np.asarray(X, dtype=float)
    eps = 8 * np.finfo(float).eps

    def leaf(kind, value):
        exact = samples[value] if kind == VARIABLE else np.full(samples.shape[1], value)
        return exact, np.zeros_like(exact)

    def branch(row, argument, children):
        operands = [operand for operand, _ in children]
        value = row.meaning(np, *operands, *row.arguments(argument))
        slopes = row.derivative(np, *operands, *row.arguments(argument))
        error = eps * np.abs(value)
        for slope, (_, brought) in zip(slopes, children, strict=True):
            error = error + np.where(brought > 0, np.abs(slope) * brought, 0.0)
        size = np.abs(value)
        is_plain = (size == 0) | ((size > 1e-30) & (size < 1e30))
        # A value that rounding could turn into zero, or out of a domain, is anything after a division.
        is_sure = is_plain & np.isfinite(value) & (error <= 1e-6 * size + 1e-300)
        return value, np.where(is_sure, error, np.nan)

    with np.errstate(all="ignore"):
        return fold(expr, leaf, branch)[1]


def run_program(program, X) -> np.ndarray:
    """Return the value of every expression of a compiled program, instruction by instruction."""
    from discover_kernels import opcodes

    names = {number: name.lower() for name, number in vars(opcodes).items() if isinstance(number, int)}
    columns = []
    for point in np.asarray(X, dtype=float).T:
        rows = [math.nan] * program.n_rows
        rows[: len(point)] = point.tolist()
        rows[len(point) : len(point) + len(program.constants)] = program.constants.tolist()
        for opcode, out, a, b in program.code.tolist():
            name = names[opcode]
            if name in ("add", "sub", "mul", "div", "pow"):
                rows[out] = scalar(name, rows[a], rows[b])
            else:
                rows[out] = scalar(name, rows[a], b) if name == "ipow" else scalar(name, rows[a])
        columns.append([rows[root] for root in program.roots.tolist()])
    return np.array(columns).reshape(-1, program.n_exprs).T
