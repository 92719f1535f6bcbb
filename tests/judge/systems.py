"""Candidates, trials and choices made by hand, for the tests of the judge."""

import numpy as np

from discover.expr import Terms
from discover.front import Candidate, Front
from discover.inference.trajectories import Refinement
from discover.judge import Choice, Trial


def candidate(target, terms, names, score=0.0, coefficients=None, loss=1.0, r2=0.99, alternatives=None):
    """Return a candidate with the terms given as text."""
    exprs = Terms(*terms).build(names) if terms else ()
    values = tuple(coefficients or [1.0] * len(exprs))
    return Candidate(
        target=target,
        terms=exprs,
        coefficients=values,
        std=tuple(0.01 * abs(value) for value in values),
        loss=loss,
        score=score,
        r2=r2,
        alternatives=tuple(alternatives or [""] * len(exprs)),
    )


def refinement(candidates, accepted=True, length=50, history=((50, 1.0),), reason="the end"):
    """Return a fit to the trajectories that left the coefficients as they were."""
    values = np.array([value for c in candidates for value in c.coefficients])
    nowhere = np.zeros(0, dtype=np.int64)
    return Refinement(
        accepted=accepted,
        coefficients=values,
        covariance=np.diag((0.01 * values) ** 2),
        chi2=dict(history).get(length, 1.0) if accepted else float("nan"),
        dof=1000,
        t_dof=np.inf,
        length=length if accepted else 0,
        segment_stretch=nowhere,
        segment_first=nowhere,
        initial_states=np.empty((len(candidates), 0)),
        simulated=(),
        history=tuple(history),
        n_substeps=1,
        reason=reason,
    )


def trial(*candidates, **how):
    """Return candidates that were tried on the trajectories; tried=False for none."""
    tried = how.pop("tried", True)
    return Trial(candidates, refinement(candidates, **how) if tried else None, ((0, 0, 600),))


def choice(one, rivals=()):
    """Return the choice of a trial over rival candidates, by their scores."""
    scores = tuple(
        {c: c.score for c in (mine, *(r for r in rivals if r.target == mine.target))} for mine in one.candidates
    )
    return Choice(one, scores, {one.candidates: one})


def front(*candidates, n_library=10):
    """Return a front of these candidates."""
    return Front(tuple(dict.fromkeys(c.target for c in candidates)), candidates, n_library, 200)
