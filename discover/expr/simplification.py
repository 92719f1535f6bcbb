"""Canonical form: one spelling for expressions that are equal by simple algebra.

Inside, a value is a linear combination of monomials, {monomial: coefficient}, and a monomial is a
sorted tuple of (atom, exponent). An atom is an expression that algebra does not look into: a
variable, a function of something, or a sum of several terms that stands in a product. Sums add
coefficients, products add exponents; whole numbers are distributed over sums, products are not.

A value that was finite stays finite and the same up to rounding; where the original was not finite
the canonical form may be (x/x is 1 at 0 too). Numbers are only merged where the result neither
overflows nor underflows, so 1e-200*1e-200*x stays what it is.
"""

import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from discover.expr.expression import (
    CONSTANT,
    Expr,
    add,
    call,
    constant,
    derivative,
    divide,
    fold,
    multiply,
    negate,
    power,
    subtract,
    variable,
)
from discover.expr.operators import BY_NAME, Operator
from discover_kernels import opcodes

Monomial = tuple[tuple[Expr, float], ...]
Value = dict[Monomial, float]

NEVER_NEGATIVE = {opcodes.ABS, opcodes.EXP, opcodes.COSH, opcodes.ACOS}


def simplify(expr: Expr) -> Expr:
    """Return the canonical form: sorted, like terms and powers collected, constants folded.

    >>> x, y = variable(0), variable(1)
    >>> simplify(y * x * 2 + x * y - 0 / y), simplify(x - x), simplify(1 / (1 / x))
    (Expr(3*x0*x1), Expr(0), Expr(x0))
    """
    algebra = _Algebra()
    return _spell(fold(expr, algebra.leaf, algebra.branch))


