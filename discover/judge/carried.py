"""What was found without requirements, held to them and heard again: a true requirement takes no answer away.

A requirement makes a search narrower, and a narrower search takes other paths: on its way it may lose what it found
when it was free. The free answer is fitted once more as the requirements demand, and competes like any other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.expr import Expr
from discover.front import Candidate, Front
from discover.inference.restriction import groups
from discover.judge.contest import EVIDENCE, choose
from discover.judge.obeying import System, refitted_together
from discover.judge.proofs import refusal
from discover.judge.systems import Choice, Trial, advantage, follow, refitted
from discover.problem import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Released:
    """What was found without some of the requirements.

    Attributes:
        problem: without them.
        front: what the engine found.
        trial: the best of it, and how it follows the trajectories.
    """

    problem: Problem
    front: Front
    trial: Trial


def carried(
    problem: Problem, front: Front, choice: Choice, free: Released, spent: Callable[[], bool]
) -> tuple[Front, Choice]:
    """Return front and choice once the answer found without requirements has competed under them.

    It begins as the leader where trajectories do not speak against it, for the free contest made it one.

    Args:
        problem, front, choice: under the requirements.
        free: the answer without any.
        spent: asked before every trial.
    """
    made = _obeying(problem, front, free.trial.candidates)
    if made is None or spent():
        return front, choice
    wider, system = made
    if system == choice.trial.candidates:
        return front, choice
    leading = _leading(problem, wider, choice, system, free.trial, spent)
    return wider, choose(problem, wider, spent, lambda step, share: None, before=leading)


def _leading(
    problem: Problem, front: Front, choice: Choice, system: System, free: Trial, spent: Callable[[], bool]
) -> Choice | None:
    """Return the choice with a system as its leader, unless the trajectories prefer the leader that there is.

    None where no trajectories speak: the rows then choose anew.
    """
    trial = follow(problem, system, spent, like=free if free.followed else None)
    if trial.followed is None:  # the free answer's own numbers may be the wrong place to begin from
        trial = follow(problem, system, spent)
    if trial.followed is choice.trial.followed is None:
        return None
    choice = replace(choice, trials={**choice.trials, system: trial})
    if refusal(problem, trial) is not None and refusal(problem, choice.trial) is None:
        return choice
    lead = advantage(problem, trial, choice.trial, front)
    if lead <= -EVIDENCE:
        return choice
    scores = tuple(dict(mine) for mine in choice.scores)
    for mine, new, old in zip(scores, system, choice.trial.candidates, strict=True):
        if new != old:
            mine[new] = min(mine.get(new, np.inf), mine[old] - lead)
    return replace(choice, trial=trial, scores=scores)


def _obeying(problem: Problem, front: Front, system: System) -> tuple[Front, System] | None:
    """Return the front with a system as the requirements leave it, and this system; None where they leave nothing."""
    found = list(system)
    for group in groups(problem.constraints, len(problem.targets)):
        wanted = {i: _wanted(front, system[i]) for i in group}
        if any(any(system[i].inner) or system[i].denominator for i in group):
            if len(group) > 1:
                return None
            again = {i: refitted(problem, front, i, system[i]) for i in group}
        else:
            again = refitted_together(problem, front, wanted)
        if again is None or not all(c.refusal is None and np.isfinite(c.loss) for c in again.values()):
            return None
        if len(group) == 1:  # scored as single equations are
            again = {i: refitted(problem, front, i, c) for i, c in again.items()}
        mine = {i: _known(front, c) for i, c in again.items()}
        front = _with(front, list(mine.values()))
        for i, c in mine.items():
            found[i] = c
    return front, tuple(found)


def _wanted(front: Front, candidate: Candidate) -> tuple[Expr, ...]:
    return tuple(dict.fromkeys((*candidate.terms, *front.must(candidate.target))))


def _known(front: Front, candidate: Candidate) -> Candidate:
    """Return the front's own candidate with the same terms, where it has one."""
    same = [c for c in front.of(candidate.target) if c.parts == candidate.parts and c.refusal is None]
    return same[0] if same else candidate


def _with(front: Front, group: Sequence[Candidate]) -> Front:
    """Return a front with the candidates of a group, and with their system where they are tied."""
    new = tuple(c for c in group if c not in front.candidates)
    front = replace(front, candidates=(*front.candidates, *new))
    if len(group) == 1 or tuple(group) in front.systems:
        return front
    score = min(c.score for c in group)
    return replace(front, systems=(*front.systems, tuple(group)), system_scores=(*front.system_scores, score))
