"""Formulas that a user wrote: guesses, forms whose constants are to be fitted, and forms with a hole."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from discover.errors import ExpressionError, SettingError
from discover.expr import Expr, mentions, parse_calls, simplify, text, variable
from discover.inference.forms import Form
from discover.symbolic.given import Given

LIKELY, SHORT = 0.75, 3
"""How like a column a name of more letters than this must be to be a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An unknown function in a form: its name, and what it is a function of, over the data's variables."""

    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Spelled:
    """A form as a user wrote it.

    Attributes:
        expr: over the data's variables, then the constants, then the value of the unknown function.
        n_variables: how many variables the data have.
        constants: names of the free constants.
        hole: the unknown function; None where there is none.
    """

    expr: Expr
    n_variables: int
    constants: tuple[str, ...]
    hole: Hole | None = None

    @property
    def form(self) -> Form:
        """The form of a text without a hole, every constant 1 to begin with."""
        return Form(self.expr, self.n_variables, (1.0,) * len(self.constants))


def spelled(written: object, option: str, names: Sequence[str], n_targets: int, given: Sequence[Given] = ()) -> Spelled:
    """Return the form that a text spells: names that are no columns are free constants, unknown functions are holes.

    Args:
        written: the text; it may begin with the target and "=".
        option: what the text was given as, for messages.
        names: of the variables, the targets first.
        n_targets: how many of them are targets, which may not stand in it.
        given: the user's operators.

    Raises:
        SettingError: where the text cannot be read, holds a target, or more than one unknown function.

    >>> found = spelled("k = a*exp(-f(T))", "form", ["k", "T"], 1)
    >>> found.constants, found.hole
    (('a',), Hole(name='f', arguments=(Expr(x1),)))
    """
    if not isinstance(written, str) or not written.strip():
        raise SettingError(f'{option} must be text such as "a*exp(-b/T)", got {written!r}.')
    body = _right_side(written, option, names[:n_targets])
    try:
        mentioned, calls = mentions(body)
        unknown = [name for name in calls if name not in {one.name for one in given}]
        constants = tuple(name for name in mentioned if name not in names)
        _check(body, option, names, n_targets, mentioned, constants, unknown)
        seen: list[tuple[Expr, ...]] = []
        place = variable(len(names) + len(constants))

        def hole(*arguments: Expr) -> Expr:
            seen.append(arguments)
            return place

        own = {one.name: _operator(one, option) for one in given}
        expr = parse_calls(body, [*names, *constants], {**own, **dict.fromkeys(unknown, hole)})
    except ExpressionError as error:
        raise SettingError(f'{option} "{written}" cannot be read: {error}') from None
    if not seen:
        return Spelled(expr, len(names), constants)
    return Spelled(expr, len(names), constants, _hole(unknown[0], seen, option, names))


def _right_side(written: str, option: str, targets: Sequence[str]) -> str:
    left, equals, right = written.partition("=")
    if not equals:
        return written
    if left.strip().strip("`") not in targets:
        raise SettingError(f'{option} "{written}" explains {left.strip()}, and the target is {" or ".join(targets)}.')
    return right


def _check(
    body: str,
    option: str,
    names: Sequence[str],
    n_targets: int,
    mentioned: Sequence[str],
    constants: Sequence[str],
    unknown: Sequence[str],
) -> None:
    for name in mentioned:
        if name in names[:n_targets]:
            raise SettingError(f'{option} "{body.strip()}" holds the target {name}, which cannot explain itself.')
    for name in constants:
        columns = list(names[n_targets:])
        alike = [column for column in columns if column.lower() == name.lower()]
        alike += get_close_matches(name, columns, 1, LIKELY) if len(name) > SHORT else []
        if alike:
            raise SettingError(
                f'{option} has "{name}", which is no column and would be a free constant. Did you mean {alike[0]}? '
                "If not, call it something else."
            )
    if len(unknown) > 1:
        raise SettingError(f"{option} has the unknown functions {', '.join(unknown)}; one at a time can be sought.")


def _operator(one: Given, option: str):
    def over(*arguments: Expr) -> Expr:
        if len(arguments) != 1:
            raise SettingError(f"{option} gives {one.name} {len(arguments)} arguments; it takes one.")
        return one.over(arguments[0])

    return over


def _hole(name: str, seen: list[tuple[Expr, ...]], option: str, names: Sequence[str]) -> Hole:
    """Return the hole; wherever it stands it must be the same function of the same columns."""
    arguments = seen[0]
    if not arguments:
        raise SettingError(f"{option} has {name}(), an unknown function of nothing; name its columns: {name}(T).")
    if any(tuple(map(simplify, other)) != tuple(map(simplify, arguments)) for other in seen[1:]):
        raise SettingError(f"{option} has {name} of different arguments; only one function of the same can be sought.")
    for argument in arguments:
        if not argument.variables or argument.variables[-1] >= len(names):
            raise SettingError(
                f"{option} has {name}({text(argument, [*names, *'abcdefgh'])}); an unknown function is one of columns."
            )
    return Hole(name, arguments)
