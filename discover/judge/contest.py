"""From fronts to one system: candidates compete on the trajectories themselves.

Rows rank candidates; trajectories decide among those that the rows leave close together, because a
simulated orbit accumulates what a single row cannot see.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import log
from typing import cast

import numpy as np

from discover.contract import Observer
from discover.front import Candidate, Front
from discover.inference.families import families
from discover.inference.intervals import wald
from discover.inference.trajectories import Refinement
from discover.judge.probability import probabilities
from discover.judge.proofs import refusal
from discover.judge.proposals import Proposal, proposals
from discover.judge.quotient_proposals import quotient_proposals
from discover.judge.quotients import shorter
from discover.judge.systems import Choice, System, Trial, advantage, follow, nested, refitted
from discover.judge.tied import begin_with, compete, tied_groups
from discover.problem import Problem

CLOSE = 30.0
"""Rivals whose score on the rows is within this of the leader's are tried on the trajectories."""

BEATEN = 10.0
"""Rivals that the trajectories once put further behind than this are not tried again beside other equations."""

HOPELESS = 10.0
"""Chi-square per row from which on no neighbour of the leader is tried either."""

EVIDENCE = 2.2
"""Advantage on the trajectories that overrules the rows: 2 ln 3. Both look at the same data."""

MOST_RIVALS, MORE_RIVALS = 6, 12
"""Rivals of one equation in one round; more where expressions were made up, of which many nearly fit."""

ROUNDS = 6
MOST_CHANGES = 4


@dataclass(slots=True, eq=False)
class Contest:
    """A leader, its rivals' scores, and every trial so far, so that none is run twice."""

    problem: Problem
    front: Front
    spent: Callable[[], bool]
    scores: tuple[dict[Candidate, float], ...]
    trials: dict[System, Trial]
    best: Trial = field(init=False)

    def rounds(self, observe: Observer) -> Iterator[None]:
        """Let each equation's rivals challenge the leader in turn, until nothing changes."""
        self.best = self.trial(self.best.candidates)
        for number in range(ROUNDS):
            before, n = self.best, len(self.scores)
            for i in range(n) if self._worth_competing() else ():
                yield
                group = next((group for group in tied_groups(self.problem) if i in group), None)
                if group is not None:  # they change together or not at all
                    if i == group[0]:
                        compete(self, group)
                    continue
                self._without_weak_terms(i)
                for rival in self._rivals(i):
                    self.challenge(i, rival)
                observe("trajectories", min(1.0, (number + (i + 1) / n) / 2))
            if self.best is before and not self.spent():
                yield
                self._from_trajectories()
            if self.best is before or self.spent():
                break

    def trial(self, system: System) -> Trial:
        """Return how a system follows the trajectories."""
        if system not in self.trials:
            like = self.best if self.best.followed and nested(system, self.best.candidates) else None
            self.trials[system] = follow(self.problem, system, self.spent, like=like)
        return self.trials[system]

    def _from_trajectories(self) -> None:
        """Try what the leader's own trajectories propose; after each change of leader, what the new one's do."""
        for _ in range(MOST_CHANGES):
            before = self.best
            better = quotient_proposals if any(self.front.below) else proposals
            tied = {i for group in tied_groups(self.problem) for i in group}
            for proposal in better(self.problem, self.front, before):
                if proposal.equation not in tied and self._take_up(proposal):
                    break
            if self.best is before:
                return

    def _take_up(self, proposal: Proposal) -> bool:
        """Return whether a proposal takes the lead; it begins from the leader's states."""
        best, i = self.best, proposal.equation
        rival = self._known(i, proposal)
        system = (*best.candidates[:i], rival, *best.candidates[i + 1 :])
        if rival.refusal is not None or self.spent():
            return False
        if system not in self.trials:
            places = {part: k for k, part in enumerate(proposal.free)}
            order = [places[part] for part in rival.free]
            fit = cast("Refinement", best.followed)
            begin = [tuple(fit.coefficients[best.part(k)].tolist()) for k in range(len(system))]
            begin[i] = tuple(proposal.coefficients[k] for k in order)
            self.trials[system] = follow(self.problem, system, self.spent, like=best, begin=begin)
            if proposal.promised > 0.0:
                self._once_more(system)
        return self.challenge(i, rival)

    def _once_more(self, system: System) -> None:
        """Begin from the data themselves where a system that should follow them got lost from the leader's states.

        Long segments of a chaotic law have many minima, and the leader's initial states may lie beside the wrong one.
        """
        if self.trial(system).followed is None and not self.spent():
            self.trials[system] = follow(self.problem, system, self.spent)

    def _known(self, i: int, proposal: Proposal) -> Candidate:
        """Return the candidate of equation i with these terms, fitted where the engine did not keep one."""
        target = self.front.targets[i]
        wanted, reference = set(proposal.free), proposal.denominator[:1]
        known = [
            c
            for c in (*self.scores[i], *self.front.of(target))
            if set(c.free) == wanted and c.denominator[:1] == reference
        ]
        return known[0] if known else refitted(self.problem, self.front, i, proposal.candidate(target))

    def challenge(self, i: int, rival: Candidate) -> bool:
        """Return whether a rival for equation i takes the lead."""
        best = self.best
        if self.spent():
            return False
        trial = self.trial((*best.candidates[:i], rival, *best.candidates[i + 1 :]))
        if trial.followed is best.followed is None:  # the rows have the last word
            return False
        if refusal(self.problem, trial) is not None and refusal(self.problem, best) is None:
            return False
        lead = advantage(self.problem, trial, best, self.front)
        self.scores[i][rival] = self.scores[i][best.candidates[i]] - lead
        if lead > EVIDENCE:
            self.best = trial
        return lead > EVIDENCE

    def _worth_competing(self) -> bool:
        """Return whether rivals may change anything: not where the rows rule out that any candidate fits."""
        hopeless = max(c.loss for c in self.best.candidates) >= HOPELESS
        return self.best.followed is not None or (self.best.refinement is not None and not hopeless)

    def _rivals(self, i: int) -> list[Candidate]:
        """Return the candidates worth a trial: those that the rows leave close to the leader.

        Where the leader cannot follow the data, neighbouring sizes are tried too. A rival that adds
        two terms or more to the leader waits until one of them has proved its worth.
        """
        leader, scores = self.best.candidates[i], self.scores[i]
        found = []
        for rival in sorted(scores, key=lambda c: c.score):
            limit = CLOSE if scores[rival] == rival.score else BEATEN
            near = abs(scores[rival] - scores[leader]) < limit
            stuck = self.best.followed is None and abs(rival.n_terms - leader.n_terms) <= 2
            padded = rival.parts > leader.parts and rival.n_terms > leader.n_terms + 1
            if rival is not leader and (near or stuck) and not padded:
                found.append(rival)
        return found[: MORE_RIVALS if any(c.surcharge for c in found) else MOST_RIVALS]

    def _without_weak_terms(self, i: int) -> None:
        """Drop terms of equation i one by one while the trajectories would rather do without the weakest."""
        while (shorter := self._without_weakest(i)) is not None:
            self._once_more((*self.best.candidates[:i], shorter, *self.best.candidates[i + 1 :]))
            if not self.challenge(i, shorter):
                return

    def _without_weakest(self, i: int) -> Candidate | None:
        leader, fit = self.best.candidates[i], self.best.followed
        if fit is None or leader.n_terms < 2:
            return None
        part, n = self.best.part(i), self.problem.n_states * self.problem.n_samples
        b, C = fit.coefficients[part], fit.covariance[part, part]
        members = self._droppable(leader)
        if not members:
            return None
        worth = [wald(b[mine], C[np.ix_(mine, mine)]) - len(mine) * log(n) for mine in members]
        k = int(np.argmin(worth))
        if (len(leader.terms) == len(members[k]) and not leader.denominator) or not worth[k] < 2.0 * log(
            self.front.n_library
        ):
            return None
        less = shorter(leader, members[k])
        candidates = (*self.scores[i], *self.front.of(leader.target))
        known = [c for c in candidates if c.parts == less.parts and c.reference == less.reference]
        found = known[0] if known else refitted(self.problem, self.front, i, less)
        return found if found.refusal is None else None

    def _droppable(self, leader: Candidate) -> list[list[int]]:
        """Return which coefficients may go together; something has to stay above a denominator, and what must be in."""
        if not leader.denominator:
            must, every = self.front.must(leader.target), families(self.problem, leader.terms).values()
            return [list(family) for family in every if not must & {leader.terms[k] for k in family}]
        return [[k] for k in range(leader.n_parameters) if k >= len(leader.terms) or len(leader.terms) > 1]