class _Algebra:
    """Operations on values; remembers what the atoms that it made are made of."""

    def __init__(self) -> None:
        self.made_of: dict[Expr, Value] = {}
        self.operand: dict[Expr, Value] = {}
        self.rules: dict[int, Callable[..., Value]] = {
            opcodes.ADD: self.add,
            opcodes.SUB: lambda a, b: self.add(a, self.scale(-1.0, b)),
            opcodes.MUL: self.multiply,
            opcodes.DIV: lambda a, b: self.multiply(a, self.raise_to(b, -1.0)),
            opcodes.NEG: lambda a: self.scale(-1.0, a),
            opcodes.INV: lambda a: self.raise_to(a, -1.0),
            opcodes.SQUARE: lambda a: self.raise_to(a, 2.0),
            opcodes.CUBE: lambda a: self.raise_to(a, 3.0),
            opcodes.IPOW: lambda a, n: self.raise_to(a, float(n)),
            opcodes.SQRT: lambda a: self.raise_to(a, 0.5),
            opcodes.POW: self.power,
            opcodes.ABS: self.absolute,
            opcodes.D: self.derivative,
        }

    def leaf(self, kind: int, value: Any) -> Value:
        return _number(value) if kind == CONSTANT else _atom(variable(value))

    def branch(self, row: Operator, argument: Any, children: tuple[Value, ...]) -> Value:
        rule = self.rules.get(row.opcode)
        return rule(*children, *row.arguments(argument)) if rule else self.function(row, *children)

    def add(self, a: Value, b: Value) -> Value:
        """Return a + b."""
        total = dict(a)
        for monomial, coefficient in b.items():
            total[monomial] = total.get(monomial, 0.0) + coefficient
        if not all(math.isfinite(coefficient) for coefficient in total.values()):
            return _atom(add(*sorted((_spell(a), _spell(b)), key=_rank)))
        return {monomial: coefficient for monomial, coefficient in total.items() if coefficient != 0.0}

    def scale(self, factor: float, a: Value) -> Value:
        """Return factor · a, distributed over its terms."""
        scaled = {monomial: _times(factor, coefficient) for monomial, coefficient in a.items()}
        if any(coefficient is None for coefficient in scaled.values()):
            return self.kept_product(_number(factor), a)
        return {monomial: coefficient for monomial, coefficient in scaled.items() if coefficient}

    def multiply(self, a: Value, b: Value) -> Value:
        """Return a · b."""
        if not a or not b:
            return {}
        (p, left), (q, right) = self.factored(a), self.factored(b)
        coefficient = _times(p, q)
        product = None if coefficient is None else self.collect(coefficient, (*left, *right))
        return self.kept_product(a, b) if product is None else product

    def kept_product(self, a: Value, b: Value) -> Value:
        """Return a · b as an atom, because its numbers cannot be merged."""
        return _atom(multiply(*sorted((_spell(a), _spell(b)), key=_rank)))

    def factored(self, a: Value) -> tuple[float, Monomial]:
        """Return a as number · monomial; a sum becomes an atom after its content is pulled out."""
        if len(a) == 1:
            ((monomial, coefficient),) = a.items()
            return coefficient, monomial
        content = _content(a)
        inside = {monomial: coefficient / content for monomial, coefficient in a.items()}
        atom = _spell(inside)
        self.made_of[atom] = inside
        return content, ((atom, 1.0),)

    def collect(self, coefficient: float, factors: Iterable[tuple[Expr, float]]) -> Value | None:
        """Return coefficient · Π atom**exponent with equal atoms pooled, None where numbers overflow."""
        exponents: dict[Expr, float] = {}
        pending = list(factors)
        while pending:
            atom, exponent = pending.pop()
            exponent += exponents.pop(atom, 0.0)
            if not math.isfinite(exponent):
                return None
            if exponent == 0.0:
                continue
            if exponent % 1.0 == 0.0 and atom in self.made_of:
                inner, monomial = self.factored(self.made_of[atom])
                if monomial != ((atom, 1.0),):
                    merged = _times(coefficient, _power(inner, exponent))
                    if merged is None:
                        return None
                    coefficient = merged
                    pending += [(factor, power * exponent) for factor, power in monomial]
                    continue
            if atom.root == opcodes.ABS and exponent % 2.0 == 0.0:
                pending.append((_inside(atom), exponent))
                continue
            exponents[atom] = exponent
        return self.expand(coefficient, tuple(sorted(exponents.items(), key=lambda pair: _rank(pair[0]))))

    def expand(self, coefficient: float, monomial: Monomial) -> Value:
        """Return coefficient · monomial, distributed where it is a number times a sum and can be pulled out again.

        Without that second condition 0.5*(x + 0.3)/x would distribute or not by the order of its factors.
        """
        if len(monomial) == 1 and monomial[0][1] == 1.0 and monomial[0][0] in self.made_of:
            inside = self.made_of[monomial[0][0]]
            terms = {term: _times(coefficient, inner) or 0.0 for term, inner in inside.items()}
            is_exact = all(terms[term] / coefficient == inner for term, inner in inside.items())
            if all(terms.values()) and is_exact and (abs(coefficient) == 1.0 or _content(terms) == coefficient):
                return terms
        return {monomial: coefficient}

    def raise_to(self, a: Value, exponent: float) -> Value:
        """Return a**exponent for a fixed exponent."""
        if exponent == 0.0:
            return _number(1.0)
        if exponent == 1.0:
            return a
        if not a:
            return {} if exponent > 0.0 else _atom(power(0.0, exponent))
        coefficient, monomial = self.factored(a)
        if exponent % 1.0:
            return self.root(a, coefficient, monomial, exponent)
        scale = _power(coefficient, exponent)
        product = None
        if scale is not None:
            product = self.collect(scale, [(atom, inner * exponent) for atom, inner in monomial])
        return _atom(_raised(_spell(a), exponent)) if product is None else product

    def root(self, a: Value, coefficient: float, monomial: Monomial, exponent: float) -> Value:
        """Return a**exponent for an exponent that is not whole, so that a negative base has no value."""
        scale = _power(abs(coefficient), exponent)
        if scale is None or (not monomial and coefficient < 0.0):
            return _atom(_raised(_spell(a), exponent))
        product = self.collect(scale, self.rooted(math.copysign(1.0, coefficient), monomial, exponent))
        return _atom(_raised(_spell(a), exponent)) if product is None else product

    def rooted(self, sign: float, monomial: Monomial, exponent: float) -> Monomial:
        """Return the factors of (sign · monomial)**exponent."""
        if not monomial:
            return ()
        if sign > 0.0 and len(monomial) == 1:
            atom, inner = monomial[0]
            if inner % 2.0 == 0.0:
                # (u²)^p is |u|^(2p), for every sign of u.
                ((base, _),) = self.absolute_atom(atom)
                return ((base, inner * exponent),)
            return ((atom, inner * exponent),)
        inside = self.expand(sign, monomial)
        atom = _spell(inside)
        self.made_of[atom] = inside
        return ((atom, exponent),)

    def power(self, a: Value, b: Value) -> Value:
        """Return a**b."""
        exponent = _constant(b)
        if exponent is not None:
            return self.raise_to(a, exponent)
        return _number(1.0) if _constant(a) == 1.0 else _atom(power(_spell(a), _spell(b)))

    def absolute(self, a: Value) -> Value:
        """Return |a|, factor by factor."""
        if not a:
            return {}
        coefficient, monomial = self.factored(a)
        factors: list[tuple[Expr, float]] = []
        for atom, exponent in monomial:
            is_positive = exponent % 1.0 != 0.0 or exponent % 2.0 == 0.0
            factors += [(atom, exponent)] if is_positive else [(self.absolute_atom(atom)[0][0], exponent)]
        product = self.collect(abs(coefficient), factors)
        return _atom(call("abs", _spell(a))) if product is None else product

    def absolute_atom(self, atom: Expr) -> Monomial:
        """Return |atom| as a factor: the atom itself where it is never negative."""
        is_root = atom.root == opcodes.SQRT
        return ((atom if is_root or atom.root in NEVER_NEGATIVE else call("abs", atom), 1.0),)

    def derivative(self, a: Value, order: tuple[int, ...]) -> Value:
        """Return D(a): linear, and orders add."""
        total: Value = {}
        for monomial, coefficient in a.items():
            if monomial:
                total = self.add(total, {((_differentiated(_spell({monomial: 1.0}), order), 1.0),): coefficient})
        return total

    def function(self, row: Operator, a: Value) -> Value:
        """Return f(a): folded, undone, or an atom with the sign of its operand pulled out."""
        number = _constant(a)
        if number is not None:
            with np.errstate(all="ignore"):
                value = float(row.meaning(np, np.float64(number)))
            if math.isfinite(value):
                return _number(value)
        if row.parity and a and _leading(a) < 0.0:
            return self.scale(float(row.parity), self.function(row, self.scale(-1.0, a)))
        operand = _spell(a)
        if row.undoes and operand.root == BY_NAME[row.undoes].opcode:
            return self.operand[operand]
        atom = call(row.name, operand)
        self.operand[atom] = a
        return _atom(atom)


