"""Which names a text mentions, before anybody knows what they stand for."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from discover.errors import ExpressionError
from discover.expr.expression import Expr, substitute, variable
from discover.expr.parsing import FUNCTIONS, parse, plain_text


def mentions(text: str) -> tuple[tuple[str, ...], dict[str, tuple[tuple[str, ...], ...]]]:
    """Return the names in a text, in order, and the calls of functions that are not in the table.

    Args:
        text: arithmetic, as `parse` takes it.

    Returns:
        The names of variables, and for each unknown function the arguments of every call as text.

    Raises:
        ExpressionError: where the text is no expression.

    >>> mentions("a*exp(-f(T)) + `b 2`")
    (('a', 'T', 'b 2'), {'f': (('T',),)})
    """
    tree, quoted = plain_text(text)
    names: dict[str, None] = {}
    calls: dict[str, tuple[tuple[str, ...], ...]] = {}
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = quoted.get(node.func.id, node.func.id)
            if name not in (*FUNCTIONS, "D"):
                calls[name] = (*calls.get(name, ()), tuple(_again(argument, quoted) for argument in node.args))
            pending.extend(reversed(node.args))
        elif isinstance(node, ast.Name):
            names[quoted.get(node.id, node.id)] = None
        else:
            pending.extend(reversed([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]))
    return tuple(names), calls


def parse_calls(text: str, names: Sequence[str], calls: Mapping[str, Callable[..., Expr]]) -> Expr:
    """Return the expression that a text spells, where some functions are not in the table.

    Args:
        text: arithmetic, as `parse` takes it.
        names: of the variables; the position of a name is its variable's index.
        calls: functions by name, of the expressions that they are applied to.

    Raises:
        ExpressionError: where the text says anything else.

    >>> parse_calls("a*f(x)", ["x", "a"], {"f": lambda u: 1 / u})
    Expr(x1*(1/x0))
    """
    tree, quoted = plain_text(text)
    mark = "call_"
    while mark in text or any(mark in name for name in quoted):
        mark = "_" + mark
    found: list[Expr] = []

    def read(node: ast.expr) -> Expr:
        known = [variable(v) for v in range(len(names))]
        return substitute(parse(_again(node, quoted), [*names, *_marks()]), [*known, *found])

    def _marks() -> list[str]:
        return [f"{mark}{k}" for k in range(len(found))]

    class Calls(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            name = quoted.get(node.func.id, node.func.id) if isinstance(node.func, ast.Name) else ""
            if name not in calls:
                return node
            found.append(calls[name](*(read(argument) for argument in node.args)))
            return ast.Name(_marks()[-1])

    try:
        return read(Calls().visit(tree))
    except RecursionError:
        raise ExpressionError("An expression with unknown functions may not be nested so deeply.") from None


def _again(node: ast.expr, quoted: dict[str, str]) -> str:
    """Return the text of a part, its names in backticks again."""
    found = ast.unparse(node)
    for identifier, name in quoted.items():
        found = re.sub(rf"\b{identifier}\b", lambda _, name=name: "`" + name.replace("`", "``") + "`", found)
    if len(found) > 1000:
        raise ExpressionError(f'"{found[:60]}…" is too long for the argument of a function.')
    return found
