"""Views of a target: g(z) for which a simple model may do where z itself needs a long one."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, call, negate, power

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One view t = g(z).

    Attributes:
        name: of g.
        values: t, shape (n_rows,).
        slope: |dt/dz|, shape (n_rows,): how errors of z become errors of t.
        inverse: expression of t -> expression of z.
    """

    name: str
    values: Array
    slope: Array
    inverse: Callable[[Expr], Expr]


def views(z: Array) -> list[View]:
    """Return the views that are defined on every row of z (n_rows,), the identity first."""
    sign = -1.0 if (z < 0).all() else 1.0
    size = np.abs(z)

    def signed(build: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
        return build if sign > 0 else lambda t: negate(build(t))

    found = [("identity", z, np.ones_like(z), lambda t: t)]
    with np.errstate(all="ignore"):
        if (size > 0).all() and ((z > 0).all() or (z < 0).all()):
            found += [
                ("inverse", 1 / z, 1 / z**2, lambda t: 1 / t),
                ("square", z**2, 2 * size, signed(lambda t: call("sqrt", t))),
                ("inverse square", 1 / z**2, 2 / size**3, signed(lambda t: 1 / call("sqrt", t))),
                ("root", np.sqrt(size), 0.5 / np.sqrt(size), signed(lambda t: power(t, 2))),
                ("logarithm", np.log(size), 1 / size, signed(lambda t: call("exp", t))),
            ]
            if sign > 0:
                found += [
                    ("log(1 + 1/z)", np.log1p(1 / z), 1 / (z * (1 + z)), lambda t: 1 / (call("exp", t) - 1)),
                    ("log(1 + z)", np.log1p(z), 1 / (1 + z), lambda t: call("exp", t) - 1),
                ]
        if size.max() < 20:
            found.append(("exponential", np.exp(z), np.exp(z), lambda t: call("log", t)))
        if size.max() <= math.pi / 2 + 1e-9:
            found.append(("sine", np.sin(z), np.abs(np.cos(z)), lambda t: call("asin", t)))
        if z.min() >= 0 and z.max() <= math.pi + 1e-9:
            found.append(("cosine", np.cos(z), np.abs(np.sin(z)), lambda t: call("acos", t)))
        if size.max() <= 1:
            found += [
                ("arcsine", np.arcsin(z), 1 / np.sqrt(1 - z**2), lambda t: call("sin", t)),
                ("arccosine", np.arccos(z), 1 / np.sqrt(1 - z**2), lambda t: call("cos", t)),
            ]
    return [View(*one) for one in found if _usable(one[1])]


def _usable(t: Array) -> bool:
    return bool(np.isfinite(t).all() and t.std() > 1e-12 * np.abs(t).max())
