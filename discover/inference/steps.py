"""The noise of a map's record, once more, with the library that is on offer as the regression."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from discover.data.recurrence import Smooth, without_process
from discover.expr import Expr, compile_program, differentiate
from discover.problem import Array, Problem

LESS = 0.8
"""Share of the error that a library must leave, of what the noise known so far explains, to be believed."""

NOISE_FLOOR = 1e-6
"""Smallest noise assumed, relative to the spread."""

PER_TERM = 4
"""Rows to a coefficient that the library needs."""


def calibrated(problem: Problem, terms: Sequence[Expr]) -> Problem:
    """Return the Problem of a map with the noise that its library leaves, where that is clearly less.

    Neighbours in state space disagree by more than noise where points are few and the map is steep; a
    library that holds the law does not. One that lacks it leaves more, and changes nothing; nor does one whose
    residuals do not agree with themselves.
    """
    n = problem.n_rows
    states = slice(None, problem.n_states)
    clean = not problem.is_random and (problem.noise[states] <= 10.0 * NOISE_FLOOR * problem.scale[states]).all()
    if problem.formulation != "discrete" or len(terms) * PER_TERM > n or clean:
        return problem
    X = np.concatenate([block.X[:, :-1] for block in problem], axis=1)
    follows = np.concatenate([np.arange(block.n_rows) > 0 for block in problem])
    fits = _fits(problem, terms, X)
    if any(fit is None for fit in fits):
        return problem
    known = [fit for fit in fits if fit is not None]
    J = np.array([fit.slopes for fit in known])
    explained = problem.noise[: problem.n_states] ** 2 + np.mean(J**2, axis=2) @ problem.noise**2 + _chance(problem)
    if not all(fit.left_out < LESS * total for fit, total in zip(known, explained, strict=True)):
        return problem
    floor = NOISE_FLOOR * problem.scale[states]
    is_exact = all(fit.left_out < level**2 for fit, level in zip(known, floor, strict=True))
    found = (floor**2, floor, 0.0) if is_exact else without_process(known, known, follows)
    if found is None:
        return problem
    noise = problem.noise.copy()
    noise[states] = np.maximum(np.sqrt(found[0]), floor)
    blocks = tuple(replace(block, chance=np.zeros_like(block.Y)) for block in problem.blocks)
    levels = ", ".join(f"{name} {level:.3g}" for name, level in zip(problem.targets, noise, strict=False))
    note = f"The library leaves less than neighbours in state space disagree by: measurement noise {levels}."
    return replace(problem, noise=noise, noise_error=found[2], blocks=blocks, notes=(*problem.notes, note))


def _chance(problem: Problem) -> Array:
    """Return the mean variance of the noise in the steps, shape (n_states,)."""
    total = np.zeros(problem.n_states)
    for block in problem:
        if block.chance is not None:
            total += block.chance.sum(axis=1)
    return total / problem.n_rows


def _fits(problem: Problem, terms: Sequence[Expr], X: Array) -> list[Smooth | None]:
    """Return the regression of each next value on the whole library; None where that has no finite values."""
    P, v = len(terms), problem.n_variables
    slopes = [differentiate(term, j) for term in terms for j in range(v)]
    found = compile_program([*terms, *slopes], v).evaluate(X)
    if not np.isfinite(found).all():
        return [None]
    theta, bend = found[:P], found[P:].reshape(P, v, -1)
    norms = np.maximum(np.linalg.norm(theta, axis=1), 1e-300)
    U, s, V = np.linalg.svd((theta / norms[:, None]).T, full_matrices=False)
    keep = s > 1e-10 * s[0]
    U, s, V = U[:, keep], s[keep], V[keep]
    Y = np.concatenate([block.Y for block in problem], axis=1)
    W = (Y @ U / s) @ V / norms
    leverage = np.sum(U**2, axis=1)
    return [Smooth(y - w @ theta, leverage, np.einsum("p,pjn->jn", w, bend)) for y, w in zip(Y, W, strict=True)]
