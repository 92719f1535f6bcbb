"""Supports that were fitted for one target, the scale their chi-squares are read on, and which are kept.

Every engine that picks terms out of a library ends here: whoever proposed a support, it is fitted and
scored the same way, so that fronts of different engines can be compared.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from discover.expr import Expr, text
from discover.front import Candidate
from discover.inference.chisquare import Estimate, estimate, penalty
from discover.inference.menu import Menu
from discover.inference.rows import Rows

Support = tuple[int, ...]

Stop = Callable[[int], bool]
"""Asked before every fit, with the number of fits so far."""

CREDIBLE = 0.5
"""Chi-square per row of the leading candidate from which on the level of the noise is believed."""

KEPT_PER_SIZE = 2
CLOSE = 9.2
"""Candidates within this of the best score are all kept: 2 ln 100."""

INDISTINGUISHABLE = 4.6
"""A swap of one term that costs less than this names an alternative: 2 ln 10."""


@dataclass(slots=True)
class Candidates:
    """Every support that was fitted for one target, and the scale its chi-squares are read on.

    Attributes:
        proven: which sizes of supports are known to be the best on the Gram, in words; "" where nothing is.
    """

    rows: Rows
    target: int
    found: dict[Support, Estimate] = field(default_factory=dict)
    proven: str = ""
    menu: Menu | None = None
    """What may stand in the equation; None where every column may come and go alone."""

    def add(self, supports: Iterable[Support], stop: Stop) -> None:
        """Fit the supports that are new, until stopped."""
        for support in supports:
            if support not in self.found:
                if stop(len(self.found)):
                    return
                one = self.found[support] = estimate(self.rows, self.target, support)
                if self.rows.problem.constraints and not one.coefficients.all():
                    self.add([self._alive(one)], stop)

    def _alive(self, one: Estimate) -> Support:
        """Return the terms that constraints leave a coefficient, and those that must be in."""
        must = () if self.menu is None else self.menu.forced
        return tuple(p for p, w in zip(one.support, one.coefficients, strict=True) if w or p in must)

    @property
    def scale(self) -> float:
        """Misfit that even the best candidate leaves: 1, or more where the noise was underestimated."""
        return max(1.0, min((q for one in self.found.values() if np.isfinite(q := one.chi2 / one.n_rows)), default=1.0))

    def scores(self) -> dict[Support, float]:
        """Return the criterion of every candidate, smaller is better."""
        scale, enough = self.scale, self.enough
        return {key: max(one.chi2 / scale, enough) + self.price(key) for key, one in self.found.items()}

    @property
    def enough(self) -> float:
        """Chi-square below which a better fit is no evidence: over space, that of noise alone.

        A candidate has the covariance that its own terms imply, and noisy terms over space imply much: then wrong
        ones leave 0.6 to 0.9 of what noise leaves. Where the leader leaves less than half, its level is too high.
        """
        n = self.rows.n_rows
        if not self.rows.problem.is_weak_field:
            return 0.0
        leader = min(self.found, key=lambda key: (self.found[key].chi2 / self.scale + self.price(key), key))
        return float(n) if self.found[leader].chi2 > CREDIBLE * n else 0.0

    def price(self, support: Support) -> float:
        """Return what a support costs: its coefficients, and the choice of its groups among all."""
        n, k = self.rows.n_rows, self.found[support].n_free if support in self.found else len(support)
        if self.menu is None:
            return penalty(k, n, self.rows.n_priced or len(self.rows.terms))
        return penalty(k, n, self.menu.n_choices, len(self.menu.chosen(support)))

    def best(self) -> Support:
        """Return the support with the smallest criterion."""
        scores = self.scores()
        return min(scores, key=lambda key: (scores[key], key))


def kept(candidates: Candidates, names: tuple[str, ...]) -> list[Candidate]:
    """Return the candidates worth keeping: the best few of each size, and all near the best."""
    scores = candidates.scores()
    order = sorted(scores, key=lambda key: (scores[key], key))
    best, per_size, found = scores[order[0]], dict[int, int](), []
    for key in order:
        rank = per_size.get(len(key), 0)
        if not np.isfinite(scores[key]) and (found or candidates.rows.problem.constraints):
            continue  # constraints leave one of its terms nothing, or the whole of it
        if rank < KEPT_PER_SIZE or scores[key] - best < CLOSE:
            per_size[len(key)] = rank + 1
            found.append(_candidate(candidates, candidates.found[key], scores, names))
    return found


def _candidate(
    candidates: Candidates, one: Estimate, scores: dict[Support, float], names: tuple[str, ...]
) -> Candidate:
    rows = candidates.rows
    std = np.sqrt(np.diag(one.covariance()) * candidates.scale)
    return Candidate(
        target=rows.problem.targets[candidates.target],
        terms=tuple(rows.terms[p] for p in one.support),
        coefficients=tuple(one.coefficients.tolist()),
        std=tuple(std.tolist()),
        loss=one.chi2 / one.n_rows,
        score=scores[one.support],
        r2=_r2(candidates, one),
        alternatives=_alternatives(one.support, scores, rows.terms, names)
        if candidates.menu is None or candidates.menu.is_plain
        else ("",) * len(one.support),
    )


def _r2(candidates: Candidates, one: Estimate) -> float:
    """Return the share of the rows' sum of squares that the estimate explains; x' = 0 explains none."""
    rows, target = candidates.rows, candidates.target
    reference = rows.problem.reference(target)
    residual = total = 0.0
    for b, block in enumerate(rows.blocks):
        y = block.Y[target]
        residual += float(np.sum((y - one.coefficients @ rows.theta[b][list(one.support)]) ** 2))
        total += float(np.sum((y - reference) ** 2))
    return 1.0 - residual / total if total > 0 else 0.0


def _alternatives(
    support: Support, scores: dict[Support, float], terms: tuple[Expr, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return for each term those that could stand in its place without the data noticing, joined by commas."""
    mine = set(support)
    found: dict[int, list[str]] = {p: [] for p in support}
    for key, score in scores.items():
        new, gone = set(key) - mine, mine - set(key)
        if len(new) == len(gone) == 1 and abs(score - scores[support]) < INDISTINGUISHABLE:
            found[gone.pop()].append(text(terms[new.pop()], names))
    return tuple(", ".join(found[p]) for p in support)
