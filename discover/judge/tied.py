"""Equations that constraints tie to each other compete as whole systems: none can change alone."""

from math import log
from typing import TYPE_CHECKING

import numpy as np

from discover.front import Candidate, Front
from discover.inference.intervals import wald
from discover.inference.restriction import groups
from discover.judge.obeying import refitted_together
from discover.judge.proofs import refusal
from discover.judge.systems import System, advantage
from discover.problem import Problem

if TYPE_CHECKING:
    from discover.judge.contest import Contest

CLOSE = 30.0
EVIDENCE = 2.2
MOST_RIVALS = 30

Group = tuple[int, ...]


def tied_groups(problem: Problem) -> list[Group]:
    """Return the groups of targets that constraints tie together."""
    return [group for group in groups(problem.constraints, len(problem.targets)) if len(group) > 1]


def begin_with(front: Front, leaders: System) -> System:
    """Return the leaders of all equations, those that are tied from the best system."""
    system = list(leaders)
    taken: set[str] = set()
    for one, _ in sorted(zip(front.systems, front.system_scores, strict=True), key=lambda pair: pair[1]):
        if not taken & {candidate.target for candidate in one}:
            taken |= {candidate.target for candidate in one}
            for candidate in one:
                system[front.targets.index(candidate.target)] = candidate
    return tuple(system)


def compete(contest: "Contest", group: Group) -> None:
    """Let the systems of a group challenge the leader, after its weakest coefficients were dropped."""
    _without_weak(contest, group)
    for rival in _rivals(contest, group):
        challenge(contest, group, rival)


def challenge(contest: "Contest", group: Group, rival: dict[int, Candidate]) -> bool:
    """Return whether other candidates for a group of equations take the lead."""
    best = contest.best
    if contest.spent():
        return False
    system = tuple(rival.get(i, candidate) for i, candidate in enumerate(best.candidates))
    trial = contest.trial(system)
    if trial.followed is best.followed is None:
        return False
    if refusal(contest.problem, trial) is not None and refusal(contest.problem, best) is None:
        return False
    lead = advantage(contest.problem, trial, best, contest.front)
    for i in group:
        if rival[i] != best.candidates[i]:
            before = contest.scores[i].get(rival[i], np.inf)
            value = contest.scores[i][best.candidates[i]] - lead
            known = rival[i] in contest.scores[i] and before != rival[i].score
            contest.scores[i][rival[i]] = min(before, value) if known else value
    if lead > EVIDENCE:
        contest.best = trial
    return lead > EVIDENCE


def _rivals(contest: "Contest", group: Group) -> list[dict[int, Candidate]]:
    """Return the systems of a group that the rows leave close to the leader, or all near in size where it is lost."""
    front, best = contest.front, contest.best
    names = [front.targets[i] for i in group]
    pairs = [
        (dict(zip(group, one, strict=True)), score)
        for one, score in zip(front.systems, front.system_scores, strict=True)
        if [candidate.target for candidate in one] == names
    ]
    mine = {i: best.candidates[i] for i in group}
    leading = next((score for one, score in pairs if one == mine), min((s for _, s in pairs), default=0.0))
    near = [one for one, score in pairs if one != mine and (score - leading < CLOSE or best.followed is None)]
    return near[:MOST_RIVALS]


def _without_weak(contest: "Contest", group: Group) -> None:
    """Drop coefficients of a group one by one while the trajectories would rather do without the weakest."""
    while True:
        best, fit = contest.best, contest.best.followed
        if fit is None or contest.spent():
            return
        worth = []
        for i in group:
            part, must = best.part(i), contest.front.must(contest.front.targets[i])
            b, C = fit.coefficients[part], fit.covariance[part, part]
            for k, term in enumerate(best.candidates[i].terms):
                if term not in must and C[k, k] > 0.0:
                    worth.append((wald(b[[k]], C[np.ix_([k], [k])]), i, k))
        price = log(contest.problem.n_states * contest.problem.n_samples)
        if not worth or min(worth)[0] - price >= 2.0 * log(max(contest.front.n_library, 2)):
            return
        _, i, k = min(worth)
        terms = {j: tuple(t for m, t in enumerate(best.candidates[j].terms) if (j, m) != (i, k)) for j in group}
        shorter = refitted_together(contest.problem, contest.front, terms)
        if shorter is None or not challenge(contest, group, _known(contest, shorter)):
            return


def _known(contest: "Contest", rival: dict[int, Candidate]) -> dict[int, Candidate]:
    """Return a system with the candidates that are known already in the place of those with the same terms."""
    found = {}
    for i, candidate in rival.items():
        same = [c for c in contest.scores[i] if c.parts == candidate.parts]
        found[i] = same[0] if same else candidate
        contest.scores[i].setdefault(found[i], candidate.score)
    return found
