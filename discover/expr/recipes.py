"""Libraries as text: `poly(3) + fourier(2, of=theta)`, read by Python's own grammar against a table of families.

The text is walked, never run. What a library prints as is read back to the same library, so a law's settings can be
typed again; shorter names (poly, trig) are for people.
"""

import ast
import inspect
from collections.abc import Callable
from typing import Any

from discover.errors import SettingError, did_you_mean
from discover.expr.families import Exponential, Fourier, Functions, Power, Trigonometric
from discover.expr.library import Derivatives, Library, Polynomial, Terms, TimeDerivatives
from discover.expr.rational import Rational
from discover.expr.varying import Varying
from discover.expr.wishes import Forced, PerEquation

MAX_LENGTH, MAX_DEPTH = 10_000, 60

FAMILIES: dict[str, Callable[..., Library]] = {
    "poly": Polynomial,
    "terms": Terms,
    "fourier": Fourier,
    "trig": Trigonometric,
    "exponential": Exponential,
    "power": Power,
    "functions": Functions,
    "forced": Forced,
    "varying": Varying,
    "per_equation": PerEquation,
    "derivatives": Derivatives,
    "time_derivatives": TimeDerivatives,
    "rational": Rational,
}
"""Short name -> family; the names of the classes are read as well."""

_BY_NAME = FAMILIES | {family.__name__: family for family in FAMILIES.values()}  # pyright: ignore[reportAttributeAccessIssue]
_WORDS = {"True": True, "False": False, "None": None}


def read_library(text: str) -> Library:
    """Return the library that a text spells.

    Families are called with numbers, names of variables (in quotes where Python would not take them), terms in
    quotes, lists of these, and other libraries; `+` joins, `*` multiplies every pair, `-` leaves out.

    Raises:
        SettingError: where the text is no library; it names the piece.

    >>> read_library('poly(2) + fourier(2, of=theta) - terms("theta**2")').build(["theta"])[:3]
    (Expr(1), Expr(x0), Expr(sin(x0)))
    >>> read_library("varying(poly(1), rho)").build(["x", "rho"])
    (Expr(1), Expr(x1), Expr(x0), Expr(x0*x1))
    """
    if len(text) > MAX_LENGTH:
        raise SettingError(f"A library may be spelled with {MAX_LENGTH} characters, got {len(text)}.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        told = error.msg if isinstance(error, SyntaxError) else "nested too deeply"
        raise SettingError(f'"{_short(text)}" is no library: {told}. Write poly(3) + fourier(2, of=theta).') from None
    return _library(tree, text.strip(), 0)


def _library(node: ast.expr, source: str, depth: int) -> Library:
    piece = _short(ast.get_source_segment(source, node) or type(node).__name__)
    if depth > MAX_DEPTH:
        raise SettingError(f"A library may be nested {MAX_DEPTH} deep; this one is deeper.")
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _library(left, source, depth + 1) + _library(right, source, depth + 1)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _library(left, source, depth + 1) * _library(right, source, depth + 1)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _library(left, source, depth + 1) - _library(right, source, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            return _called(
                name, piece, [_value(arg, source, depth + 1) for arg in args], _named(keywords, source, depth)
            )
        case ast.Name(id=name):
            return _called(name, piece, [], {})
    raise SettingError(
        f'"{piece}" is no library; join families such as poly(3) or terms("sin(x)") by +, * and -, and put terms of '
        "your own in quotes."
    )


def _named(keywords: list[ast.keyword], source: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for keyword in keywords:
        if keyword.arg is None or keyword.arg in found:
            raise SettingError(f'"{_short(source)}" names an option twice, or none.')
        found[keyword.arg] = _value(keyword.value, source, depth + 1)
    return found


def _value(node: ast.expr, source: str, depth: int) -> Any:
    """Return an argument: a number, a word, a list or dict of them, or a library."""
    match node:
        case ast.Constant(value=value) if value is None or isinstance(value, bool | int | float | str):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if isinstance(value, int | float):
            return -value
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return tuple(_value(part, source, depth + 1) for part in parts)
        case ast.Dict(keys=keys, values=values) if all(key is not None for key in keys):
            pairs = zip(keys, values, strict=True)
            return {_value(key, source, depth + 1): _library(value, source, depth + 1) for key, value in pairs if key}
        case ast.Name(id=name) if name not in _BY_NAME:
            return name
    return _library(node, source, depth)


def _called(name: str, piece: str, args: list[Any], options: dict[str, Any]) -> Library:
    family = _BY_NAME.get(name)
    if family is None:
        raise SettingError(f'There is no library "{name}".{did_you_mean(name, _BY_NAME)}')
    takes = inspect.signature(family)
    known = [each.name for each in takes.parameters.values() if each.kind is not each.VAR_POSITIONAL]
    for option in options:
        if option not in known:
            raise SettingError(f'"{piece}" has no option "{option}".{did_you_mean(option, known)}')
    try:
        takes.bind(*args, **options)
    except TypeError as error:
        raise SettingError(f'"{piece}" cannot be read: {error}.') from None
    return family(*args, **options)


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
