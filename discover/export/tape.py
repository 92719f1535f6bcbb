"""An expression as plain data: its tape, which counts, beside its text, which people read.

A node is a list: ["variable", index], ["constant", number], or the name of an operator of the table
with its argument where it has one (["ipow", 5], ["D", [0, 2]]). Names, not opcodes: the numbers of
opcodes are the kernels' own business and may change.
"""

import math
from collections.abc import Sequence
from typing import Any

from discover.errors import ExpressionError, InputError, did_you_mean
from discover.export.notation import Words
from discover.expr import BY_NAME, CONSTANT, VARIABLE, Expr, fold, parse, text
from discover_kernels import opcodes

MAX_NODES = 20_000
MAX_EXPONENT = 1_000


class Damaged(InputError):
    """A field that is missing, unknown or of the wrong kind; the message starts with its path."""


def encode(expr: Expr, words: Words) -> dict[str, Any]:
    """Return the expression as a dictionary of its text and its tape.

    >>> from discover.expr import variable
    >>> encode(2 * variable(0), Words(["hare"]))
    {'text': '2*hare', 'tape': [['constant', 2.0], ['variable', 0], ['mul']]}
    """
    nodes: list[list[Any]] = []

    def leaf(kind: int, value: Any) -> None:
        nodes.append(["variable" if kind == VARIABLE else "constant", value])

    def branch(row: Any, argument: Any, _children: Any) -> None:
        extra = list(argument) if isinstance(argument, tuple) else argument
        nodes.append([row.name, extra] if row.has_argument else [row.name])

    fold(expr, leaf, branch)
    return {"text": text(expr, words.names, words.axes), "tape": nodes}


def decode(value: Any, words: Words, path: str) -> Expr:
    """Return the expression of such a dictionary, after checking that tape and text agree.

    Raises:
        Damaged: where it is no expression of the table and the named variables; the message starts with `path`.

    >>> decode({"text": "2*hare", "tape": [["constant", 2.0], ["variable", 0], ["mul"]]}, Words(["hare"]), "term")
    Expr(2*x0)
    """
    if not isinstance(value, dict) or set(value) != {"text", "tape"} or not isinstance(value["text"], str):
        raise Damaged(f'{path} should be an object with "text" and "tape"')
    expr = _expr(value["tape"], words.names, f"{path}.tape")
    try:
        written = text(expr, words.names, words.axes)
        agrees = value["text"] == written or parse(value["text"], words.names, words.axes) == expr
    except ExpressionError as error:
        raise Damaged(f"{path}: {str(error).rstrip('.')}") from None
    if not agrees:
        raise Damaged(f'{path}: the text says "{value["text"]}" but the tape says "{written}"')
    return expr


def _expr(nodes: Any, names: Sequence[str], path: str) -> Expr:
    if not isinstance(nodes, list) or not 0 < len(nodes) <= MAX_NODES:
        raise Damaged(f"{path} should be a list of 1 to {MAX_NODES} nodes")
    tape: list[tuple[int, int]] = []
    constants: list[float] = []
    orders: list[tuple[int, ...]] = []
    for at, node in enumerate(nodes):
        tape.append(_node(node, constants, orders, len(names), f"{path}[{at}]"))
    expr = Expr(tuple(tape), tuple(constants), tuple(orders))
    try:
        fold(expr, lambda kind, value: None, lambda row, argument, children: None)
    except ExpressionError as error:
        raise Damaged(f"{path}: {str(error).rstrip('.')}") from None
    return expr


def _node(node: Any, constants: list[float], orders: list[tuple[int, ...]], n_names: int, path: str) -> tuple[int, int]:
    """Return (opcode, argument) of one node, its number or multi-index appended to its list."""
    match node:
        case ["variable", int(index)] if not isinstance(index, bool) and 0 <= index < n_names:
            return VARIABLE, index
        case ["constant", int() | float() as number] if not isinstance(number, bool) and math.isfinite(number):
            constants.append(float(number))
            return CONSTANT, 0
        case ["D", [*multi_index]] if multi_index and all(type(order) is int and order >= 0 for order in multi_index):
            orders.append(tuple(multi_index))
            return opcodes.D, 0
        case ["ipow", int(exponent)] if not isinstance(exponent, bool) and abs(exponent) <= MAX_EXPONENT:
            return BY_NAME["ipow"].opcode, exponent
        case [str(name)] if name in BY_NAME and not BY_NAME[name].has_argument:
            return BY_NAME[name].opcode, 0
        case [str(name), *_] if name not in ("variable", "constant", *BY_NAME):
            raise Damaged(f'{path} names the unknown operator "{name}".{did_you_mean(name, BY_NAME)}'.rstrip("."))
    raise Damaged(f"{path} is no node of an expression over {n_names} variables: {str(node)[:60]}")