def _leader(scores: dict[Candidate, float], problem: Problem, n_rows: int) -> Candidate:
    """Return the candidate to begin with: of the best score, over space the most probable.

    No trajectory drops the terms there that a prior worth one row lets in beside strong ones.
    """
    best = min(scores, key=lambda c: scores[c])
    if not problem.space:
        return best
    chances = probabilities(scores, best, n_rows)
    return max(chances, key=lambda c: chances[c])


def choose(
    problem: Problem, front: Front, spent: Callable[[], bool], observe: Observer, before: Choice | None = None
) -> Choice:
    """Choose one candidate per target, by score and then by how the system follows the trajectories.

    An interrupt ends the competition: the leader so far is the choice.

    Args:
        problem, front: the data and what the engine found.
        spent: asked before every trial.
        observe: told the share done.
        before: an earlier choice on the same problem; its trials and scores are not repeated.
    """
    fine = [[c for c in front.of(target) if c.refusal is None] or front.of(target) for target in front.targets]
    scores = tuple({c: c.score for c in mine} for mine in fine)  # the best of those refused, where all are
    contest = Contest(problem, front, spent, scores, {})
    leaders = tuple(_leader(mine, problem, front.n_rows) for mine in scores)
    contest.best = Trial(begin_with(front, leaders), None)
    if before is not None:
        contest.best, contest.trials = before.trial, before.trials
        for mine, known in zip(scores, before.scores, strict=True):
            mine.update(known)
    for mine, leader in zip(scores, contest.best.candidates, strict=True):
        mine.setdefault(leader, leader.score)  # of a system that is refused as a whole, where every one is
    try:
        observe("trajectories", 0.0)
        for _ in contest.rounds(observe):
            pass
    except KeyboardInterrupt:
        return Choice(contest.best, scores, contest.trials, interrupted=True, n_rows=front.n_rows)
    return Choice(contest.best, scores, contest.trials, n_rows=front.n_rows, unfinished=contest.spent())
