"""The time itself as a variable: known, without noise, and there only where a term asks for it."""

from dataclasses import replace
from typing import Any

import numpy as np

from discover.problem import Block, Problem


def with_clock(problem: Problem, library: Any) -> Problem:
    """Return the problem with the time as its last input, where terms of the library hold it; else as it is.

    Args:
        problem: on trajectories; over space the axes know the time already.
        library: what terms are built from, or None.

    >>> from discover.data import load
    >>> from discover.data.formulate import formulate
    >>> from discover.expr import Polynomial, Terms
    >>> time = np.arange(100.0)
    >>> problem = formulate(load({"t": time, "x": np.sin(time / 9)}, time="t"))
    >>> with_clock(problem, Polynomial(2)).names, with_clock(problem, Terms("x", "cos(0.1*t)")).names
    (('x',), ('x', 't'))
    """
    over = getattr(library, "over", None)
    n = problem.n_variables
    if problem.space or over is None or problem.time in problem.names:
        return problem
    if not any(n in term.variables for term in over(problem.names, (problem.time,), (problem.time,))):
        return problem
    every = np.concatenate([block.time for block in problem])
    return replace(
        problem,
        names=(*problem.names, problem.time),
        units=(*problem.units, problem.time_unit),
        dimensions=(*problem.dimensions, problem.time_dimension),
        noise=np.append(problem.noise, 0.0),
        scale=np.append(problem.scale, every.std()),
        blocks=tuple(_timed(block) for block in problem),
        clock=n,
    )


def _timed(block: Block) -> Block:
    """Return a block whose last variable is the time; it moves at the rate 1."""
    slopes = np.zeros((len(block.X_dot), 1, len(block.time)))
    slopes[:1] = 1.0
    return replace(
        block,
        X=np.concatenate([block.X, block.time[None]]),
        X_smooth=np.concatenate([block.X_smooth, block.time[None]]),
        X_dot=np.concatenate([block.X_dot, slopes], axis=1) if len(block.X_dot) else block.X_dot,
    )
