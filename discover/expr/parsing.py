"""Text to expression, by Python's own grammar and the operator table, and nothing else.

The text becomes a syntax tree (`ast`), which is walked, never run: what is not a number, a known
name, an arithmetic operator or a function of the table is refused with the piece that offends.
"""

import ast
import re
import warnings
from collections.abc import Callable, Sequence

from discover.errors import ExpressionError, did_you_mean
from discover.expr.expression import Expr, add, call, constant, derivative, divide, multiply, negate, power, subtract
from discover.expr.expression import variable as variable_leaf
from discover.expr.operators import OPERATORS
from discover.expr.printing import AXES

MAX_LENGTH = 100_000
MAX_NODES = 20_000
MAX_DEPTH = 2_000

FUNCTIONS = tuple(row.name for row in OPERATORS if row.arity == 1 and not row.has_argument)
_BINARY: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: multiply,
    ast.Div: divide,
    ast.Pow: power,
}
_QUOTED = re.compile(r"`((?:[^`]|``)*)`")


def parse(text: str, names: Sequence[str], axes: Sequence[str] = AXES) -> Expr:
    """Return the expression that the text spells.

    Names that Python would not take stand in backticks. `D(u, "x", 2)` is the second derivative along
    the axis x.

    Args:
        text: arithmetic with + - * / **, brackets, numbers, names and the functions of the table.
        names: of the variables; the position of a name is its variable's index.
        axes: names of the axes that D differentiates along.

    Raises:
        ExpressionError: where the text is too long, too deep, or says anything else.

    >>> parse("2*sin(x) - `hare pelts`**2", ["x", "hare pelts"])
    Expr(2*sin(x0) - x1**2)
    """
    tree, quoted = plain_text(text)
    return _Reader(names, axes, quoted, _unquote(text)[0].strip()).read(tree)


def plain_text(text: str) -> tuple[ast.expr, dict[str, str]]:
    """Return the syntax tree of a text, and what the identifiers in it stand for that were names in backticks.

    Raises:
        ExpressionError: where the text is too long or no expression at all.
    """
    if not isinstance(text, str):
        raise ExpressionError(f'An expression is text such as "a*x + b", got {text!r}.')
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"An expression may have {MAX_LENGTH} characters, got {len(text)}.")
    plain, quoted = _unquote(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on odd literals, which are refused below
            tree = ast.parse(plain.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f'"{_shorten(text)}" is not an expression: {error.msg}.') from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f'"{_shorten(text)}" cannot be read: {error or "nested too deeply"}.') from None
    return tree, quoted


def _shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _unquote(text: str) -> tuple[str, dict[str, str]]:
    """Replace every name in backticks by an identifier of its own that the text does not hold."""
    prefix = "q_"
    while prefix in text:
        prefix = "q" + prefix
    quoted: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = match.group(1).replace("``", "`")
        identifier = f"{prefix}{len(quoted)}"
        quoted[identifier] = name
        return identifier

    plain = _QUOTED.sub(stand_in, text)
    if "`" in plain:
        raise ExpressionError(f'"{_shorten(text)}" has a backtick without its partner; names stand in `two`.')
    return plain, quoted


