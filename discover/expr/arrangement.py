"""How a person would write it: one fraction a term, one exponential, roots together, numbers in front.

`simplify` gives equal expressions one spelling; this gives one expression the spelling that textbooks use. What
holds numbers alone (constants of a fit among them, which are variables here) is kept together, so that it can
become one number.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from discover.errors import ExpressionError
from discover.expr.expression import (
    CONSTANT,
    Expr,
    add,
    call,
    constant,
    divide,
    fold,
    multiply,
    negate,
    power,
    variable,
)
from discover.expr.expression import subtract as minus
from discover.expr.operators import Operator
from discover_kernels import opcodes

PASSES = 4
LINEAR = (opcodes.ADD, opcodes.SUB, opcodes.NEG, opcodes.MUL)
LONGER = 2
"""Nodes by which a fraction may grow when the fractions within it are cleared."""


@dataclass(frozen=True, slots=True)
class Number:
    """value · Π above / Π below, which hold no variable of the data.

    >>> Number(2.0, (variable(1),)).times(Number(0.5, (), (variable(2),)))
    Number(value=1.0, above=(Expr(x1),), below=(Expr(x2),))
    """

    value: float = 1.0
    above: tuple[Expr, ...] = ()
    below: tuple[Expr, ...] = ()

    @property
    def is_plain(self) -> bool:
        return not self.above and not self.below

    @property
    def expr(self) -> Expr:
        """The number as an expression."""
        return _written(Product(self))

    def times(self, other: "Number") -> "Number":
        """Return the product; what stands above and below cancels."""
        above, below = list(self.above + other.above), list(self.below + other.below)
        for one in list(above):
            if one in below:
                above.remove(one)
                below.remove(one)
        return Number(self.value * other.value, tuple(above), tuple(below))

    def raised(self, exponent: int) -> "Number":
        """Return the number to a whole power."""
        above, below = (self.above, self.below) if exponent > 0 else (self.below, self.above)
        up, down = ((_power(one, float(abs(exponent))) for one in side) for side in (above, below))
        return Number(self.value**exponent, tuple(up), tuple(down))


ONE = Number()


@dataclass(frozen=True, slots=True)
class Product:
    """number · Π atom**power · exp(exponent).

    Attributes:
        number: of the product.
        powers: by atom; never zero.
        exponent: a sum, empty where there is no exponential.
    """

    number: Number = ONE
    powers: dict[Expr, float] = field(default_factory=dict)
    exponent: tuple["Product", ...] = ()

    @property
    def is_number(self) -> bool:
        return not self.powers and not self.exponent

    @property
    def key(self) -> tuple[Any, ...]:
        """What like terms share."""
        return frozenset(self.powers.items()), tuple((one.number, one.key) for one in self.exponent)


Sum = tuple[Product, ...]


def arranged(expr: Expr, is_free: Callable[[int], bool] = lambda index: False) -> Expr:
    """Return the expression as textbooks write it; equal wherever the given one has a value.

    Args:
        expr: what to write.
        is_free: whether a variable, by its index, is a constant that a fit is free to choose; it is taken for
            positive, so whoever uses it compares values.

    >>> x, y, c = variable(0), variable(1), variable(2)
    >>> arranged(y / (1 + c / x)), arranged(call("sqrt", x) / call("sqrt", y))
    (Expr(x0*x1/(x0 + x2)), Expr(sqrt(x0/x1)))
    >>> arranged(call("exp", c - x) / y, lambda index: index == 2)
    Expr(exp(x2)*exp(-x0)/x1)
    """
    writer = _Writer(is_free)
    with suppress(ExpressionError, OverflowError, ZeroDivisionError):  # numbers that cannot be merged stay
        for _ in range(PASSES):
            found = fold(expr, writer.leaf, writer.branch)
            before, expr = expr, _spelled(tuple(writer.without_shift(one) for one in found))
            if expr == before:
                break
    return expr


class _Writer:
    """The rules by operator; each takes sums and returns a sum."""

    def __init__(self, is_free: Callable[[int], bool]) -> None:
        self.is_free = is_free
        self.rules: dict[int, Callable[..., Sum]] = {
            opcodes.ADD: lambda a, b: _pooled((*a, *b)),
            opcodes.SUB: lambda a, b: _pooled((*a, *map(_negative, b))),
            opcodes.NEG: lambda a: tuple(map(_negative, a)),
            opcodes.MUL: lambda a, b: self.product(a, b),
            opcodes.DIV: lambda a, b: self.product(a, self.raised(b, -1.0)),
            opcodes.INV: lambda a: self.raised(a, -1.0),
            opcodes.SQUARE: lambda a: self.raised(a, 2.0),
            opcodes.CUBE: lambda a: self.raised(a, 3.0),
            opcodes.IPOW: lambda a, n: self.raised(a, float(n)),
            opcodes.SQRT: lambda a: self.rooted(a, 0.5),
            opcodes.POW: self.power,
            opcodes.EXP: lambda a: self.exponential(a),
        }

    def leaf(self, kind: int, value: Any) -> Sum:
        if kind == CONSTANT:
            return (Product(Number(value)),) if value else ()
        mine = variable(value)
        return (Product(Number(above=(mine,))) if self.is_free(value) else Product(powers={mine: 1.0}),)

    def branch(self, row: Operator, argument: Any, children: tuple[Sum, ...]) -> Sum:
        if row.opcode == opcodes.D:
            return _atom(call(row.name, *map(_spelled, children), argument))
        if row.opcode not in self.rules or not (all(children) or row.opcode in LINEAR):
            return self._named(call(row.name, *map(_spelled, children), *row.arguments(argument)), children)
        return self.rules[row.opcode](*children, *row.arguments(argument))

    def _named(self, expr: Expr, children: tuple[Sum, ...]) -> Sum:
        """Return an operator over its children: a number where all of them are."""
        return (Product(Number(above=(expr,))),) if all(map(_is_number, children)) else _atom(expr)

    def product(self, a: Sum, b: Sum) -> Sum:
        """Return a · b; sums stay in brackets."""
        if not a or not b:
            return ()
        if len(a) > 1 and _is_one(b):
            return a
        if len(b) > 1 and _is_one(a):
            return b
        p, q = self.factor(a), self.factor(b)
        powers = dict(p.powers)
        for atom, exponent in q.powers.items():
            powers[atom] = powers.get(atom, 0.0) + exponent
        powers = {atom: exponent for atom, exponent in powers.items() if exponent}
        number = p.number.times(q.number)
        return (Product(number, powers, _pooled((*p.exponent, *q.exponent))),)

    def raised(self, a: Sum, exponent: float) -> Sum:
        """Return a**exponent for a whole exponent."""
        p = self.factor(a)
        number = p.number.raised(int(exponent))
        powers = {atom: inner * exponent for atom, inner in p.powers.items()}
        return (Product(number, powers, tuple(_scaled(one, exponent) for one in p.exponent)),)

    def power(self, a: Sum, b: Sum) -> Sum:
        """Return a**b."""
        if _is_number(b) and len(b) == 1 and b[0].number.is_plain:
            exponent = b[0].number.value
            return self.raised(a, exponent) if exponent % 1.0 == 0.0 else self.rooted(a, exponent)
        return self._named(power(_spelled(a), _spelled(b)), (a, b))

    def rooted(self, a: Sum, exponent: float) -> Sum:
        """Return a**exponent; of products leave the root what is never negative, and constants that a fit chooses."""
        if _is_number(a) or len(a) > 1:
            root = _spelled((Product(powers={_spelled(a): exponent}),))
            return self._named(root, (a,)) if _is_number(a) else _atom_power(_spelled(a), exponent)
        p = self.factor(a)
        outside = tuple(_scaled(one, exponent) for one in p.exponent)
        number, rest = ONE, Product(p.number, p.powers)
        if not p.number.is_plain and p.number.value > 0.0:
            number, rest = (
                Number(above=(_written(Product(powers={p.number.expr: exponent})),)),
                Product(powers=p.powers),
            )
        if rest == Product():
            return (Product(number, exponent=outside),)
        is_atom = rest.number == ONE and list(p.powers.values()) == [1.0]
        inside = next(iter(p.powers)) if is_atom else _spelled((rest,))
        return (Product(number, {inside: exponent}, outside),)

    def exponential(self, a: Sum) -> Sum:
        """Return exp(a), a power where a is a number times a logarithm."""
        found, rest = (Product(),), []
        for one in a:
            (atom, exponent), *others = [*one.powers.items(), (None, 0.0)]
            if atom is None or atom.root != opcodes.LOG or exponent != 1.0 or others[1:] or one.exponent:
                rest.append(one)
                continue
            base = Expr(atom.tape[:-1], atom.constants, atom.orders)
            found = self.product(found, _atom_power(power(base, one.number.expr), 1.0))
        return self.product(found, (Product(exponent=tuple(rest)),)) if len(rest) < len(a) else (Product(exponent=a),)

    def factor(self, a: Sum) -> Product:
        """Return a sum as one factor: what all its terms share before the bracket."""
        if len(a) == 1:
            return a[0] if a[0].number == ONE else self.without_shift(a[0])
        if _is_number(a):
            return Product(Number(above=(_spelled(a),)))
        atoms = list(dict.fromkeys(atom for one in a for atom in one.powers))
        shared = {atom: min(one.powers.get(atom, 0.0) for one in a) for atom in atoms}
        shared = {atom: exponent for atom, exponent in shared.items() if exponent}
        inside = tuple(
            Product(
                one.number,
                {atom: exponent for atom in atoms if (exponent := one.powers.get(atom, 0.0) - shared.get(atom, 0.0))},
                one.exponent,
            )
            for one in a
        )
        whole, rest = _spelled(a), _spelled(_pooled(inside))
        size = _written(Product(powers=shared | {rest: 1.0})).size
        return Product(powers=shared | {rest: 1.0} if size <= whole.size + LONGER else {whole: 1.0})

    def without_shift(self, one: Product) -> Product:
        """Return number · exp(a + u) with exp(a) among the numbers, where a fit chooses a."""
        shift = [part for part in one.exponent if part.is_number and not part.number.is_plain]
        if not shift:
            return one
        rest = tuple(part for part in one.exponent if part not in shift)
        number = one.number
        for part in shift:
            number = number.times(Number(above=(call("exp", part.number.expr),)))
        return Product(number, one.powers, rest)


def _is_number(a: Sum) -> bool:
    return all(one.is_number for one in a)


def _is_one(a: Sum) -> bool:
    return len(a) == 1 and a[0] == Product()


def _atom(expr: Expr) -> Sum:
    return _atom_power(expr, 1.0)


def _atom_power(expr: Expr, exponent: float) -> Sum:
    return (Product(powers={expr: exponent}),)


def _scaled(one: Product, factor: float) -> Product:
    return Product(one.number.times(Number(factor)), one.powers, one.exponent)


def _negative(one: Product) -> Product:
    return _scaled(one, -1.0)


def _pooled(a: Iterable[Product]) -> Sum:
    """Return a sum with like terms added up; those whose numbers cancel are gone."""
    pooled: dict[tuple[Any, ...], Product] = {}
    for one in a:
        like = pooled.get(one.key)
        number = one.number if like is None else _plus(like.number, one.number)
        pooled[one.key] = Product(number, one.powers, one.exponent)
    return tuple(one for one in pooled.values() if one.number.value != 0.0)


def _plus(a: Number, b: Number) -> Number:
    if (a.above, a.below) == (b.above, b.below):
        return Number(a.value + b.value, a.above, a.below)
    return Number(above=(add(a.expr, b.expr),))


def _spelled(a: Sum) -> Expr:
    """Return a sum as an expression, the terms that are subtracted last."""
    total: Expr | None = None
    for one in sorted(a, key=_is_subtracted):
        if total is None:
            total = _written(one)
        elif _is_subtracted(one):
            total = minus(total, _written(_negative(one)))
        else:
            total = add(total, _written(one))
    return constant(0.0) if total is None else total


def _is_subtracted(one: Product) -> bool:
    return one.number.value < 0.0


def _written(one: Product) -> Expr:
    """Return a product as an expression: number, roots, powers, exponential, and divisors behind."""
    roots = {atom: exponent for atom, exponent in one.powers.items() if abs(exponent) == 0.5}
    powers = {atom: exponent for atom, exponent in one.powers.items() if atom not in roots}
    order = sorted(powers, key=lambda atom: (atom.size > 1, atom.tape, atom.constants))
    above = [_power(atom, powers[atom]) for atom in order if powers[atom] > 0.0]
    below = [_power(atom, -powers[atom]) for atom in order if powers[atom] < 0.0]
    if len(roots) > 1 and any(exponent > 0.0 for exponent in roots.values()):
        above.append(call("sqrt", _written(Product(powers={atom: 2.0 * exponent for atom, exponent in roots.items()}))))
    elif roots:
        inside = Product(powers={atom: 2.0 * abs(exponent) for atom, exponent in roots.items()})
        (below if min(roots.values()) < 0.0 else above).append(call("sqrt", _written(inside)))
    if one.exponent:
        above.append(call("exp", _spelled(one.exponent)))
    above, below = [*one.number.above, *above], [*one.number.below, *below]
    if above and one.number.value == -1.0:
        above[0] = negate(above[0])
    elif not above or one.number.value != 1.0:
        above.insert(0, constant(one.number.value))
    return divide(_multiplied(above), _multiplied(below)) if below else _multiplied(above)


def _power(atom: Expr, exponent: float) -> Expr:
    return atom if exponent == 1.0 else power(atom, exponent)


def _multiplied(factors: list[Expr]) -> Expr:
    total = factors[0]
    for one in factors[1:]:
        total = multiply(total, one)
    return total
