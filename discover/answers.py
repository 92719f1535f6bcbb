"""From a problem to the judge's choice, stage by stage: each may better the answer, an interrupt keeps the last."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from discover.automatic import leaves_structure, widened
from discover.contract import Budget, Engine, Observer
from discover.front import Front
from discover.judge import (
    Choice,
    Released,
    carried,
    checked,
    choose,
    cleaner,
    joined,
    on_all_data,
    settled,
    shared,
)
from discover.problem import Problem
from discover.sparse import Sparse


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A front, the judge's choice from it, and what was found without any requirement, where that was sought."""

    front: Front
    choice: Choice
    free: Released | None = None


def answers(
    problem: Problem, searcher: Engine, purse: Budget, seed: int, observe: Observer, beyond: bool = False
) -> Iterator[Answer]:
    """Yield an answer, then better ones.

    Args:
        problem: the data, and what is required.
        searcher: the engine.
        purse, seed: of every search.
        observe: told the step and the share done.
        beyond: whether expressions are searched where the library leaves structure.
    """
    front = checked(problem, searcher.search(problem, problem.constraints, purse, seed, observe))
    problem = replace(problem, constraints=()) if front.is_hopeless else problem
    choice = choose(problem, front, lambda: purse.spent() or front.interrupted, observe)
    yield Answer(settled(front, choice), choice)
    clean = None if front.interrupted or choice.interrupted or purse.spent() else cleaner(problem, choice)
    if clean is not None:  # noise hides terms; the chosen law's own trajectories are searched once more
        more = searcher.search(clean, clean.constraints, purse, seed, observe)
        front = checked(problem, joined(problem, front, more))
        choice = choose(problem, front, lambda: purse.spent() or front.interrupted, observe, before=choice)
        yield Answer(settled(front, choice), choice)
    free = None
    if problem.constraints and not (front.interrupted or choice.interrupted or purse.spent()):
        free = _without_requirements(problem, searcher, purse, seed, observe)
        front, choice = carried(problem, front, choice, free, purse.spent)
        front = checked(problem, front)
        yield Answer(settled(front, choice), choice, free)
    stopped = front.interrupted or choice.interrupted or purse.spent()
    if beyond and not stopped and isinstance(searcher, Sparse) and leaves_structure(problem, front, choice):
        front = widened(problem, front, searcher, purse, seed, observe)
        choice = choose(problem, front, lambda: purse.spent() or front.interrupted, observe)
        yield Answer(settled(front, choice), choice, free)
    if not (front.interrupted or choice.interrupted):
        choice = on_all_data(problem, choice, purse.spent)
        yield Answer(settled(front, choice), choice, free)
        if problem.cases:
            choice = shared(problem, front, choice, purse.spent)
            yield Answer(settled(front, choice), choice, free)


def _without_requirements(problem: Problem, searcher: Engine, purse: Budget, seed: int, observe: Observer) -> Released:
    """Return the whole answer to the same data without any requirement."""
    freed = replace(problem, constraints=())
    every = answers(freed, searcher, purse, seed, lambda step, share: observe("without requirements", share))
    (last,) = deque(every, maxlen=1)
    return Released(freed, last.front, last.choice.trial)
