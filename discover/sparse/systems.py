"""From systems of tied equations to the candidates of a front, and what is shown where nothing obeys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.contract import Budget
from discover.front import UNOBEYED, Candidate
from discover.inference.candidates import CLOSE, KEPT_PER_SIZE, Candidates, kept
from discover.inference.menu import Menu
from discover.inference.restriction import groups
from discover.inference.rows import Rows
from discover.inference.together import Together
from discover.problem import Array
from discover.sparse.together import Systems, search_together


def candidates_of(systems: Systems) -> tuple[list[Candidate], list[tuple[Candidate, ...]], list[float]]:
    """Return the candidates worth keeping, one for each set of terms, the systems made of them, and their scores."""
    scores = systems.scores()
    order = sorted(scores, key=lambda key: (scores[key], key))
    known: dict[tuple[int, tuple[int, ...]], Candidate] = {}
    kept: list[tuple[Candidate, ...]] = []
    values: list[float] = []
    per_size: dict[int, int] = {}
    for key in order:
        one = systems.fitted[key]
        rank = per_size.get(one.n_free, 0)
        if rank < KEPT_PER_SIZE or scores[key] - scores[order[0]] < CLOSE:
            per_size[one.n_free] = rank + 1
            for i, support in key:
                known.setdefault((i, support), _candidate(systems, one, i, scores[key]))
            kept.append(tuple(known[part] for part in key))
            values.append(scores[key])
    return list(known.values()), kept, values


def _candidate(systems: Systems, whole: Together, i: int, score: float) -> Candidate:
    rows, one = systems.rows, whole.estimates[i]
    reference, residual, total = rows.problem.reference(i), 0.0, 0.0
    for b, block in enumerate(rows.blocks):
        y = block.Y[i]
        residual += float(np.sum((y - one.coefficients @ rows.theta[b][list(one.support)]) ** 2))
        total += float(np.sum((y - reference) ** 2))
    return Candidate(
        target=rows.problem.targets[i],
        terms=tuple(rows.terms[p] for p in one.support),
        coefficients=tuple(one.coefficients.tolist()),
        std=tuple(np.sqrt(np.maximum(np.diag(one.covariance()), 0.0) * systems.scale).tolist()),
        loss=one.chi2 / one.n_rows,
        score=score,
        r2=1.0 - residual / total if total > 0 else 0.0,
        alternatives=("",) * len(one.support),
    )


def unobeying(rows: Rows, found: Sequence[Candidates], search: Callable[..., Candidates]) -> list[Candidate]:
    """Return candidates that break the constraints, marked as refused, for targets where none obeys them.

    Args:
        rows, found: of the search.
        search: searches one target anew: (target, when to stop, other rows).
    """
    free = replace(rows, problem=replace(rows.problem, constraints=()))
    names = rows.problem.names
    return [
        replace(candidate, refusal=UNOBEYED)
        for candidates in found
        if not any(np.isfinite(one.chi2) for one in candidates.found.values())
        for candidate in kept(search(candidates.target, lambda n_fits: False, free), names)
    ]


@dataclass(frozen=True, slots=True)
class Joint:
    """What was found for equations that are tied: their targets, candidates, the systems made of these, and scores."""

    targets: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    systems: tuple[tuple[Candidate, ...], ...] = ()
    scores: tuple[float, ...] = ()


def in_systems(
    rows: Rows,
    G: Array,
    found: Sequence[Candidates],
    menus: Sequence[Menu],
    max_terms: int,
    budget: Budget,
    interrupted: bool,
) -> Joint:
    """Return the systems of all equations that constraints tie to each other; nothing where none are."""
    joint, problem = Joint(), rows.problem
    for group in groups(problem.constraints, len(problem.targets)) if problem.constraints else ():
        if len(group) < 2:
            continue
        systems = search_together(
            rows,
            G,
            {i: found[i] for i in group},
            {i: menus[i] for i in group},
            max_terms,
            lambda n_fits: interrupted or budget.spent(n_fits),
        )
        candidates, together, scores = candidates_of(systems)
        if not candidates:
            free = replace(rows, problem=replace(problem, constraints=()))
            again = [Candidates(free, i, menu=found[i].menu) for i in group]
            for one in again:
                one.add(found[one.target].found, lambda n_fits: False)
            candidates = [replace(c, refusal=UNOBEYED) for one in again for c in kept(one, problem.names)]
        joint = Joint(
            (*joint.targets, *(problem.targets[i] for i in group)),
            (*joint.candidates, *candidates),
            (*joint.systems, *together),
            (*joint.scores, *scores),
        )
    return joint
