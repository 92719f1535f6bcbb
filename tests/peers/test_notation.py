"""Formulas as SymbolicRegression.jl spells them."""

import math

import numpy as np
import pytest

from discover.errors import ExpressionError
from discover.expr import evaluate
from discover.peers.notation import TEMPLATES, read

X = np.array([[1.7], [2.3]])
MEANT = {
    "div": lambda x, y: x / y,
    "mult": lambda x, y: x * y,
    "plus": lambda x, y: x + y,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "neg": lambda x: -x,
    "inv": lambda x: 1 / x,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "pow": math.pow,
    "pow_abs": lambda x, y: abs(x) ** y,
    "safe_pow": math.pow,
    "sqrt_abs": lambda x: math.sqrt(abs(x)),
    "log_abs": lambda x: math.log(abs(x)),
    "log2": math.log2,
    "log10": math.log10,
    "log1p": math.log1p,
    "log2_abs": math.log2,
    "log10_abs": math.log10,
    "log1p_abs": math.log1p,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "fma": lambda x, y, z: x * y + z,
    "muladd": lambda x, y, z: x * y + z,
    "safe_sqrt": math.sqrt,
    "safe_log": math.log,
    "safe_log2": math.log2,
    "safe_log10": math.log10,
    "safe_log1p": math.log1p,
    "safe_acosh": math.acosh,
    "safe_asin": math.asin,
    "safe_acos": math.acos,
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_operator_of_theirs_means_the_same_in_ours(name):
    operands = [("x0/4" if name in ("safe_asin", "safe_acos") else "x0"), "x1", "0.5"]
    values = [1.7 / 4 if "/" in operands[0] else 1.7, 2.3, 0.5]
    arity = MEANT[name].__code__.co_argcount if hasattr(MEANT[name], "__code__") else (2 if "pow" in name else 1)
    found = evaluate(read(f"{name}({', '.join(operands[:arity])})", ["x0", "x1"]), X)
    assert float(np.ravel(found)[0]) == pytest.approx(MEANT[name](*values[:arity]), rel=1e-12)


def test_nested_operators_and_powers():
    expr = read("square(cos(x0 ^ 2.0) + log10(inv(x1))) * -1.5e-3", ["x0", "x1"])
    meant = -1.5e-3 * (np.cos(1.7**2) + np.log10(1 / 2.3)) ** 2
    assert float(np.ravel(evaluate(expr, X))[0]) == pytest.approx(meant)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max(x0, x1)", "max"),
        ("my_operator(x0)", "my_operator"),
        ("x7 + 1", "x7"),
        ("x0 +", "not a formula"),
        ("pow(x0)", "too few operands"),
        ("__import__('os').system('true')", "not allowed"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(text, said):
    with pytest.raises(ExpressionError, match=said):
        read(text, ["x0", "x1"])