class _Reader:
    """Walks one syntax tree from its leaves up, without recursion, so that depth costs no stack."""

    def __init__(self, names: Sequence[str], axes: Sequence[str], quoted: dict[str, str], source: str) -> None:
        self.indices = {name: index for index, name in enumerate(names)}
        self.axes, self.quoted, self.source = list(axes), quoted, source

    def read(self, tree: ast.expr) -> Expr:
        """Return the expression of a syntax tree."""
        values: list[Expr] = []
        pending: list[tuple[ast.expr, int, bool]] = [(tree, 1, False)]
        n_nodes = 0
        while pending:
            node, depth, is_ready = pending.pop()
            if is_ready:
                self.combine(node, values)
                continue
            n_nodes += 1
            if n_nodes > MAX_NODES or depth > MAX_DEPTH:
                raise ExpressionError(
                    f"An expression may have {MAX_NODES} nodes and {MAX_DEPTH} levels; this one has more."
                )
            pending.append((node, depth, True))
            pending.extend((child, depth + 1, False) for child in reversed(self.operands(node)))
        return values[0]

    def operands(self, node: ast.expr) -> list[ast.expr]:
        """Return the parts of a node that are expressions themselves, or refuse the node."""
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.Call(func=ast.Name(id="D"), args=[operand, *_], keywords=[]):
                return [operand]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                self.check_function(node, name, args)
                return args
            case ast.Name() | ast.Constant():
                return []
        raise ExpressionError(
            f"{self.piece(node)} is not allowed in an expression; write + - * / **, numbers, names and functions."
        )

    def combine(self, node: ast.expr, values: list[Expr]) -> None:
        """Replace the operands of a node, the last values on the stack, by its expression."""
        match node:
            case ast.BinOp(op=op):
                right, left = values.pop(), values.pop()
                values.append(_BINARY[type(op)](left, right))
            case ast.UnaryOp(op=ast.USub()):
                values.append(negate(values.pop()))
            case ast.Call(func=ast.Name(id="D")):
                values.append(derivative(values.pop(), self.orders(node)))
            case ast.Call(func=ast.Name(id=name)):
                values.append(call(name, values.pop()))
            case ast.Name(id=name):
                values.append(variable_leaf(self.index(self.quoted.get(name, name))))
            case ast.Constant(value=value):
                values.append(self.number(node, value))

    def check_function(self, node: ast.expr, name: str, args: list[ast.expr]) -> None:
        """Refuse a call of what is no function of the table, or with more or less than one argument."""
        if name not in FUNCTIONS:
            if name == "D":
                raise ExpressionError(f'{self.piece(node)} must read like D(u, "x", 2).')
            known = did_you_mean(name, (*FUNCTIONS, "D"))
            raise ExpressionError(f'There is no function "{self.quoted.get(name, name)}" in {self.piece(node)}.{known}')
        if len(args) != 1:
            raise ExpressionError(f"{self.piece(node)} has {len(args)} arguments, and {name} takes one.")

    def orders(self, node: ast.Call) -> tuple[int, ...]:
        """Return the multi-index that the arguments after the first of a D spell; an axis may go without quotes."""
        multi_index = [0] * len(self.axes)
        rest = node.args[1:]
        if not rest or len(rest) % 2:
            raise ExpressionError(f'{self.piece(node)} must read like D(u, "x", 2): an axis, then how often.')
        for axis, order in zip(rest[::2], rest[1::2], strict=True):
            match axis, order:
                case ((ast.Constant(value=str(name)) | ast.Name(id=name)), ast.Constant(value=int(count))) if (
                    not isinstance(count, bool)
                ):
                    name = self.quoted.get(name, name) if isinstance(axis, ast.Name) else name
                    if name not in self.axes:
                        raise ExpressionError(
                            f'There is no axis "{name}" to differentiate along.{did_you_mean(name, self.axes)}'
                        )
                    multi_index[self.axes.index(name)] += count
                case _:
                    raise ExpressionError(f'{self.piece(node)} must read like D(u, "x", 2): an axis, then how often.')
        return tuple(multi_index)

    def index(self, name: str) -> int:
        if name not in self.indices:
            raise ExpressionError(f'There is no variable "{name}".{did_you_mean(name, self.indices)}')
        return self.indices[name]

    def number(self, node: ast.expr, value: object) -> Expr:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExpressionError(f"{self.piece(node)} is not a number.")
        try:
            return constant(value)
        except OverflowError:
            raise ExpressionError(f"{self.piece(node)} is too large for a number.") from None

    def piece(self, node: ast.expr) -> str:
        """Return the offending text in quotes, with its backticked names restored."""
        found = ast.get_source_segment(self.source, node) or type(node).__name__
        for identifier, name in self.quoted.items():
            found = found.replace(identifier, f"`{name}`")
        return f'"{_shorten(found)}"'