def _number(value: float) -> Value:
    return {(): float(value)} if value != 0.0 else {}


def _atom(expr: Expr) -> Value:
    return {((expr, 1.0),): 1.0}


def _constant(a: Value) -> float | None:
    """Return the number that the value is, None where it varies."""
    return a.get((), 0.0) if not a or list(a) == [()] else None


def _is_safe(result: float) -> bool:
    return math.isfinite(result) and abs(result) >= sys.float_info.min


def _times(a: float, b: float | None) -> float | None:
    """Return a · b, None where it overflows or underflows."""
    if b is None:
        return None
    result = a * b
    is_exact = abs(a) in (0.0, 1.0) or abs(b) in (0.0, 1.0)
    return result if is_exact or _is_safe(result) else None


def _power(a: float, exponent: float) -> float | None:
    """Return a**exponent, None where it overflows, underflows or is not real."""
    with np.errstate(all="ignore"):
        result = float(np.power(np.float64(a), exponent))
    return result if _is_safe(result) else None


def _content(a: Value) -> float:
    """Return the number to pull out of a sum: its smallest coefficient where that divides all, and the leading sign."""
    smallest = min(abs(coefficient) for coefficient in a.values())
    divides = all(math.fmod(value, smallest) == 0.0 and abs(value) / smallest < 1e15 for value in a.values())
    return math.copysign(smallest if divides else 1.0, _leading(a))


def _leading(a: Value) -> float:
    return a[min(a, key=_order)]


def _rank(expr: Expr) -> tuple[Any, ...]:
    return expr.size, expr.tape, expr.constants, expr.orders


def _order(monomial: Monomial) -> tuple[Any, ...]:
    degree = sum(exponent for _, exponent in monomial)
    return degree, [(_rank(atom), -exponent) for atom, exponent in monomial]


def _inside(atom: Expr) -> Expr:
    """Return the operand of an atom with one operand."""
    return Expr(atom.tape[:-1], atom.constants, atom.orders)


def _differentiated(term: Expr, order: tuple[int, ...]) -> Expr:
    """Return D(term), one D for a D of a D."""
    if term.root != opcodes.D:
        return derivative(term, order)
    inner, outer = term.orders[-1], order
    width = max(len(inner), len(outer))
    total = [sum(pair) for pair in zip(_padded(inner, width), _padded(outer, width), strict=True)]
    return derivative(Expr(term.tape[:-1], term.constants, term.orders[:-1]), total)


def _padded(order: tuple[int, ...], width: int) -> tuple[int, ...]:
    return order + (0,) * (width - len(order))


def _raised(base: Expr, exponent: float) -> Expr:
    return call("sqrt", base) if exponent == 0.5 else base if exponent == 1.0 else power(base, exponent)


def _spell(a: Value) -> Expr:
    """Return the value as an expression: terms by degree, each number first, divisors behind."""
    total: Expr | None = None
    for monomial in sorted(a, key=_order):
        coefficient = a[monomial]
        if total is None:
            total = _spell_term(coefficient, monomial)
        elif coefficient < 0.0:
            total = subtract(total, _spell_term(-coefficient, monomial))
        else:
            total = add(total, _spell_term(coefficient, monomial))
    return constant(0.0) if total is None else total


def _spell_term(coefficient: float, monomial: Monomial) -> Expr:
    above = [_raised(atom, exponent) for atom, exponent in monomial if exponent > 0.0]
    below = [_raised(atom, -exponent) for atom, exponent in monomial if exponent < 0.0]
    if above and coefficient == -1.0:
        above[0] = negate(above[0])
    elif not above or coefficient != 1.0:
        above.insert(0, constant(coefficient))
    return divide(_product(above), _product(below)) if below else _product(above)


def _product(factors: list[Expr]) -> Expr:
    total = factors[0]
    for factor in factors[1:]:
        total = multiply(total, factor)
    return total
