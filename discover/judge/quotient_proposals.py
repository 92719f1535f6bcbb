"""What the trajectories would rather have, above and below: supports from their Gram around a law of quotients.

The counterpart of `proposals` where denominators are on offer. Around p/q the states change with a coefficient above
as with a term f/q, and with one below as with -g p/q²; what is not in the law takes part with 0. One term below, the
reference, keeps its 1.
"""

from dataclasses import dataclass

import numpy as np

from discover.expr import Expr, add, constant, divide, multiply, negate
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.linearised import trajectory_gram
from discover.judge.proposals import HOPEFUL, MAX_TERMS, MOST_COLUMNS, N_PASSES, N_PROPOSED, Proposal
from discover.judge.systems import Trial, measured_on
from discover.problem import Array, Problem
from discover_kernels.subset import subset_path

ONE = constant(1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Around:
    """One equation, linearised about its fitted quotient.

    Attributes:
        above, below: every term on offer, those of the law first; the reference is not among those below.
        reference: the term below that keeps its 1.
        values: coefficients in the law, 0 for terms that it lacks, shape (n_above + n_below,).
        chosen: columns of the law's own terms.
        side: (coefficient in the rates, expression) of every column.
    """

    above: tuple[Expr, ...]
    below: tuple[Expr, ...]
    reference: Expr
    values: Array
    chosen: tuple[int, ...]
    side: tuple[tuple[float, Expr], ...]


def quotient_proposals(problem: Problem, front: Front, trial: Trial) -> list[Proposal]:
    """Return supports that the trajectories promise more of than of the leader's, the best first."""
    fit = trial.followed
    simple = problem.order == 1 and problem.clock is None and not problem.cases
    if fit is None or not simple or not any(front.below):
        return []
    around = [
        _around(candidate, above, below, fit.coefficients[trial.part(i)])
        for i, (candidate, above, below) in enumerate(zip(trial.candidates, front.offers, front.below, strict=True))
    ]
    if sum(len(one.side) for one in around) > MOST_COLUMNS:
        return []
    stretches, noise = measured_on(problem, trial.pieces)
    gram = trajectory_gram([one.side for one in around], stretches, noise, fit, problem.errors)
    if gram is None:
        return []
    M, starts = _moved(gram.matrix, around), np.cumsum([0, *(len(one.side) for one in around)])
    n, scale = problem.n_states * problem.n_samples, max(1.0, fit.chi2)
    found = []
    for i, one in enumerate(around):
        others = [int(starts[k]) + p for k, other in enumerate(around) if k != i for p in other.chosen]
        mine = [*range(int(starts[i]), int(starts[i + 1])), len(M) - 1]
        found += _of_equation(i, one, _reduced(M, mine, others), n, scale, front.n_library)
    return sorted(found, key=lambda proposal: -proposal.promised)


def _around(candidate: Candidate, above: tuple[Expr, ...], below: tuple[Expr, ...], fitted: Array) -> _Around:
    n, reference = len(candidate.terms), candidate.reference or ONE
    tops = (*candidate.terms, *(term for term in above if term not in candidate.terms))
    lows = (*candidate.denominator[1:], *(t for t in below if t not in candidate.denominator and t != reference))
    a = np.concatenate([fitted[:n], np.zeros(len(tops) - n)])
    b = np.concatenate([fitted[n:], np.zeros(len(lows) - len(fitted) + n)])
    p, q = _sum(a, tops), add(reference, _sum(b, lows)) if b.any() else reference
    rate = divide(p, q)
    side = [(value, divide(term, q)) for value, term in zip(a.tolist(), tops, strict=True)]
    side += [(0.0, negate(divide(multiply(term, rate), q))) for term in lows]
    chosen = (*range(n), *range(len(tops), len(tops) + len(fitted) - n))
    return _Around(tops, lows, reference, np.concatenate([a, b]), chosen, tuple(side))


def _sum(values: Array, terms: tuple[Expr, ...]) -> Expr:
    total: Expr | None = None
    for value, term in zip(values.tolist(), terms, strict=True):
        if value != 0.0:
            product = multiply(constant(value), term)
            total = product if total is None else add(total, product)
    return constant(0.0) if total is None else total


def _moved(matrix: Array, around: list[_Around]) -> Array:
    """Return the quadratic form in the coefficients below themselves, and no longer in what they change by."""
    shift = np.concatenate([np.where(np.arange(len(one.values)) < len(one.above), 0.0, one.values) for one in around])
    T = np.eye(len(matrix))
    T[:-1, -1] = shift  # the form is that of (columns, -1): what they change by is the coefficient less the fitted one
    return T.T @ matrix @ T


def _reduced(M: Array, mine: list[int], others: list[int]) -> Array:
    """Return the form in one equation's coefficients, the others' chosen ones at their best."""
    A = M[np.ix_(mine, mine)]
    if others:
        A = (
            A
            - M[np.ix_(mine, others)]
            @ np.linalg.lstsq(M[np.ix_(others, others)], M[np.ix_(others, mine)], rcond=1e-12)[0]
        )
    return (A + A.T) / 2


def _of_equation(i: int, one: _Around, A: Array, n: int, scale: float, n_library: int) -> list[Proposal]:
    norms = np.sqrt(np.maximum(np.diag(A), 0.0))
    norms[norms == 0.0] = 1.0
    G = np.ascontiguousarray(A / norms / norms[:, None])

    def solved(support: tuple[int, ...]) -> tuple[Array, float]:
        index = list(support)
        w = np.linalg.lstsq(G[np.ix_(index, index)], G[index, -1], rcond=1e-12)[0]
        chi2 = float(G[-1, -1] - G[index, -1] @ w) * norms[-1] ** 2
        divided = one.reference.value is None
        return w * norms[-1] / norms[index], chi2 / scale + penalty(len(index), n, n_library, len(index) + divided)

    leader = solved(one.chosen)[1]
    found = []
    for line in subset_path(G, min(MAX_TERMS, len(one.side)), N_PASSES)[1]:
        support = tuple(np.flatnonzero(line).tolist())
        above = tuple(p for p in support if p < len(one.above))
        if not above or set(support) == set(one.chosen):
            continue
        w, criterion = solved(support)
        if leader - criterion > HOPEFUL:
            below = tuple(one.below[p - len(one.above)] for p in support[len(above) :])
            denominator = (one.reference, *below) if below or one.reference.value is None else ()
            terms = tuple(one.above[p] for p in above)
            found.append(Proposal(i, terms, tuple(w.tolist()), float(leader - criterion), denominator))
    return sorted(found, key=lambda proposal: -proposal.promised)[:N_PROPOSED]
