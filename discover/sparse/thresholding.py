"""Thresholding on Grams: STLSQ under equalities, MSTLS with its own choice of threshold, and SR3.

Sources: Brunton, Proctor, Kutz (2016), doi:10.1073/pnas.1517384113; Messenger and Bortz (2021),
doi:10.1016/j.jcp.2021.110525; Zheng et al. (2019), doi:10.1109/ACCESS.2018.2886528.
"""

from collections.abc import Sequence

import numpy as np

from discover.problem import Array
from discover.sparse.constrained import Equalities, Regression, assembled, regressions, without_small

MSTLS_THRESHOLDS = np.geomspace(1e-4, 1.0, 50)


def constrained_stlsq(
    G: Array, n_targets: int, thresholds: Sequence[float], alpha: float, max_iter: int, equalities: Equalities
) -> Array:
    """Return STLSQ coefficients (n_thresholds, n_targets, n_terms) that obey equalities; see `stlsq`."""
    n_terms = len(G) - n_targets
    parts = regressions(G, n_targets, equalities)
    return np.stack(
        [
            assembled(
                [(one, _thresholded(one, np.full(one.n, h), np.full(one.n, np.inf), alpha, max_iter)) for one in parts],
                n_targets,
                n_terms,
            )
            for h in thresholds
        ]
    )


def _thresholded(one: Regression, low: Array, high: Array, alpha: float, max_iter: int) -> Array:
    """Return the fit (n,) of what stays when coefficients outside [low, high], in the units of the data, leave.

    While they leave there is a ridge of strength alpha on coefficients in the units of the data; in the end
    there is none. What the equalities need stays.
    """
    active, ridge = list(range(one.n)), alpha / one.columns**2
    for _ in range(max_iter):
        fit = one.fit(active, ridge)
        size = np.abs(one.in_units(np.zeros(one.n) if fit is None else fit.coefficients))
        outside = [j for j in active if not low[j] <= size[j] <= high[j]]
        fewer = without_small(one, active, sorted(outside, key=lambda j: size[j]))
        if len(fewer) == len(active):
            break
        active = fewer
    fit = one.fit(active)
    return np.zeros(one.n) if fit is None else fit.coefficients


def mstls(
    G: Array, n_targets: int, thresholds: Sequence[float] | None = None, equalities: Equalities | None = None
) -> Array:
    """Return the coefficients of modified STLSQ, which chooses its threshold by a loss of its own.

    A term stays where both its coefficient and its share of the left-hand side lie within a factor λ of
    one; λ minimises |Θ(w - w₀)| / |Θ w₀| + (share of terms kept), w₀ being the least squares of all terms.

    Args:
        G: one Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        thresholds: values of λ, between 0 and 1; None takes fifty from 1e-4 to 1.
        equalities: what the coefficients obey exactly.

    Returns:
        shape (n_targets, n_terms).

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> from discover.sparse.moments import derivative_gram
    >>> X = np.linspace(-1.0, 1.0, 50)[None]
    >>> mstls(derivative_gram(X, -2.0 * X, Polynomial(2).build(["x"]))[0], 1).round(6)
    array([[ 0., -2.,  0.]])
    """
    steps = MSTLS_THRESHOLDS if thresholds is None else thresholds
    parts = regressions(G, n_targets, equalities)
    return assembled([(one, mstls_path(one, steps)[0]) for one in parts], n_targets, len(G) - n_targets)


def mstls_path(one: Regression, thresholds: Sequence[float] | Array) -> tuple[Array, list[Array]]:
    """Return the MSTLS choice (n,) of one regression, and what it saw at every threshold."""
    everything = one.fit(range(one.n))
    if everything is None:
        return np.zeros(one.n), []
    w0 = everything.coefficients
    whole = max(float(w0 @ one.G @ w0), 1e-300)
    found, losses = [], []
    for step in thresholds:
        reach = 1.0 / one.norms  # ‖y‖ / ‖θ‖: the coefficient of a term that makes up all of the left-hand side
        low, high = step * np.maximum(1.0, reach), np.minimum(1.0, reach) / step
        w = _thresholded(one, low, high, 0.0, one.n)
        found.append(w)
        losses.append(np.sqrt(max((w - w0) @ one.G @ (w - w0), 0.0) / whole) + np.count_nonzero(w) / one.n)
    return found[int(np.argmin(losses))], found


def sr3(
    G: Array,
    n_targets: int,
    thresholds: Sequence[float],
    nu: float = 1.0,
    max_iter: int = 100,
    equalities: Equalities | None = None,
) -> Array:
    """Return SR3 coefficients at every threshold: a relaxed copy of the coefficients is thresholded, then refitted.

    Minimises |y - Θξ|² + |D(ξ - w)|² / ν + (threshold² / ν) Σ D² [w ≠ 0], D being the norms of the columns, in turns:
    w is ξ without what is below the threshold, and ξ solves a ridge regression that pulls it towards w, least
    squares first. The survivors are refitted by least squares.

    Args:
        G: one Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        thresholds: smallest magnitude that survives, in the units of the data.
        nu: how loosely the two copies are tied.
        max_iter: most turns.
        equalities: what the coefficients obey exactly.

    Returns:
        shape (n_thresholds, n_targets, n_terms).

    >>> import numpy as np
    >>> from discover.expr import Polynomial
    >>> from discover.sparse.moments import derivative_gram
    >>> X = np.linspace(-1.0, 1.0, 50)[None]
    >>> sr3(derivative_gram(X, -2.0 * X, Polynomial(2).build(["x"]))[0], 1, [0.1]).round(6)
    array([[[ 0., -2.,  0.]]])
    """
    parts = regressions(G, n_targets, equalities)
    paths = [sr3_path(one, [np.full(one.n, h) for h in thresholds], nu, max_iter) for one in parts]
    return np.stack(
        [
            assembled([(one, path[h]) for one, path in zip(parts, paths, strict=True)], n_targets, len(G) - n_targets)
            for h in range(len(thresholds))
        ]
    )


def sr3_path(one: Regression, thresholds: Sequence[Array], nu: float, max_iter: int) -> list[Array]:
    """Return the coefficients (n,) of one regression at every threshold, given for each coefficient."""
    space = one.null_space(range(one.n))
    if space is None:
        return [np.zeros(one.n) for _ in thresholds]
    start, N = space
    inverse = np.linalg.inv(N.T @ one.G @ N + np.eye(N.shape[1]) / nu)

    def pulled(towards: Array) -> Array:
        return start + N @ (inverse @ (N.T @ (one.c - one.G @ start + (towards - start) / nu)))

    found = []
    everything = one.fit(range(one.n))
    for h in thresholds:
        x = w = np.zeros(one.n) if everything is None else everything.coefficients
        for _ in range(max_iter):
            x = pulled(w)
            new = np.where(np.abs(one.in_units(x)) >= h, x, 0.0)
            change, w = np.abs(new - w).max(initial=0.0), new
            if change <= 1e-10 * np.abs(x).max(initial=0.0):
                break
        size = np.abs(x)
        small = sorted(np.flatnonzero(w == 0.0).tolist(), key=lambda j: size[j])
        fit = one.fit(without_small(one, range(one.n), small))
        found.append(np.zeros(one.n) if fit is None else fit.coefficients)
    return found
