"""How a left side and a derivative are written: x′, x″, x[n+1], u_t, u_xx, (u²)_x.

Subscripts are the letters of the axes; axes with longer names stand in braces, apart by commas.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from discover.equation import Equation
from discover.expr import AXES

PRIMES = ("", "′", "″", "‴")
NOW, NEXT = "n", "n+1"
"""The index of a map's values, and of the next ones."""


def axis_letters(axes: Sequence[str]) -> tuple[str, ...]:
    """Return how each axis is written in a subscript: time as t, others by their names.

    >>> axis_letters(("time", "x", "depth"))
    ('t', 'x', 'depth')
    """
    space = tuple(axes[1:])
    return ((axes[0] if len(axes[0]) == 1 or "t" in space else "t"), *space)


def letters_of(orders: Sequence[int], axes: Sequence[str]) -> tuple[str, ...]:
    """Return the letter of every single differentiation, in order.

    >>> letters_of((0, 2, 1), ("t", "x", "y"))
    ('x', 'x', 'y')
    """
    pairs = zip(axis_letters(axes), orders, strict=False)
    return tuple(letter for letter, order in pairs for _ in range(order))


def subscript(orders: Sequence[int], axes: Sequence[str]) -> str:
    """Return the subscript of a derivative as plain text.

    >>> subscript((0, 2), ("t", "x")), subscript((0, 1, 1), ("t", "east", "y"))
    ('_xx', '_{east,y}')
    """
    letters = letters_of(orders, axes)
    return f"_{''.join(letters)}" if all(len(letter) == 1 for letter in letters) else f"_{{{','.join(letters)}}}"


def derivative_text(operand: str, is_whole: bool, orders: Sequence[int], axes: Sequence[str], primes: str = "'") -> str:
    """Return a derivative as plain text: primes where time is the only axis, else a subscript.

    Args:
        operand: text of what is differentiated; `is_whole` says that it is a name or a call.
        orders: multi-index.
        axes: names of the axes, time first.
        primes: the sign of one derivative by time.

    >>> derivative_text("u", True, (0, 2), ("t", "x")), derivative_text("u²", False, (0, 1), ("t", "x"))
    ('u_xx', '(u²)_x')
    >>> derivative_text("x", True, (2,), ("t",)), derivative_text("y_1", True, (0, 1), ("t", "x"))
    ("x''", '(y_1)_x')
    """
    if len(axes) == 1:
        written = operand if is_whole else f"({operand})"
        return written + primes * sum(orders)
    written = operand if is_whole and takes_subscript(operand) else f"({operand})"
    return written + subscript(orders, axes)


def takes_subscript(name: str) -> bool:
    """Return whether a subscript can follow a name without brackets around it.

    >>> [takes_subscript(name) for name in ("u", "h2", "y_1", "price of x")]
    [True, True, False, False]
    """
    return re.fullmatch(r"[^\W\d_]+\d*", name) is not None


def left_text(equation: Equation, name: str | None = None, primes: str = "'") -> str:
    """Return the left side of an equation as plain text: of dx = f_x dt + g_x dW_x the drift f_x, or g_x².

    Args:
        equation: whose left side.
        name: how its target is to be written; its own name where None.
        primes: the sign of one derivative by time.

    >>> from discover.export.specimen import specimen
    >>> left_text(specimen()[0].equations[0])
    "hare'"
    """
    written = equation.target if name is None else name
    if equation.kind in ("stochastic", "diffusion"):
        letter, power = ("f", "") if equation.kind == "stochastic" else ("g", "²")
        return f"{letter}_{written if takes_subscript(written) else f'{{{written}}}'}{power}"
    if equation.kind == "algebraic":
        return written
    if equation.kind == "map":
        return f"{written}[{NEXT}]"
    return derivative_text(written, True, (equation.order,), equation.axes, primes)


def left_typeset(equation: Equation, name: str | None = None) -> str:
    """Return the left side for pages and figures, with typographic primes.

    >>> from discover.export.specimen import specimen
    >>> left_typeset(specimen()[0].equations[0])
    'hare′'
    """
    written = left_text(equation, name, "\0")
    n = len(written) - len(written.rstrip("\0"))
    return written.rstrip("\0") + (PRIMES[n] if n < len(PRIMES) else PRIMES[1] * n)


@dataclass(frozen=True, slots=True)
class Words:
    """How the parts of expressions are called.

    Attributes:
        names: of the variables.
        axes: of the axes that D goes along, time first; one axis alone is time, and gives primes.
        index: what every variable carries, "" for nothing.
    """

    names: Sequence[str]
    axes: Sequence[str] = AXES
    index: str = ""


def words_of(equation: Equation) -> Words:
    """Return how the right-hand side of an equation calls its parts: those of a map carry the index n.

    >>> from discover.export.specimen import specimen
    >>> words_of(specimen()[0].equations[0])
    Words(names=('hare', 'lynx'), axes=('year',), index='')
    """
    return Words(equation.names, equation.axes, NOW if equation.kind == "map" else "")


def written_names(equation: Equation) -> tuple[str, ...]:
    """Return the variables as they stand in the right-hand side: those of a map with their index.

    >>> from discover.export.specimen import specimen
    >>> written_names(specimen()[0].equations[0])
    ('hare', 'lynx')
    """
    return tuple(f"{name}[{NOW}]" for name in equation.names) if equation.kind == "map" else equation.names
