"""Laws as SymPy expressions."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from discover.equation import Law
from discover.expr import VARIABLE, Expr, Operator, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sympy

AXES = ("t", "x", "y", "z")


def to_sympy(law: Law) -> "dict[sympy.Symbol, sympy.Expr]":
    """Return the right-hand side of every state by the state's symbol; numbers keep every bit.

    >>> from discover.export.specimen import specimen
    >>> list(to_sympy(specimen()[0]))
    [hare, lynx]
    """
    import sympy

    symbols = [sympy.Symbol(name) for name in law.names]
    return {
        symbols[at]: sympy.Add(*(sympy.Float(term.value) * expression(term.expr, symbols) for term in equation.terms))
        for at, equation in enumerate(law.equations)
    }


def expression(expr: Expr, symbols: "Sequence[sympy.Symbol]") -> "sympy.Expr":
    """Return one expression over the symbols of its variables.

    >>> import sympy
    >>> from discover.expr import parse
    >>> expression(parse("2*sin(x)", ["x"]), [sympy.Symbol("x")])
    2*sin(x)
    """
    import sympy

    namespace = SimpleNamespace(**{**vars(sympy), "D": _derivative})

    def leaf(kind: int, value: Any) -> Any:
        if kind == VARIABLE:
            return symbols[value]
        return sympy.Integer(int(value)) if value.is_integer() and abs(value) < 1e15 else sympy.Float(value)

    def branch(row: Operator, argument: Any, children: tuple[Any, ...]) -> Any:
        return row.meaning(namespace, *children, *row.arguments(argument))

    return sympy.sympify(fold(expr, leaf, branch))


def _derivative(operand: Any, orders: tuple[int, ...]) -> Any:
    import sympy

    return sympy.Derivative(operand, *((AXES[axis], order) for axis, order in enumerate(orders) if order))
