"""Which names a text mentions, before anybody knows what they stand for."""

import ast
import re

from discover.errors import ExpressionError
from discover.expr.parsing import FUNCTIONS, plain_text


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


def _again(node: ast.expr, quoted: dict[str, str]) -> str:
    """Return the text of a part, its names in backticks again."""
    found = ast.unparse(node)
    for identifier, name in quoted.items():
        found = re.sub(rf"\b{identifier}\b", lambda _, name=name: "`" + name.replace("`", "``") + "`", found)
    if len(found) > 1000:
        raise ExpressionError(f'"{found[:60]}…" is too long for the argument of a function.')
    return found
