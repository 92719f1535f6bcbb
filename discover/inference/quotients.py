"""Rational candidates of one target beside the plain ones: their scores, and which are kept.

The counterpart of `candidates` where a library has terms below too; plain and rational ones are read on one scale.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from discover.expr import text
from discover.front import Candidate
from discover.inference.candidates import CLOSE, INDISTINGUISHABLE, KEPT_PER_SIZE, Candidates, Stop, Support
from discover.inference.chisquare import penalty
from discover.inference.fractions import Fractions, Quotient, fit
from discover.inference.rows import Rows
from discover.problem import Array

LUCK = 1.5
"""Standard deviations below its expectation to which a chi-square still counts."""

POLE = "its denominator is zero, or might be for all the noise lets one see, within the data"

MOST_REFUSED = 2
"""Candidates with a pole that are shown, the shortest."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A support worth fitting: columns above, columns below with the reference first, and coefficients below."""

    above: Support
    below: Support
    start: Array

    @property
    def support(self) -> Support:
        return tuple(sorted((*self.above, *self.below)))


@dataclass(slots=True)
class Quotients:
    """Every candidate that was fitted for one target, plain and rational, and those that have poles in the data."""

    of: Fractions
    target: int
    plain: Candidates
    found: dict[Support, Quotient] = field(default_factory=dict)
    poles: dict[Support, Proposal] = field(default_factory=dict)

    @property
    def n_fits(self) -> int:
        return len(self.plain.found) + len(self.found) + len(self.poles)

    def add(self, proposals: Iterable[Proposal], stop: Stop) -> None:
        """Fit the proposals that are new, until stopped."""
        for one in proposals:
            if one.support in self.found or one.support in self.poles:
                continue
            if stop(self.n_fits):
                return
            fitted = fit(self.of, self.target, one.above, one.below, one.start)
            if fitted is None:
                self.poles[one.support] = one
            else:
                self.found[one.support] = fitted

    @property
    def chi2(self) -> dict[Support, float]:
        """The chi-square of every candidate."""
        plain = {key: one.chi2 for key, one in self.plain.found.items()}
        return plain | {key: one.chi2 for key, one in self.found.items()}

    @property
    def scale(self) -> float:
        """Misfit that even the best candidate leaves: 1, or more where the noise was underestimated."""
        return max(1.0, min(self.chi2.values()) / self.of.rows.n_rows)

    def price(self, support: Support) -> float:
        """Return what a support costs: its coefficients, and the choice of its terms among all but a constant below."""
        constant = self.of.constant_below()
        chosen = len(support) - (constant in support)
        free = len(support) - any(p >= self.of.n_above for p in support)
        return penalty(free, self.of.rows.n_rows, len(self.of.rows.terms) - (constant is not None), chosen)

    def scores(self) -> dict[Support, float]:
        """Return the criterion of every candidate, smaller is better."""
        scale = self.scale
        return {key: max(value / scale, self.least(key)) + self.price(key) for key, value in self.chi2.items()}

    def least(self, support: Support) -> float:
        """Return the chi-square that the noise must leave, by and large: to explain more is no merit.

        Steep quotients are moved so far by noise in the states that their own covariance excuses everything: with
        72 rows at 5 % noise, 12 terms left 0.13 a row where the true 6 left 0.77.
        """
        dof = max(1, self.of.rows.n_rows - len(support))
        return dof * max(0.0, 1.0 - LUCK * float(np.sqrt(2.0 / dof + 4.0 * self.of.rows.problem.noise_error**2)))

    def ranked(self) -> list[Support]:
        """Return the supports, the smallest criterion first."""
        scores = self.scores()
        return sorted(scores, key=lambda key: (scores[key], key))


