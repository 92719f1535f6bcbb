"""Does a form hold in other units of its columns too, or only by the accident of those that somebody chose?

A luminosity of 1e8 is not a number beside which 1 means anything: in another unit of the column the 1 of 1 + log(L)
would be another number, and no constant of the form can take the change up. Such a number is no whole one, and pays
like any other. Columns of ordinary size may be pure numbers, and are left alone.
"""

import numpy as np

from discover.expr import compile_program, differentiate
from discover.inference.criteria import slopes
from discover.inference.description import BROKEN, PER_TOKEN
from discover.inference.forms import Form, values
from discover.problem import Array

ORDINARY = 1e3
"""Size up to which, and down to whose inverse, a column may be a pure number."""

N_ROWS = 60
ABSORBED = 1e-6
"""Share of a change of unit that may be left when the constants have taken it up."""


def surcharge(form: Form, X: Array) -> float:
    """Return the nats that a form of X (n_variables, n_rows) pays for columns whose unit it depends upon.

    >>> from discover.expr import parse
    >>> X = np.geomspace(1e6, 1e9, 50)[None]
    >>> surcharge(Form(parse("a*(1 + log(x))", ["x", "a"]), 1, (2.0,)), X)
    7.5
    >>> surcharge(Form(parse("a + b*log(x)", ["x", "a", "b"]), 1, (2.0, 2.0)), X)
    0.0
    """
    return PER_TOKEN * BROKEN * len(accidental(form, X))


def accidental(form: Form, X: Array) -> list[int]:
    """Return columns of no ordinary size of which neither constants nor units of y and others take up a change."""
    used = sorted(v for v in form.expr.variables if v < form.n_variables)
    strange = [v for v in used if _strange(X[v])]
    if not strange:
        return []
    rows = np.ascontiguousarray(X[:, np.linspace(0, X.shape[1] - 1, min(N_ROWS, X.shape[1])).astype(int)])
    J = slopes(form, rows)
    numbers = np.repeat(np.array(form.start)[:, None], rows.shape[1], axis=1)
    parts = compile_program([differentiate(form.expr, v) for v in used], form.n_variables + form.n_free)
    with np.errstate(all="ignore"):
        D = dict(zip(used, parts.evaluate(np.concatenate([rows, numbers])) * rows[used], strict=True))
        basis = np.concatenate([J, values(form, rows)[None]])
        return [v for v in strange if not _within(D[v], np.array([*basis, *(D[u] for u in used if u != v)]))]


def _strange(x: Array) -> bool:
    size = np.abs(x)
    return bool(size.min() > ORDINARY or 0.0 < size.max() < 1.0 / ORDINARY)


def _within(d: Array, basis: Array) -> bool:
    """Return whether d (n_rows,) is a combination of the lines of a basis (n_lines, n_rows)."""
    norms = np.linalg.norm(basis, axis=1)
    usable = np.isfinite(norms) & (norms > 0.0)
    if not np.isfinite(d).all() or not d.any() or usable.sum() >= len(d) - 1:
        return True  # nothing to be seen
    A = (basis[usable] / norms[usable, None]).T
    rest = d - A @ np.linalg.lstsq(A, d, rcond=1e-12)[0]
    return bool(np.linalg.norm(rest) <= ABSORBED * np.linalg.norm(d))
