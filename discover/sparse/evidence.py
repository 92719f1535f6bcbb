"""Bayesian evidence over supports on a Gram: how probable is each, and each term?

Under Zellner's prior ξ ~ N(0, g σ² (ΘᵀΘ)⁻¹) the evidence of a support needs its residual only. The scale g is
estimated from each support itself, so that terms as strong as those found are expected; supports of one
size share one prior, and all sizes are alike beforehand.

Source: Liang et al. (2008), doi:10.1198/016214507000001337; Scott and Berger (2010), doi:10.1214/10-AOS792.
"""

from dataclasses import dataclass
from math import comb, log, log1p

import numpy as np

from discover.problem import Array
from discover.sparse.constrained import Equalities, Regression, regressions
from discover.sparse.stepwise import Support, forward

WINDOW = 9.2
"""Logarithm of the odds against the best support up to which neighbours are followed: 10 000 to 1."""

MAX_MODELS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Probabilities of the supports that were looked at.

    Attributes:
        inclusion: probability of each term in each target's equation, shape (n_targets, n_terms).
        supports: for each regression its supports with their probabilities, likeliest first; unknowns are
            numbered target · n_terms + term. Targets that equalities tie together are one regression.
        complete: whether every neighbour within the window was looked at.
    """

    inclusion: Array
    supports: tuple[tuple[tuple[Support, float], ...], ...]
    complete: bool


def log_evidence(r2: float, k: int, n_rows: int, noise_known: bool = False) -> float:
    """Return the logarithm of a support's evidence against that of no terms at all.

    Args:
        r2: share of the left-hand side's sum of squares that it explains; where the noise is known, the sum
            of squares that it explains, in units of its variance.
        k: coefficients that are free.
        n_rows: independent rows.
        noise_known: whether the rows are whitened, with a noise of variance one.

    >>> log_evidence(0.9, 2, 100) > log_evidence(0.9, 3, 100) > log_evidence(0.0, 0, 100) == 0.0
    True
    """
    if not k:
        return 0.0
    if noise_known:
        g = max(r2 / k - 1.0, 0.0)
        return 0.5 * (r2 * g / (1.0 + g) - k * log1p(g))
    left = max(1.0 - r2, 1e-15)
    spare = max(n_rows - k, 1)
    g = max(r2 / k / (left / spare) - 1.0, 0.0)
    return 0.5 * (spare * log1p(g) - n_rows * log1p(g * left))


def posterior(
    G: Array,
    n_targets: int,
    n_rows: int,
    max_terms: int = 14,
    noise_known: bool = False,
    equalities: Equalities | None = None,
    max_models: int = MAX_MODELS,
) -> Posterior:
    """Return the probabilities of supports and terms, by following neighbours of the best.

    A neighbour differs by one term dropped, added or replaced. From the likeliest support that was not yet
    visited the search goes on, while it is within 10 000 to 1 of the best.

    Args:
        G: one Gram of [θ; Y], shape (n_terms + n_targets,) squared.
        n_targets: how many of its last rows are left-hand sides.
        n_rows: independent rows that it is a sum over.
        max_terms: largest support.
        noise_known: whether rows are whitened to a noise of variance one; else it is integrated out.
        equalities: what the coefficients obey exactly; what they determine counts as no coefficient.
        max_models: most supports whose neighbours are looked at.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> Theta = rng.standard_normal((5, 200))
    >>> Z = np.vstack([Theta, 2 * Theta[1] + rng.standard_normal(200)])
    >>> (posterior(Z @ Z.T, 1, 200).inclusion[0] > 0.5).tolist()
    [False, True, False, False, False]
    """
    n_terms = len(G) - n_targets
    inclusion, told, complete = np.zeros(n_targets * n_terms), [], True
    for one in regressions(G, n_targets, equalities, noise_known):
        walk = _Walk(one, n_rows, min(max_terms, one.n), noise_known, {})
        complete &= walk.follow(max_models)
        keys = sorted(walk.found, key=lambda s: (-walk.found[s], s))
        weights = np.exp(np.array([walk.found[s] for s in keys]) - walk.found[keys[0]])
        weights /= weights.sum()
        for support, weight in zip(keys, weights.tolist(), strict=True):
            inclusion[one.unknowns[list(support)]] += weight
        told.append(
            tuple((tuple(one.unknowns[list(s)].tolist()), w) for s, w in zip(keys, weights.tolist(), strict=True))
        )
    return Posterior(np.minimum(inclusion, 1.0).reshape(n_targets, n_terms), tuple(told), complete)


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """Supports of one regression and the logarithm of what each weighs, prior included."""

    one: Regression
    n_rows: int
    max_terms: int
    noise_known: bool
    found: dict[Support, float]

    def follow(self, max_models: int) -> bool:
        """Visit neighbours until none is left within the window; return whether none was."""
        for support in forward(self.one, self.max_terms):
            self._weigh(support)
        visited: set[Support] = set()
        while True:
            best = max(self.found.values())
            near = [s for s, w in self.found.items() if s not in visited and best - w < WINDOW]
            if not near or len(visited) >= max_models:
                return not near
            support = max(near, key=lambda s: (self.found[s], s))
            visited.add(support)
            self._look_around(support)

    def _look_around(self, support: Support) -> None:
        outside = [j for j in range(self.one.n) if j not in support and self.one.G[j, j] > 0.0]
        for gone in [None, *support]:
            kept = tuple(p for p in support if p != gone)
            if gone is not None:
                self._weigh(kept)
            if len(kept) < self.max_terms:
                self._weigh_all(kept, outside)

    def _weigh_all(self, kept: Support, outside: list[int]) -> None:
        """Weigh a support with each of the other terms added."""
        if len(self.one.A):
            for j in outside:
                self._weigh(tuple(sorted((*kept, j))))
            return
        S, G, c = list(kept), self.one.G, self.one.c
        solved = np.linalg.lstsq(G[np.ix_(S, S)], np.column_stack([G[np.ix_(S, outside)], c[S]]), rcond=1e-12)[0]
        spread = np.diag(G)[outside] - np.einsum("ij,ij->j", G[np.ix_(S, outside)], solved[:, :-1])
        slope = c[outside] - solved[:, :-1].T @ c[S]
        residual = self.one.yy - c[S] @ solved[:, -1]
        for j, d, b in zip(outside, spread.tolist(), slope.tolist(), strict=True):
            if d > 1e-9:
                self._put(tuple(sorted((*kept, j))), residual - b * b / d, len(kept) + 1)

    def _weigh(self, support: Support) -> None:
        space = self.one.null_space(support)
        fit = self.one.fit(support)
        if fit is not None and space is not None and support not in self.found:
            self._put(support, fit.residual, space[1].shape[1])

    def _put(self, support: Support, residual: float, k: int) -> None:
        if support not in self.found:
            explained = self.one.yy - residual if self.noise_known else 1.0 - residual / max(self.one.yy, 1e-300)
            alike = log(comb(self.one.n, len(support)))
            self.found[support] = log_evidence(explained, k, self.n_rows, self.noise_known) - alike
