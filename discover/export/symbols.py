"""Laws as SymPy expressions."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from discover.equation import Equation, Law, Term
from discover.expr import AXES, VARIABLE, Expr, Operator, fold

if TYPE_CHECKING:
    import sympy

Derive = Callable[[Any, tuple[int, ...]], Any]
"""(operand, multi-index) -> its derivative."""


def to_sympy(law: Law) -> "dict[sympy.Basic, sympy.Expr]":
    """Return the right-hand side of every state by the state's symbol; numbers keep every bit.

    Where the law holds derivatives, its variables are functions such as u(t, x), and the keys too. That of
    a stochastic law dx = f dt + g_x dW is its drift, and g_x**2 stands under that key.

    >>> from discover.export.specimen import specimen
    >>> list(to_sympy(specimen()[0]))
    [hare, lynx]
    """
    import sympy

    symbols = variables(law, law.names, law.axes)
    found = {symbols[at]: right_hand_side(equation, symbols, law) for at, equation in enumerate(law.equations)}
    for equation in law.diffusion:
        found[sympy.Symbol(f"g_{equation.target}") ** 2] = right_hand_side(equation, symbols, law)
    return found


def variables(law: Law, names: Sequence[str], axes: Sequence[str]) -> list[Any]:
    """Return a symbol for every variable, or a function of the axes where the law holds derivatives.

    An input that is an axis itself stays its symbol. `names` and `axes` say how the law's are to be called.
    """
    import sympy

    if not has_derivatives(law):
        return [sympy.Symbol(name) for name in names]
    along = [sympy.Symbol(axis) for axis in axes]
    return [
        along[law.axes.index(own)] if own in law.inputs and own in law.axes else sympy.Function(name)(*along)
        for own, name in zip(law.names, names, strict=True)
    ]


def has_derivatives(law: Law) -> bool:
    """Return whether the law is over space, or differentiates by time on its right-hand side.

    >>> from discover.export.specimen import specimen
    >>> has_derivatives(specimen()[0])
    False
    """
    terms = (term for equation in law.equations for term in (*equation.terms, *equation.denominator))
    return bool(law.space) or any(term.expr.orders for term in terms)


def right_hand_side(
    equation: Equation, symbols: Sequence[Any], law: Law, axes: Sequence[str] | None = None
) -> "sympy.Expr":
    """Return one right-hand side over the symbols of its variables; `axes` names the symbols to differentiate by."""
    import sympy

    along = [sympy.Symbol(axis) for axis in axes or law.axes]

    def derive(operand: Any, orders: tuple[int, ...]) -> Any:
        return sympy.Derivative(operand, *((along[at], order) for at, order in enumerate(orders) if order))

    return quotient(equation, symbols, derive)


def quotient(equation: Equation, symbols: Sequence[Any], derive: Derive) -> "sympy.Expr":
    """Return the sum of an equation's terms over its denominator, where it has one."""
    import sympy

    def total(terms: Sequence[Term]) -> Any:
        values = (sympy.Integer(1) if term.is_reference else sympy.Float(term.value) for term in terms)
        exprs = (expression(term.expr, symbols, derive) for term in terms)
        return sympy.Add(*(value * expr for value, expr in zip(values, exprs, strict=True)))

    above = total(equation.terms)
    return above / total(equation.denominator) if equation.denominator else above


def expression(expr: Expr, symbols: Sequence[Any], derive: Derive | None = None) -> "sympy.Expr":
    """Return one expression over the symbols of its variables.

    Args:
        expr: what to write in SymPy.
        symbols: of the variables, or whatever stands for them.
        derive: what D means; an unevaluated derivative by t, x, y, z where None.

    >>> import sympy
    >>> from discover.expr import parse
    >>> expression(parse("2*sin(x)", ["x"]), [sympy.Symbol("x")])
    2*sin(x)
    """
    import sympy

    namespace = SimpleNamespace(**{**vars(sympy), "D": derive or _derivative})

    def leaf(kind: int, value: Any) -> Any:
        if kind == VARIABLE:
            return symbols[value]
        return sympy.Integer(int(value)) if value.is_integer() and abs(value) < 1e15 else sympy.Float(value)

    def branch(row: Operator, argument: Any, children: tuple[Any, ...]) -> Any:
        return row.meaning(namespace, *children, *row.arguments(argument))

    return sympy.sympify(fold(expr, leaf, branch))


def _derivative(operand: Any, orders: tuple[int, ...]) -> Any:
    import sympy

    return sympy.Derivative(operand, *((sympy.Symbol(AXES[at]), order) for at, order in enumerate(orders) if order))
