"""Relations as syntax trees: which left-hand sides, coefficients, parameters and numbers they are made of.

Left-hand sides (dx/dt, x', x'', x[n+1]) become names of their own before Python's grammar reads the rest; the tree is
walked, never run.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from discover.errors import ExpressionError, SettingError
from discover.expr import Expr, parse
from discover.expr.parsing import FUNCTIONS
from discover.physics.coefficient import Place
from discover.physics.subject import Subject

LONGEST = 2000
"""Characters of a requirement."""

_NAME = r"(?:`(?:[^`]|``)+`|[^\W\d]\w*)"
_LEFT = re.compile(
    rf"\bd(?P<twice>2|²)?\s*(?:\(\s*(?P<inside>{_NAME})\s*\)|(?P<bare>{_NAME}))\s*/\s*d\s*(?P<time>{_NAME})"
    rf"|(?P<next>{_NAME})\s*\[\s*n\s*\+\s*1\s*\]"
    rf"|(?P<primed>{_NAME})(?P<primes>['′″’]+)"
)
_COEFFICIENT = re.compile(
    rf"coefficient\s+of\s+(?P<term>.+?)\s+in\s+(?P<left>left_\d+_|{_NAME}(?![\w(]))", re.IGNORECASE
)
_QUOTED = re.compile(r"`((?:[^`]|``)*)`")
_OPERATORS: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement as it was written, and as Python's grammar reads it.

    Attributes:
        text: as written.
        plain: with left-hand sides and quoted names as identifiers.
        lefts: target of each such identifier.
        quoted: name of each identifier of a quoted name.
        subject: what it speaks of.
    """

    text: str
    plain: str
    lefts: Mapping[str, int] = field(hash=False)
    quoted: Mapping[str, str] = field(hash=False)
    subject: Subject = field(hash=False)

    def expression(self, node: ast.expr, more: Sequence[str] = ()) -> Expr:
        """Return a piece of the tree as an expression of the variables, and of more names behind them."""
        words = self.written(node)
        try:
            return parse(words, [*self.subject.names, *more], self.subject.axes)
        except ExpressionError as error:
            raise SettingError(f'"{self.text}" cannot be read: {error}') from None

    def written(self, node: ast.AST) -> str:
        """Return a piece of the tree as it was written, names in backticks again."""
        words = ast.get_source_segment(self.plain, node) or ""
        for identifier, name in self.quoted.items():
            words = words.replace(identifier, f"`{name}`")
        return words

    def name(self, identifier: str) -> str:
        """Return the name that an identifier stands for."""
        return self.quoted.get(identifier, identifier)

    def unknown(self, node: ast.AST) -> list[str]:
        """Return the names in a piece that are neither variables, functions nor left-hand sides: parameters."""
        called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
        names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in called]
        known = {*self.subject.names, *self.subject.axes, *FUNCTIONS}
        found = [name for name in names if self.name(name) not in known and name not in self.lefts]
        return list(dict.fromkeys(found))

    def lefts_in(self, node: ast.AST) -> list[int]:
        """Return the targets whose left-hand sides a piece holds, coefficients not counted."""
        inside = {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Subscript)}
        names = [part for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in inside]
        return [self.lefts[part.id] for part in names if part.id in self.lefts]

    def has_coefficient(self, node: ast.AST) -> bool:
        """Return whether a piece names a coefficient, x'[term]."""
        return any(isinstance(part, ast.Subscript) for part in ast.walk(node))


def line_of(words: str, subject: Subject) -> Line:
    """Return a requirement with its left-hand sides told apart.

    Raises:
        SettingError: where a left-hand side has no equation, or is not of its order.
    """
    if len(words) > LONGEST:
        raise SettingError(f"A requirement may have {LONGEST} characters, got {len(words)}.")
    lefts: dict[str, int] = {}
    quoted: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        found = next(match[key] for key in ("inside", "bare", "next", "primed") if match[key])
        target = subject.target(found.strip("`").replace("``", "`"), words)
        _check_left(match, target, words, subject)
        identifier = f"left_{target}_"
        lefts[identifier] = target
        return identifier

    def unquoted(match: re.Match[str]) -> str:
        identifier = f"quoted_{len(quoted)}_"
        quoted[identifier] = match[1].replace("``", "`")
        return identifier

    plain = _LEFT.sub(named, words)
    plain = _COEFFICIENT.sub(lambda match: _indexed(match, lefts, words, subject), plain)
    plain = _QUOTED.sub(unquoted, plain)
    plain = re.sub(r"(?<![=<>!])=(?!=)", "==", plain).replace("≥", ">=").replace("≤", "<=").replace("…", "...")
    return Line(words, plain.strip(), lefts, quoted, subject)


