"""What the trajectories themselves would rather have: supports from the Gram of a law that follows them.

Rows see the library through noisy states and hide the right terms from a search, and dropping terms one by one
does not undo a wrong set that hangs together. On the Gram of the trajectories whole supports are searched.
"""

from dataclasses import dataclass

import numpy as np

from discover.expr import Expr
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.linearised import TrajectoryGram, trajectory_gram
from discover.judge.systems import Trial, measured_on
from discover.problem import Array, Problem
from discover_kernels.subset import subset_path

MOST_COLUMNS = 400
"""Terms of all equations together up to which the Gram is worth its time."""

MAX_TERMS = 14
N_PASSES = 4
N_PROPOSED = 3
HOPEFUL = -10.0
"""Predicted advantage over the leader from which on a support is tried: the prediction is linear."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another right-hand side for one equation: terms, the coefficients to begin with, and the gain it promises.

    What the terms are divided by has its coefficients after theirs, but for its first term, which keeps its 1.
    """

    equation: int
    terms: tuple[Expr, ...]
    coefficients: tuple[float, ...]
    promised: float
    denominator: tuple[Expr, ...] = ()

    @property
    def free(self) -> tuple[tuple[bool, Expr], ...]:
        """(whether below, term) of every coefficient, in their order."""
        return (*((False, term) for term in self.terms), *((True, term) for term in self.denominator[1:]))

    def candidate(self, target: str) -> Candidate:
        """Return it as a candidate that was fitted to nothing yet."""
        n, below = len(self.terms), self.coefficients[len(self.terms) :]
        nan, one = float("nan"), (1.0,) if self.denominator else ()
        return Candidate(
            target=target,
            terms=self.terms,
            coefficients=self.coefficients[:n],
            std=(nan,) * n,
            loss=nan,
            score=nan,
            r2=nan,
            alternatives=("",) * n,
            denominator=self.denominator,
            divisors=(*one, *below),
            divisor_std=(nan,) * len(self.denominator),
        )


def proposals(problem: Problem, front: Front, trial: Trial) -> list[Proposal]:
    """Return supports that the trajectories promise more of than of the leader's, the best first.

    None are made of laws that do not follow the data, and where terms may not come and go alone.
    """
    known = library_gram(problem, front, trial)
    if known is None or trial.followed is None:
        return []
    offered, gram = known
    scale = max(1.0, trial.followed.chi2)
    found = [
        proposal
        for i in range(len(offered))
        for proposal in _of_equation(problem, front, trial, gram, i, offered[i], scale)
    ]
    return sorted(found, key=lambda proposal: -proposal.promised)


def library_gram(problem: Problem, front: Front, trial: Trial) -> tuple[list[tuple[Expr, ...]], TrajectoryGram] | None:
    """Return the terms of every equation, those of the law first, and the Gram of the trajectories for all of them.

    None for laws that do not follow the data, for libraries that are too large, where terms may not come and go
    alone, and where the Gram leaves the finite numbers.
    """
    fit = trial.followed
    if fit is None or not _plain(problem, front, trial) or sum(map(len, front.offers)) > MOST_COLUMNS:
        return None
    offered = [
        (*candidate.terms, *(term for term in offer if term not in candidate.terms))
        for candidate, offer in zip(trial.candidates, front.offers, strict=True)
    ]
    sides = []
    for i, (candidate, terms) in enumerate(zip(trial.candidates, offered, strict=True)):
        known = dict(zip(candidate.terms, fit.coefficients[trial.part(i)].tolist(), strict=True))
        sides.append([(known.get(term, 0.0), term) for term in terms])
    stretches, noise = measured_on(problem, trial.pieces)
    gram = trajectory_gram(sides, stretches, noise, fit, problem.errors)
    return (offered, gram) if gram is not None and np.isfinite(gram.matrix).all() else None


def of_equation(gram: TrajectoryGram, i: int, n_chosen: list[int]) -> Array:
    """Return the Gram of equation i, the target last; the others keep their terms, with coefficients that move."""
    others = [
        column
        for column, (equation, term) in enumerate(zip(gram.equation, gram.term, strict=True))
        if equation != i and term < n_chosen[equation]
    ]
    mine = [*np.flatnonzero(gram.equation == i).tolist(), len(gram.equation)]
    A = gram.matrix[np.ix_(mine, mine)]
    if others:
        A = (
            A
            - gram.matrix[np.ix_(mine, others)]
            @ np.linalg.lstsq(gram.matrix[np.ix_(others, others)], gram.matrix[np.ix_(others, mine)], rcond=1e-12)[0]
        )
    return (A + A.T) / 2


def _plain(problem: Problem, front: Front, trial: Trial) -> bool:
    moves_simply = problem.order == 1 and problem.clock is None and problem.formulation != "stochastic"
    is_sum = not any(front.below) and not any(c.denominator or any(c.inner) for c in trial.candidates)
    return moves_simply and is_sum and bool(front.offers) and not problem.cases


def _of_equation(
    problem: Problem,
    front: Front,
    trial: Trial,
    gram: TrajectoryGram,
    i: int,
    terms: tuple[Expr, ...],
    scale: float,
) -> list[Proposal]:
    """Return the best supports of equation i, the others keeping their terms with coefficients that may move."""
    n_chosen = [candidate.n_terms for candidate in trial.candidates]
    A = of_equation(gram, i, n_chosen)
    norms = np.sqrt(np.maximum(np.diag(A), 0.0))
    norms[norms == 0.0] = 1.0
    A = np.ascontiguousarray(A / norms / norms[:, None])
    _, supports = subset_path(A, min(MAX_TERMS, len(terms)), N_PASSES)
    chosen = tuple(range(n_chosen[i]))
    n = problem.n_states * problem.n_samples

    def criterion(support: tuple[int, ...]) -> float:
        return _solved(A, support)[1] * norms[-1] ** 2 / scale + penalty(len(support), n, front.n_library)

    leader = criterion(chosen)
    found = []
    for line in supports:
        support = tuple(np.flatnonzero(line).tolist())
        promised = leader - criterion(support) if support and set(support) != set(chosen) else -np.inf
        if promised > HOPEFUL:
            w = _solved(A, support)[0] * norms[-1] / norms[list(support)]
            found.append(Proposal(i, tuple(terms[p] for p in support), tuple(w.tolist()), float(promised)))
    return sorted(found, key=lambda proposal: -proposal.promised)[:N_PROPOSED]


def _solved(A: Array, support: tuple[int, ...]) -> tuple[Array, float]:
    """Return coefficients and residual of a support on a Gram of unit norm, the target last."""
    index = list(support)
    w = np.asarray(np.linalg.lstsq(A[np.ix_(index, index)], A[index, -1], rcond=1e-12)[0], dtype=np.float64)
    return w, float(A[-1, -1] - A[index, -1] @ w)
