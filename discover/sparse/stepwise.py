"""Supports of growing or shrinking size, one term at a time, under equalities.

Source: Billings, Chen, Korenberg (1989), doi:10.1080/00207178908953472, for forward selection by orthogonal least
squares; Boninsegna, Nüske, Clementi (2018), doi:10.1063/1.5018409, for backward elimination.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from discover.errors import SettingError
from discover.problem import Array
from discover.sparse.constrained import Equalities, Regression, assembled, regressions

Direction = Literal["forward", "backward"]

Support = tuple[int, ...]


def stepwise(
    G: Array,
    n_targets: int,
    max_terms: int,
    direction: Direction = "forward",
    equalities: Equalities | None = None,
) -> Array:
    """Return the least-squares coefficients of the supports that single steps lead to, by size.

    Args:
        G: one Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        max_terms: largest size; targets that equalities tie together count together.
        direction: "forward" adds the term that lowers the residual most, "backward" starts from all terms
            and drops the one that raises it least.
        equalities: what the coefficients obey exactly.

    Returns:
        shape (max_terms, n_targets, n_terms): size 1 first. Where a size is not met, for a step moved
        several terms at once, stands the next smaller one that was.

    Raises:
        SettingError: for another direction.

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> from discover.sparse.moments import derivative_gram
    >>> X = np.linspace(-1.0, 1.0, 50)[None]
    >>> stepwise(derivative_gram(X, -2.0 * X, Polynomial(2).build(["x"]))[0], 1, 1).round(6)
    array([[[ 0., -2.,  0.]]])
    """
    if direction not in ("forward", "backward"):
        raise SettingError(f'direction must be "forward" or "backward", got {direction!r}.')
    parts = regressions(G, n_targets, equalities)
    paths = []
    for one in parts:
        steps = forward(one, max_terms) if direction == "forward" else backward(one)
        by_size = {len(support): support for support in steps}
        paths.append([by_size[max((s for s in by_size if s <= k), default=min(by_size))] for k in _sizes(max_terms)])
    found = []
    for k in range(max_terms):
        fits = [(one, one.fit(path[k])) for one, path in zip(parts, paths, strict=True)]
        found.append(
            assembled([(one, fit.coefficients) for one, fit in fits if fit is not None], n_targets, len(G) - n_targets)
        )
    return np.stack(found)


def _sizes(max_terms: int) -> range:
    return range(1, max_terms + 1)


def forward(one: Regression, max_terms: int) -> Iterator[Support]:
    """Yield supports of growing size, the smallest that the equalities allow first."""
    support = _start(one)
    yield support
    while len(support) < min(max_terms, one.n):
        best, least = None, np.inf
        for entry in _entries(one, support):
            candidate = tuple(sorted({*support, *entry}))
            fit = one.fit(candidate)
            gain = (0.0 if fit is None else one.yy - fit.residual) / (len(candidate) - len(support))
            if fit is not None and len(candidate) <= max_terms and -gain < least:
                best, least = candidate, -gain
        if best is None:
            return
        support = best
        yield support


def _entries(one: Regression, support: Support) -> Iterator[tuple[int, ...]]:
    """Yield what may enter: a term, or a term with those that equalities tie it to."""
    mine = set(support)
    for j in range(one.n):
        if j not in mine and one.G[j, j] > 0.0:
            yield (j,)
            tied = np.flatnonzero(one.A[one.A[:, j] != 0.0].any(axis=0)).tolist() if len(one.A) else []
            if len(tied) > 1:
                yield tuple(p for p in {j, *tied} if p not in mine)


def _start(one: Regression) -> Support:
    """Return a smallest support that the equalities allow: empty unless one of them has a right-hand side."""
    needed = np.flatnonzero(one.A[one.b != 0.0].any(axis=0)).tolist() if len(one.A) else []
    if one.feasible(()) or not one.feasible(needed):
        return () if one.feasible(()) else tuple(range(one.n))
    support = tuple(needed)
    while True:
        fewer = [tuple(p for p in support if p != j) for j in support]
        fits = [(fit.residual, one_less) for one_less in fewer if (fit := one.fit(one_less)) is not None]
        if not fits:
            return support
        support = min(fits)[1]


def backward(one: Regression) -> Iterator[Support]:
    """Yield supports of shrinking size, from all terms down to the smallest that the equalities allow."""
    support = tuple(j for j in range(one.n) if one.G[j, j] > 0.0 or (len(one.A) and one.A[:, j].any()))
    yield support
    while support:
        rises = one.rises(support)
        order = np.argsort(rises, kind="stable")
        allowed = (tuple(p for p in support if p != support[k]) for k in order if np.isfinite(rises[k]))
        fewer = next((left for left in allowed if one.feasible(left)), None)
        if fewer is None:
            return
        support = fewer
        yield support