def kept(candidates: Quotients) -> list[Candidate]:
    """Return the candidates worth keeping: the best few of each size, all near the best, and refused ones no longer."""
    scores, of = candidates.scores(), candidates.of
    order = sorted(scores, key=lambda key: (scores[key], key))
    best, per_size, found = scores[order[0]], dict[int, int](), []
    for key in order:
        rank = per_size.get(len(key), 0)
        if rank < KEPT_PER_SIZE or scores[key] - best < CLOSE:
            per_size[len(key)] = rank + 1
            found.append(candidate_of(candidates, key, scores))
    longest = max(found[0].n_terms, 2)
    refused = sorted((one for one in candidates.poles.values()), key=lambda one: (len(one.support), one.support))
    short = [one for one in refused if len(one.support) - (of.constant_below() in one.support) <= longest]
    return found + [_refused(candidates, one) for one in short[:MOST_REFUSED]]


def candidate_of(candidates: Quotients, key: Support, scores: dict[Support, float]) -> Candidate:
    """Return one fitted candidate as the front holds it."""
    of, one = candidates.of, candidates.found.get(key)
    terms, names = of.rows.terms, of.rows.problem.names
    plain = candidates.plain.found.get(key)
    if one is None:
        assert plain is not None  # what is scored was fitted
        rows, estimate, above, a = of.rows, plain, key, plain.coefficients
        theta: list[Array] = [theta[list(key)] for theta in rows.theta]
    else:
        rows, estimate, above, a = one.rows, one.estimate, one.above, one.a
        theta = [theta[: len(above)] for theta in rows.theta]
    std = np.sqrt(np.diag(estimate.covariance()) * candidates.scale)
    below, b = (one.below, one.b) if one is not None else ((), np.empty(0))
    return Candidate(
        target=rows.problem.targets[candidates.target],
        terms=tuple(terms[p] for p in above),
        coefficients=tuple(a.tolist()),
        std=tuple(std[: len(above)].tolist()),
        loss=estimate.chi2 / estimate.n_rows,
        score=scores[key],
        r2=explained(rows, candidates.target, theta, a),
        alternatives=_alternatives(candidates, key, above, scores, names),
        denominator=tuple(terms[p] for p in below),
        divisors=tuple(b.tolist()),
        divisor_std=(0.0, *std[len(above) :].tolist()) if below else (),
    )


def explained(rows: Rows, target: int, theta: list[Array], a: Array) -> float:
    """Return the share of the rows' sum of squares that coefficients a of the columns theta explain."""
    reference = rows.problem.reference(target)
    residual = total = 0.0
    for block, columns in zip(rows.blocks, theta, strict=True):
        y = block.Y[target]
        residual += float(np.sum((y - a @ columns) ** 2))
        total += float(np.sum((y - reference) ** 2))
    return 1.0 - residual / total if total > 0 else 0.0


def _refused(candidates: Quotients, one: Proposal) -> Candidate:
    """Return a proposal that no fit could keep free of poles, with the coefficients below that it was proposed with."""
    terms, problem = candidates.of.rows.terms, candidates.of.rows.problem
    unknown = (float("nan"),) * len(one.above)
    return Candidate(
        target=problem.targets[candidates.target],
        terms=tuple(terms[p] for p in one.above),
        coefficients=unknown,
        std=unknown,
        loss=float("inf"),
        score=float("inf"),
        r2=float("nan"),
        alternatives=("",) * len(one.above),
        refusal=POLE,
        denominator=tuple(terms[p] for p in one.below),
        divisors=tuple(one.start.tolist()),
        divisor_std=(0.0, *(float("nan") for _ in one.below[1:])),
    )


def _alternatives(
    candidates: Quotients, key: Support, above: Support, scores: dict[Support, float], names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return for each term above those that could stand in its place without the data noticing."""
    of, mine = candidates.of, set(key)
    found: dict[int, list[str]] = {p: [] for p in above}
    for other, score in scores.items():
        new, gone = set(other) - mine, mine - set(other)
        if len(new) == len(gone) == 1 and abs(score - scores[key]) < INDISTINGUISHABLE:
            old, put = gone.pop(), new.pop()
            if old in found and put < of.n_above:
                found[old].append(text(of.rows.terms[put], names))
    return tuple(", ".join(found[p]) for p in above)
