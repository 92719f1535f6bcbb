"""Skeletons: what is left of a formula when its constants are taken out, one spelling for each.

A sum is c0 + Σ c·term, a term a product of factors, a factor a power of a column or a function of another
sum: every place where a constant can matter has one, so that a skeleton stands for all formulas that
differ by constants only, and there are few enough small ones to try them all. Sums and terms are sorted
tuples of whole numbers: equal skeletons are equal, and hash the same in every process.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr
from discover_kernels import opcodes

Array = NDArray[np.float64]
Factor = tuple[int, int, Any]
"""(COLUMN, which, twice the exponent), (FREE_POWER, which, 0) or (FUNCTION, which, sum)."""

Term = tuple[Factor, ...]
Sum = tuple[Term, ...]
Place = tuple[int, Sum, int, int]

COLUMN, FREE_POWER, FUNCTION = 0, 1, 2
HIGHEST = 12
"""Twice the highest exponent."""

DEEPEST = 3
"""Functions inside each other."""


class Function(NamedTuple):
    """A function of a sum: how it is spelled, whether its sum has a constant, and what a factor inside does to it.

    Attributes:
        name: for people.
        spelled: opcodes, innermost first.
        offset: whether its sum has a constant; exp(a + b) is a factor of the term.
        power: p where f(s·u) = s^p f(u), so that one coefficient inside says nothing; None where there is none.
        argument: "any", or "positive" where the sum must be.
        never: numbers of functions that may not stand alone inside.
    """

    name: str
    spelled: tuple[int, ...]
    offset: bool = True
    power: float | None = None
    argument: str = "any"
    never: tuple[int, ...] = ()


EXP, SIN, INV, SQRT, LOG, TANH, SQUARED, RSQRT, POWER = range(9)
FUNCTIONS = (
    Function("exp", (opcodes.EXP,), offset=False, never=(LOG,)),
    Function("sin", (opcodes.SIN,), never=(SIN,)),
    Function("inverse", (opcodes.INV,), power=-1.0, argument="positive", never=(INV,)),
    Function("sqrt", (opcodes.SQRT,), power=0.5, argument="positive"),
    Function("log", (opcodes.LOG,), argument="positive"),
    Function("tanh", (opcodes.TANH,), never=(TANH, LOG)),
    Function("square", (opcodes.SQUARE,), power=2.0),
    Function("inverse sqrt", (opcodes.SQRT, opcodes.INV), power=-0.5, argument="positive"),
    Function("power", (opcodes.POW,), argument="positive"),
)


def size(body: Sum) -> int:
    """Return the size of a sum: names and functions, exponents other than 1 counting one.

    >>> size((((COLUMN, 0, 2), (FUNCTION, EXP, (((COLUMN, 0, 4),),))),))
    4
    """
    total = 0
    for term in body:
        for kind, which, rest in term:
            if kind == COLUMN:
                total += 1 if rest == 2 else 2 if abs(rest) <= 4 else 3
            elif kind == FREE_POWER:
                total += 2
            else:
                total += 1 + (which == POWER) + size(rest)
    return total


def depth(body: Sum) -> int:
    """Return how many functions stand inside each other at most."""
    return max((1 + depth(rest) for term in body for kind, _, rest in term if kind == FUNCTION), default=0)


def functions(body: Sum) -> Iterator[int]:
    """Yield the functions of a sum, outer ones first."""
    for term in body:
        for kind, which, rest in term:
            if kind == FUNCTION:
                yield which
                yield from functions(rest)


def columns(body: Sum) -> set[int]:
    """Return the columns that occur."""
    found: set[int] = set()
    for term in body:
        for kind, which, rest in term:
            found |= columns(rest) if kind == FUNCTION else {which}
    return found


def canonical(body: Sum) -> Sum | None:
    """Return the one spelling of a sum: powers of a column collected, exponentials multiplied, terms sorted.

    Equal terms with constants inside stay, for their constants may differ.

    None where nothing is left, or for what another skeleton says more shortly.

    >>> x, decay = (COLUMN, 0, 2), (FUNCTION, EXP, (((COLUMN, 0, 2),),))
    >>> canonical(((x, x), (decay, x), (x, x), ((COLUMN, 0, -2), x)))
    (((0, 0, 2), (2, 0, (((0, 0, 2),),))), ((0, 0, 4),))
    """
    terms: list[Term] = []
    for term in map(_term, body):
        if term and (term not in terms or any(kind != COLUMN for kind, _, _ in term)):
            terms.append(term)
    return tuple(sorted(terms)) if terms else None


def _term(factors: Term) -> Term | None:
    exponents: dict[int, int] = {}
    free: set[int] = set()
    inside: list[Term] = []
    found: list[Factor] = []
    for kind, which, rest in factors:
        if kind == COLUMN:
            exponents[which] = exponents.get(which, 0) + rest
        elif kind == FREE_POWER:
            free.add(which)
        elif which == EXP:
            inside += rest
        else:
            argument = _argument(which, rest)
            if argument is None:
                return None
            found.append((FUNCTION, which, argument))
    if inside:
        argument = _argument(EXP, tuple(inside))
        if argument is None:
            return None
        found.append((FUNCTION, EXP, argument))
    for which, exponent in exponents.items():
        if exponent and which not in free:
            found.append((COLUMN, which, max(-HIGHEST, min(HIGHEST, exponent))))
    found += [(FREE_POWER, which, 0) for which in free]
    return tuple(sorted(found))


def _argument(function: int, body: Sum) -> Sum | None:
    argument = canonical(body)
    if argument is None:
        return None
    if len(argument) == 1 and len(argument[0]) == 1:
        kind, which, _ = argument[0][0]
        if kind == FUNCTION and which in FUNCTIONS[function].never:
            return None
        if function == SQUARED and kind == COLUMN:  # two terms say it
            return None
    return argument


@dataclass(frozen=True, slots=True)
class Tape:
    """A sum as the fitting kernel reads it: constants are numbered, those in which it is linear first.

    Attributes:
        op, arg: the postfix tape; a VARIABLE's argument is a column, a CONSTANT's its number.
        n_linear: c0 and the coefficients of the outermost terms.
        places: (function, sum, number of its first constant, number of the coefficient before it) of every function,
            outer ones first.
        powers: (column, number of the constant) of every free power.
        n_free: constants.
    """

    op: tuple[int, ...]
    arg: tuple[int, ...]
    n_linear: int
    places: tuple[Place, ...]
    powers: tuple[tuple[int, int], ...]
    n_free: int


class _Writer:
    """Writes a sum as a tape."""

    def __init__(self) -> None:
        self.op: list[int] = []
        self.arg: list[int] = []
        self.places: list[Place] = []
        self.powers: list[tuple[int, int]] = []
        self.n_free = 0

    def put(self, op: int, arg: int = 0) -> None:
        self.op.append(op)
        self.arg.append(arg)

    def sum(self, body: Sum, first: int, offset: bool) -> None:
        """Write a sum whose constants, the offset first, begin at number `first`."""
        if offset:
            self.put(opcodes.CONSTANT, first)
        for k, term in enumerate(body):
            self.put(opcodes.CONSTANT, first + offset + k)
            for factor in term:
                self.factor(*factor, first + offset + k)
                self.put(opcodes.MUL)
            if offset or k:
                self.put(opcodes.ADD)

    def factor(self, kind: int, which: int, rest: Any, coefficient: int) -> None:
        if kind == FUNCTION:
            function, first = FUNCTIONS[which], self.n_free
            self.places.append((which, rest, first, coefficient))
            self.n_free += function.offset + len(rest) + (which == POWER)
            self.sum(rest, first, function.offset)
            if which == POWER:
                self.put(opcodes.CONSTANT, first + 1 + len(rest))
            for opcode in function.spelled:
                self.put(opcode)
        elif kind == FREE_POWER:
            self.put(opcodes.VARIABLE, which)
            self.put(opcodes.CONSTANT, self.n_free)
            self.put(opcodes.POW)
            self.powers.append((which, self.n_free))
            self.n_free += 1
        else:
            self.put(opcodes.VARIABLE, which)
            for opcode, argument in spelled_power(rest):
                self.put(opcode, argument)


def spelled_power(twice: int) -> list[tuple[int, int]]:
    """Return the nodes behind a column that raise it to half of `twice`.

    >>> spelled_power(4) == [(opcodes.SQUARE, 0)], spelled_power(-1) == [(opcodes.SQRT, 0), (opcodes.INV, 0)]
    (True, True)
    """
    found = [(opcodes.SQRT, 0)] if twice % 2 else []
    n = abs(twice) if twice % 2 else abs(twice) // 2
    if n > 1:
        found.append({2: (opcodes.SQUARE, 0), 3: (opcodes.CUBE, 0)}.get(n, (opcodes.IPOW, n)))
    return [*found, (opcodes.INV, 0)] if twice < 0 else found


def tape(body: Sum) -> Tape:
    """Return a sum as a tape.

    >>> made = tape((((COLUMN, 0, 2), (FUNCTION, EXP, (((COLUMN, 0, 2),),))),))
    >>> made.n_linear, made.n_free, len(made.op)
    (2, 3, 10)
    """
    writer = _Writer()
    writer.n_free = 1 + len(body)
    writer.sum(body, 0, True)
    return Tape(
        tuple(writer.op),
        tuple(writer.arg),
        1 + len(body),
        tuple(writer.places),
        tuple(writer.powers),
        writer.n_free,
    )


def formula(made: Tape, constants: Array, parts: Sequence[Expr], n_variables: int) -> tuple[Expr, list[float]]:
    """Return a fitted tape as an expression over the data and the free constants in it, variables behind the data's.

    A coefficient that says nothing, because a factor of what stands in a root, an inverse or a power may as
    well stand outside, becomes 1.

    Args:
        made: the tape.
        constants: shape (n_free,).
        parts: the columns as expressions over the data.
        n_variables: of the data.
    """
    numbers = np.array(constants, dtype=np.float64)
    fixed = _normalised(made, numbers)
    free = [k for k in range(made.n_free) if k not in fixed]
    place = {k: n_variables + i for i, k in enumerate(free)}
    nodes: list[tuple[int, int]] = []
    literals: list[float] = []
    for op, arg in zip(made.op, made.arg, strict=True):
        if op == opcodes.VARIABLE:
            nodes += parts[arg].tape
            literals += parts[arg].constants
        elif op == opcodes.CONSTANT and arg in place:
            nodes.append((opcodes.VARIABLE, place[arg]))
        else:
            nodes.append((op, 0 if op == opcodes.CONSTANT else arg))
            literals += [1.0] if op == opcodes.CONSTANT else []
    return Expr(tuple(nodes), tuple(literals)), [float(numbers[k]) for k in free]


def _normalised(made: Tape, c: Array) -> set[int]:
    """Scale constants in place so that one of each sum in a power is 1, and return which; signs go outside."""
    fixed: set[int] = set()
    for function, body, first, coefficient in reversed(made.places):
        if function in (SIN, TANH) and c[first + 1] < 0:  # both are odd
            c[first : first + 1 + len(body)] *= -1.0
            c[coefficient] *= -1.0
        if function == SIN:
            c[first] = math.remainder(c[first], 2 * math.pi)
        p = float(c[first + 1 + len(body)]) if function == POWER else FUNCTIONS[function].power
        if p is None:
            continue
        odd = function in (INV, SQUARED)  # a sign goes through
        pivot = next((k for k in (first + 1, first) if (c[k] != 0 if odd else c[k] > 0)), None)
        if pivot is None:
            continue
        sign = -1.0 if c[pivot] < 0 and function == INV else 1.0
        with np.errstate(all="ignore"):
            factor = sign * float(abs(c[pivot]) ** p)
        if not 0 < abs(factor) < np.inf:
            continue
        c[first : first + 1 + len(body)] /= c[pivot]
        c[coefficient] *= factor
        fixed.add(pivot)
    return fixed