def _indexed(match: re.Match[str], lefts: dict[str, int], words: str, subject: Subject) -> str:
    """Return `coefficient of TERM in x'` as x'[TERM]; the left-hand side may be the name of its target alone."""
    left = match["left"]
    if left not in lefts:
        target = subject.target(left.strip("`"), words)
        left = f"left_{target}_"
        lefts[left] = target
    return f"{left}[{match['term']}]"


def _check_left(match: re.Match[str], target: int, words: str, subject: Subject) -> None:
    """Refuse a left-hand side that is not that of its target's equation."""
    time = (match["time"] or "").strip("`")
    order = 2 if match["twice"] else 1
    if match["primed"]:
        order = match["primes"].replace("″", "''").__len__()
    if time and match["twice"] and time.endswith(("2", "²")):
        time = time[:-1]
    if time and time not in ("t", subject.time):
        raise SettingError(f'"{words}" differentiates by {time}; these data go along {subject.time}.')
    if (
        subject.is_formula
        or bool(match["next"]) != subject.is_map
        or (not match["next"] and order != subject.order_of(target))
    ):
        raise SettingError(
            f'"{words}" speaks of {match[0].strip()}, and the left-hand side of {subject.targets[target]} is '
            f"{subject.left(target)}."
        )


def tree_of(line: Line) -> ast.expr:
    """Return the syntax tree of a relation or of a list.

    Raises:
        SettingError: where the text follows no grammar.
    """
    try:
        return ast.parse(line.plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SettingError(f'"{line.text}" cannot be read: {getattr(error, "msg", "nested too deeply")}.') from None


def operators(node: ast.Compare) -> list[str]:
    """Return the signs of a comparison."""
    return [_OPERATORS.get(type(op), "?") for op in node.ops]


def linear(
    line: Line, node: ast.expr, parameters: Mapping[str, tuple[Place, float]]
) -> tuple[dict[Place, float], float]:
    """Return a piece as weights of coefficients and a number.

    Args:
        line: where it stands.
        node: the piece.
        parameters: place and factor of every parameter: its coefficient is factor times the parameter.

    Raises:
        SettingError: where it is not linear in coefficients.
    """
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value):
            return {}, float(value)
        case ast.Name(id=name) if line.name(name) in parameters:
            place, factor = parameters[line.name(name)]
            return {place: 1.0 / factor}, 0.0
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name in line.lefts:
            from discover.expr import simplify

            return {(line.lefts[name], simplify(line.expression(inner))): 1.0}, 0.0
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _scaled(linear(line, inner, parameters), -1.0)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            a, b = linear(line, left, parameters), linear(line, right, parameters)
            return _added(a, _scaled(b, -1.0 if isinstance(op, ast.Sub) else 1.0))
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            a, b = linear(line, left, parameters), linear(line, right, parameters)
            if isinstance(op, ast.Mult) and not a[0]:
                return _scaled(b, a[1])
            if not b[0] and (b[1] or isinstance(op, ast.Mult)):
                return _scaled(a, b[1] if isinstance(op, ast.Mult) else 1.0 / b[1])
    if line.subject.is_formula and isinstance(node, ast.Subscript):
        raise SettingError(
            f'"{line.text}": coefficients of a formula cannot be required, since its terms are not known beforehand; '
            f'say what its values do, as in "increasing: {line.subject.targets[0]} in {line.subject.names[-1]}", '
            "or give form=."
        )
    raise SettingError(
        f'"{line.text}" has {line.written(node)}, which is neither a number nor a coefficient; a coefficient is '
        f"written {line.subject.left(0)}[term], a constant gets a name in a known form such as "
        f'"{line.subject.left(0)} = k*{line.subject.targets[0]} + ...".'
    )


Linear = tuple[dict[Place, float], float]


def _scaled(a: Linear, factor: float) -> Linear:
    return {place: factor * weight for place, weight in a[0].items()}, factor * a[1]


def _added(a: Linear, b: Linear) -> Linear:
    total = dict(a[0])
    for place, weight in b[0].items():
        total[place] = total.get(place, 0.0) + weight
    return total, a[1] + b[1]
