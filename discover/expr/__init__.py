"""The one language: expressions, the operator table, dimensions and libraries of terms.

A library term, a search candidate and a right-hand side are all `Expr`. Every question about one is
a `fold` over its tape, and what an operator is stands in one row of `operators.py`.

To add an operator: a number in `discover_kernels/opcodes.py`, a row in `operators.py`, a branch in
`discover_kernels/tape.py`; a test stays red until all three are there.
To add a library: a frozen dataclass that inherits `Library` and has `build(names) -> tuple[Expr, ...]`,
beside its like in `families.py`; what combines libraries stands in `library.py`, `wishes.py` and `varying.py`.
"""

from discover.expr.arrangement import arranged
from discover.expr.differentiation import differentiate
from discover.expr.dimensions import DIMENSIONLESS, Dimension
from discover.expr.evaluation import evaluate, interval, interval_throughout
from discover.expr.expression import (
    CONSTANT,
    SYMBOLS,
    VARIABLE,
    Expr,
    add,
    call,
    constant,
    derivative,
    divide,
    fold,
    multiply,
    negate,
    power,
    substitute,
    subtract,
    variable,
)
from discover.expr.families import Exponential, Fourier, Functions, Power, Trigonometric
from discover.expr.inner import closed, inner_values, opened, with_inner
from discover.expr.intervals import Interval
from discover.expr.jets import TimePart, has_derivative, time_parts, to_jets
from discover.expr.library import (
    Derivatives,
    Entry,
    Library,
    Polynomial,
    Scope,
    Terms,
    TimeDerivatives,
    default_library,
)
from discover.expr.mentions import mentions, parse_calls
from discover.expr.monomials import exponents, without_common_factor
from discover.expr.operators import BY_NAME, BY_OPCODE, OPERATORS, Operator
from discover.expr.parsing import FUNCTIONS as FUNCTION_NAMES
from discover.expr.parsing import parse
from discover.expr.printing import AXES, name_text, number_text, text
from discover.expr.program import Program, compile_program
from discover.expr.rational import Rational, denominators
from discover.expr.recipes import read_library
from discover.expr.signs import signs_in_front, unsigned
from discover.expr.simplification import simplify
from discover.expr.units import dimension_of
from discover.expr.varying import Varying
from discover.expr.wishes import Forced, PerEquation, Without, check_targets
from discover.expr.zeros import Zero, zero_in

__all__ = [
    "AXES",
    "BY_NAME",
    "BY_OPCODE",
    "CONSTANT",
    "DIMENSIONLESS",
    "FUNCTION_NAMES",
    "OPERATORS",
    "SYMBOLS",
    "VARIABLE",
    "Derivatives",
    "Dimension",
    "Entry",
    "Exponential",
    "Expr",
    "Forced",
    "Fourier",
    "Functions",
    "Interval",
    "Library",
    "Operator",
    "PerEquation",
    "Polynomial",
    "Power",
    "Program",
    "Rational",
    "Scope",
    "Terms",
    "TimeDerivatives",
    "TimePart",
    "Trigonometric",
    "Varying",
    "Without",
    "Zero",
    "add",
    "arranged",
    "call",
    "check_targets",
    "closed",
    "compile_program",
    "constant",
    "default_library",
    "denominators",
    "derivative",
    "differentiate",
    "dimension_of",
    "divide",
    "evaluate",
    "exponents",
    "fold",
    "has_derivative",
    "inner_values",
    "interval",
    "interval_throughout",
    "mentions",
    "multiply",
    "name_text",
    "negate",
    "number_text",
    "opened",
    "parse",
    "parse_calls",
    "power",
    "read_library",
    "signs_in_front",
    "simplify",
    "substitute",
    "subtract",
    "text",
    "time_parts",
    "to_jets",
    "unsigned",
    "variable",
    "with_inner",
    "without_common_factor",
    "zero_in",
]
