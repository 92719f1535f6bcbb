"""Formulas as SymbolicRegression.jl spells them: `x^2`, `square(x)`, `pow_abs(x, y)`, read as expressions of ours.

The text is taken apart by Python's grammar and never run: what our language lacks (`max`, `floor`, an operator of
one's own) is refused by name.
"""

import ast
from collections.abc import Callable, Sequence

from discover.errors import ExpressionError
from discover.expr import Expr, parse

TEMPLATES: dict[str, str] = {
    "div": "({0})/({1})",
    "mult": "({0})*({1})",
    "plus": "({0})+({1})",
    "add": "({0})+({1})",
    "sub": "({0})-({1})",
    "neg": "-({0})",
    "inv": "1/({0})",
    "square": "({0})**2",
    "cube": "({0})**3",
    "pow": "({0})**({1})",
    "pow_abs": "abs({0})**({1})",
    "safe_pow": "({0})**({1})",
    "sqrt_abs": "sqrt(abs({0}))",
    "log_abs": "log(abs({0}))",
    "log2": "log({0})/0.6931471805599453",
    "log10": "log({0})/2.302585092994046",
    "log1p": "log(1 + ({0}))",
    "log2_abs": "log(abs({0}))/0.6931471805599453",
    "log10_abs": "log(abs({0}))/2.302585092994046",
    "log1p_abs": "log(1 + abs({0}))",
    "asinh": "log(({0}) + sqrt(({0})**2 + 1))",
    "acosh": "log(({0}) + sqrt(({0})**2 - 1))",
    "fma": "({0})*({1}) + ({2})",
    "muladd": "({0})*({1}) + ({2})",
    **{f"safe_{name}": f"{name}({{0}})" for name in ("sqrt", "log", "asin", "acos")},
    "safe_log2": "log({0})/0.6931471805599453",
    "safe_log10": "log({0})/2.302585092994046",
    "safe_log1p": "log(1 + ({0}))",
    "safe_acosh": "log(({0}) + sqrt(({0})**2 - 1))",
}
"""What their operators are in ours, by the text of their operands."""


def read(text: str, names: Sequence[str]) -> Expr:
    """Return the expression that a formula of SymbolicRegression.jl spells over some names.

    Raises:
        ExpressionError: for an operator that our language does not have, and for what is no formula.

    >>> read("square(x0) * 2.5 - cos(x1 ^ 1.5)", ["x0", "x1"])
    Expr(x0**2*2.5 - cos(x1**1.5))
    """
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f'"{text[:60]}" is not a formula.') from None
    return parse(ast.unparse(_Ours().visit(tree)), names)


class _Ours(ast.NodeTransformer):
    """Replaces calls of their operators by what these are in ours."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        template = TEMPLATES.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if template is None or node.keywords:
            return node  # a function of our own table, or one that `parse` refuses by name
        write: Callable[..., str] = template.format
        try:
            return ast.parse(write(*(ast.unparse(operand) for operand in node.args)), mode="eval").body
        except IndexError:
            raise ExpressionError(f'"{ast.unparse(node)[:60]}" has too few operands.') from None
