"""Products of powers, each base once: x/y/(z/y) is x/z."""

from collections.abc import Mapping
from fractions import Fraction

from discover.expr import Expr, constant, multiply, power
from discover_kernels import opcodes


def factors(expr: Expr) -> dict[Expr, Fraction]:
    """Return the bases of a product and their exponents.

    >>> from discover.expr import variable
    >>> x, y, z = (variable(i) for i in range(3))
    >>> {repr(base): str(exponent) for base, exponent in factors(x / y / (z / y) * z**0.5).items()}
    {'Expr(x0)': '1', 'Expr(x2)': '-1/2'}
    """
    found: dict[Expr, Fraction] = {}
    _collect(expr, Fraction(1), found)
    return {base: exponent for base, exponent in found.items() if exponent}


def product_of(found: Mapping[Expr, Fraction | float]) -> Expr:
    """Return a product of powers, those that divide below one line.

    >>> from discover.expr import text, variable
    >>> text(product_of({variable(0): 2, variable(1): -0.5, variable(2): -1}), ["x", "y", "z"])
    'x**2/(y**0.5*z)'
    """
    above = [_power(base, float(a)) for base, a in found.items() if a > 0]
    below = [_power(base, -float(a)) for base, a in found.items() if a < 0]
    top = _joined(above) if above else constant(1.0)
    return top / _joined(below) if below else top


def times(expr: Expr | None, other: Expr, exponent: float) -> Expr:
    """Return expr · other^exponent, each base once; None stands for 1.

    >>> from discover.expr import text, variable
    >>> text(times(variable(0) / variable(1), variable(1), 2.0), ["x", "y"])
    'x*y'
    """
    found = {} if expr is None else factors(expr)
    for base, a in factors(other).items():
        found[base] = found.get(base, Fraction(0)) + a * Fraction(exponent).limit_denominator(12)
    return product_of({base: a for base, a in found.items() if a})


def sum_of(left: Expr, right: Expr, sign: float) -> Expr:
    """Return left ± right, what both are multiples of in front.

    >>> from discover.expr import text, variable
    >>> x, y, a = (variable(i) for i in range(3))
    >>> text(sum_of(x * a, y * a, -1.0), ["x", "y", "a"])
    'a*(x - y)'
    """
    mine, its = factors(left), factors(right)
    shared = {base: power_of for base, power_of in mine.items() if its.get(base) == power_of}
    rest = [product_of({b: e for b, e in some.items() if b not in shared}) for some in (mine, its)]
    total = rest[0] + rest[1] if sign > 0 else rest[0] - rest[1]
    return times(product_of(shared), total, 1.0) if shared else total


def _power(base: Expr, exponent: float) -> Expr:
    return base if exponent == 1 else power(base, exponent)


def _joined(parts: list[Expr]) -> Expr:
    total = parts[0]
    for part in parts[1:]:
        total = multiply(total, part)
    return total


def _collect(expr: Expr, exponent: Fraction, found: dict[Expr, Fraction]) -> None:
    root, argument = expr.tape[-1]
    if root in (opcodes.MUL, opcodes.DIV):
        left, right = operands(expr)
        _collect(left, exponent, found)
        _collect(right, exponent if root == opcodes.MUL else -exponent, found)
        return
    inner = Expr(expr.tape[:-1], expr.constants)
    if root == opcodes.SQUARE:
        _collect(inner, 2 * exponent, found)
    elif root == opcodes.CUBE:
        _collect(inner, 3 * exponent, found)
    elif root == opcodes.INV:
        _collect(inner, -exponent, found)
    elif root == opcodes.SQRT and len(inner.tape) == 1:
        _collect(inner, exponent / 2, found)
    elif root == opcodes.IPOW:
        _collect(inner, argument * exponent, found)
    elif root == opcodes.POW and expr.tape[-2][0] == opcodes.CONSTANT:
        base = Expr(expr.tape[:-2], expr.constants[:-1])
        power_of = Fraction(expr.constants[-1]).limit_denominator(12)
        if abs(float(power_of) - expr.constants[-1]) > 1e-12:
            found[expr] = found.get(expr, Fraction(0)) + exponent
        else:
            _collect(base, power_of * exponent, found)
    elif not (root == opcodes.CONSTANT and expr.constants == (1.0,)):
        found[expr] = found.get(expr, Fraction(0)) + exponent


def operands(expr: Expr) -> tuple[Expr, Expr]:
    """Return both operands of a root that has two; a subtree is a slice of the tape."""
    need, at = 1, len(expr.tape) - 1
    binary = (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW)
    while need:  # walk back until the right operand is complete
        at -= 1
        opcode = expr.tape[at][0]
        need += (2 if opcode in binary else 0 if opcode in (opcodes.VARIABLE, opcodes.CONSTANT) else 1) - 1
    left, right = expr.tape[:at], expr.tape[at:-1]
    n = sum(opcode == opcodes.CONSTANT for opcode, _ in left)
    return Expr(left, expr.constants[:n]), Expr(right, expr.constants[n:])
