"""Paths of a stochastic law: seeded, compiled, as many as asked for."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from discover.expr import Program, compile_program, differentiate
from discover.simulate.batch import escape_box
from discover.simulate.field import VectorField
from discover_kernels.milstein import march, new_columns

Array = NDArray[np.float64]

WIDTH = 64
"""Paths at once."""

DRAWN = 500_000
"""Normal numbers in memory at once."""

FEWEST_STEPS, MOST_STEPS = 8, 2048
"""Steps in a sampling interval."""

FINE = 0.03
"""Largest slope of the drift times a step."""


def run_paths(field: VectorField, X0: Array, t: Array, inputs: Array, seed: int) -> tuple[Array, list[str]]:
    """Return paths (n_paths, n_states, n_samples), and what is to be said about those that ended early.

    Milstein's scheme with an averaged drift, in steps so short that the drift hardly changes within one; a
    path that leaves the finite numbers is NaN from there on.

    Args:
        field: drift and squared noise.
        X0: initial states, shape (n_paths, n_states).
        t: shape (n_samples,).
        inputs: shape (n_paths, n_inputs, n_samples).
        seed: the same seed gives the same paths; path k is the same however many there are.

    >>> from discover.expr import parse
    >>> still = VectorField(("x",), (), (parse("-x", ["x"]),), squares=(parse("0*x", ["x"]),), kind="stochastic")
    >>> run_paths(still, np.array([[1.0]]), np.array([0.0, 1.0]), np.empty((1, 0, 2)), 0)[0].round(1).tolist()
    [[[1.0, 0.4]]]
    """
    d = len(field.states)
    slopes = [differentiate(square, i) for i, square in enumerate(field.squares)]
    bends = [differentiate(rate, j) for rate in field.expressions for j in range(d)]
    program = compile_program([*field.expressions, *field.squares, *slopes], len(field.names))
    stiffness = compile_program(bends, len(field.names))
    n_steps = FEWEST_STEPS
    states = _run(program, X0, t, inputs, seed, n_steps)
    for _ in range(2):  # the first run says how stiff the law is where it goes
        wanted = _steps_wanted(stiffness, states, inputs, t)
        if wanted <= n_steps:
            break
        n_steps = wanted
        states = _run(program, X0, t, inputs, seed, n_steps)
    return states, _notes(states, t)


def _steps_wanted(stiffness: Program, states: Array, inputs: Array, t: Array) -> int:
    """Return how many steps an interval needs for the drift to change little in each."""
    flat = np.concatenate([states, inputs], axis=1).transpose(1, 0, 2).reshape(states.shape[1] + inputs.shape[1], -1)
    flat = flat[:, np.isfinite(flat).all(axis=0)]
    slope = np.quantile(np.abs(stiffness.evaluate(flat)).max(axis=0), 0.99) if flat.size else 0.0
    longest = float(np.diff(t).max(initial=0.0))
    lost = not np.isfinite(states).all()
    wanted = MOST_STEPS // 8 if lost else int(np.ceil(slope * longest / FINE)) if np.isfinite(slope) else MOST_STEPS
    return int(np.clip(wanted, FEWEST_STEPS, MOST_STEPS))


def _run(program: Program, X0: Array, t: Array, inputs: Array, seed: int, n_steps: int) -> Array:
    n_paths, d = X0.shape
    roots = np.asarray(program.roots, dtype=np.int64)
    drift, squared, slope = (np.ascontiguousarray(part) for part in roots.reshape(3, d))
    reach = escape_box(X0).reach[:, None]
    states = np.full((n_paths, d, len(t)), np.nan)
    states[:, :, 0] = X0
    draws = [np.random.default_rng([seed, path]) for path in range(n_paths)]
    for first in range(0, n_paths, WIDTH):
        mine = slice(first, min(first + WIDTH, n_paths))
        m = mine.stop - first
        buffer = new_columns(program.n_rows, program.constants, program.n_variables, m)
        x, alive = np.array(X0[mine].T, order="C"), np.ones(m, dtype=bool)
        for n, Z in enumerate(_normals(draws[mine], len(t) - 1, n_steps, d)):
            ends = np.ascontiguousarray(inputs[mine, :, n : n + 2].transpose(2, 1, 0))
            h = np.full(m, (t[n + 1] - t[n]) / n_steps)
            march(program.code, buffer, drift, squared, slope, x, ends, h, Z)
            alive &= (np.abs(x) <= reach).all(axis=0)
            x[:, ~alive] = 0.0
            states[mine, :, n + 1] = np.where(alive, x, np.nan).T
    return states


def _normals(draws: list[np.random.Generator], n_intervals: int, n_steps: int, d: int) -> Iterator[Array]:
    """Yield the normal numbers of every interval, shape (n_steps, d, n_paths), drawn many intervals at once."""
    most = max(1, DRAWN // (n_steps * d * len(draws)))
    for first in range(0, n_intervals, most):
        n = min(most, n_intervals - first)
        yield from np.stack([draw.standard_normal((n, n_steps, d)) for draw in draws], axis=3)


def _notes(states: Array, t: Array) -> list[str]:
    lost = np.flatnonzero(~np.isfinite(states[:, :, -1]).all(axis=1))
    notes = []
    for path in lost[:5]:
        last = t[int(np.isfinite(states[path]).all(axis=0).sum()) - 1]
        who = f"Path {path}" if len(states) > 1 else "The path"
        notes.append(f"{who} left the finite numbers after {last:.6g}; it is NaN from there on.")
    return notes if len(lost) <= 5 else [*notes, f"So did {len(lost) - 5} more paths."]
