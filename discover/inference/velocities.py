"""Velocities that nobody measured: laws of second order on trajectories of positions.

A law x″ = f + D(g, time) is fitted as x′ = v + g, v′ = f, of which x alone is compared with data. The initial
velocities are free like the initial positions; the search for them begins at the slopes of the smoothed data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, call, compile_program, divide, simplify, substitute, variable
from discover.inference.shooting import Track
from discover.simulate.reduction import reduced

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Motion:
    """The rates of states and velocities; their variables count states, velocities, inputs and then coefficients.

    Attributes:
        rates: of every state, then of every velocity.
        shifts: g in x′ = v + g for each velocity.
        second: the states that the velocities belong to.
    """

    rates: tuple[Expr, ...]
    shifts: tuple[Expr, ...]
    second: tuple[int, ...]


def motion_of(
    right_hand_sides: Sequence[Sequence[tuple[float, Expr]]],
    orders: Sequence[int],
    n_inputs: int,
    clock: int | None,
    n_inner: Sequence[int] = (),
) -> Motion:
    """Return the rates of a law whose left-hand sides are of these orders, its coefficients as variables.

    Args:
        right_hand_sides: for each state, its (coefficient, term) pairs.
        orders: of each left-hand side, 1 or 2.
        n_inputs: how many inputs there are.
        clock: the variable that is the time itself, None where none is.
        n_inner: for each state, how many parameters stand inside its terms: they follow its coefficients.

    >>> from discover.expr import derivative
    >>> x = variable(0)
    >>> motion_of([[(-1.0, x), (-0.1, derivative(x, (1,)))]], [2], 0, None).rates
    (Expr(x1 + x3*x0), Expr(x2*x0))
    """
    n, sides = len(right_hand_sides), []
    k = n + n_inputs
    for i, side in enumerate(right_hand_sides):
        sides.append([(variable(k + j), term) for j, (_, term) in enumerate(side)])
        k += len(side) + (n_inner[i] if n_inner else 0)
    names = ["time" if index == clock else f"x{index}" for index in range(n + n_inputs)]
    positions, rates, shifts = reduced(sides, orders, n_inputs, names, "time")
    return Motion((*positions, *rates), shifts, tuple(i for i, order in enumerate(orders) if order == 2))


def in_logarithms(motion: Motion) -> Motion:
    """Return the motion of the logarithms of the states; velocities stay as they are."""
    n = len(motion.rates) - len(motion.second)
    ratios = [simplify(divide(rate, variable(i))) if i < n else rate for i, rate in enumerate(motion.rates)]
    n_variables = 1 + max((max(rate.variables, default=0) for rate in (*ratios, *motion.shifts)), default=0)
    leaves = [call("exp", variable(i)) if i < n else variable(i) for i in range(max(n_variables, n))]
    return replace(
        motion,
        rates=tuple(substitute(rate, leaves) for rate in ratios),
        shifts=tuple(substitute(shift, leaves) for shift in motion.shifts),
    )


def with_velocities(track: Track, motion: Motion, slopes: Array, coefficients: Array) -> Track:
    """Return a track whose states are followed by velocities that were not measured.

    Args:
        track: of the measured states.
        motion: of the law, for x′ = v + g.
        slopes: x′ of the states of second order, from smoothed data, shape (n_second, n_samples).
        coefficients: to begin with, shape (n_coefficients,).
    """
    n_samples, n_second = track.n_samples, len(motion.second)
    nothing = np.full((n_second, n_samples), np.nan)
    values = [track.states, nothing, track.inputs, np.repeat(coefficients[:, None], n_samples, axis=1)]
    variables = np.concatenate(values)
    drift = compile_program(motion.shifts, len(variables)).evaluate(np.nan_to_num(variables))
    guess = np.concatenate([track.guess, slopes - drift])
    return replace(track, states=np.concatenate([track.states, nothing]), guess=guess)
