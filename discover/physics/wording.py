"""What stands after a word: lists of names, tuples of expressions, maps and numbers."""

import re
from collections.abc import Sequence

from discover.errors import ExpressionError, SettingError
from discover.expr import Expr
from discover.physics.subject import Subject


def split(words: str, by: str = ",") -> list[str]:
    """Return the pieces of a text between separators that stand outside all brackets.

    >>> split("(x, y), z"), split("a -> b", "->")
    (['(x, y)', 'z'], ['a', 'b'])
    """
    pieces, depth, last, k = [], 0, 0, 0
    while k < len(words):
        depth += (words[k] in "([{") - (words[k] in ")]}")
        if depth == 0 and words.startswith(by, k):
            pieces.append(words[last:k].strip())
            k += len(by)
            last = k
            continue
        k += 1
    return [*pieces, words[last:].strip()]


def names_of(text: str, about: str, subject: Subject, example: str) -> tuple[str, ...]:
    """Return a list of names, without brackets.

    Raises:
        SettingError: where there is none; `example` shows what was expected.
    """
    inside = about.strip()
    if inside.startswith("(") and inside.endswith(")") and len(split(inside)) == 1:
        inside = inside[1:-1]
    found = tuple(piece.strip("` ") for piece in split(inside))
    if not all(found) or not found:
        raise SettingError(f'"{text}" should name what it is about, such as "{example}".')
    if len(set(found)) < len(found):
        raise SettingError(f'"{text}" names something twice.')
    return found


def tuples_of(text: str, about: str, subject: Subject, example: str) -> list[tuple[str, ...]]:
    """Return lists of names in brackets; one list may go without.

    Raises:
        SettingError: where there is none.
    """
    pieces = split(about)
    if all(piece.startswith("(") and piece.endswith(")") for piece in pieces):
        return [names_of(text, piece, subject, example) for piece in pieces]
    return [names_of(text, about, subject, example)]


def expression(text: str, words: str, subject: Subject) -> Expr:
    """Return an expression of the subject's names.

    Raises:
        SettingError: where it cannot be read.
    """
    try:
        return subject.parse(words)
    except ExpressionError as error:
        raise SettingError(f'"{text}" cannot be read: {error}') from None


def number(text: str, words: str) -> float:
    """Return a number.

    Raises:
        SettingError: where it is none.
    """
    match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d*)?(?:/\d+)?(?:[eE][+-]?\d+)?)\s*", words)
    if match is None:
        raise SettingError(f'"{text}" needs a number where it has "{words.strip()}".')
    above, _, below = match[1].partition("/")
    return float(above) / float(below or 1.0)


def targets_of(text: str, names: Sequence[str], subject: Subject) -> tuple[int, ...]:
    """Return the numbers of targets.

    Raises:
        SettingError: where one has no equation.
    """
    return tuple(subject.target(name, text) for name in names)


def only_motion(text: str, subject: Subject, maps: bool = False, fields: bool = False, twice: bool = False) -> None:
    """Refuse laws of another kind than a requirement is for: formulas, and maps, fields and x'' unless allowed.

    Raises:
        SettingError: naming the kind.
    """
    kinds = [
        (subject.is_formula, "formulas"),
        (subject.is_map and not maps, "maps"),
        (bool(subject.space) and not fields, "laws over space"),
        (2 in subject.orders and not twice, "laws of second order"),
    ]
    for is_so, kind in kinds:
        if is_so:
            raise SettingError(f'"{text}" is not for {kind}.')
