"""The Gram matrix of the trajectories: what a fitted law says about terms that it does not hold.

Around a law that follows the data, the states change linearly with every coefficient, those of absent terms
included. So chi-square is a quadratic form in the coefficients of the whole library, the free initial states
eliminated, and supports can be searched on it like on any Gram: without a derivative, without noise in the
library's columns, and with what whole segments accumulate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, add, compile_program, constant, differentiate, multiply
from discover.inference.logarithms import log_terms
from discover.inference.shooting import bounding_box, cut, scaled_arrow
from discover.inference.trajectories import Errors, Refinement, RightHandSide, Stretch, tracks_of
from discover_kernels.integrate import Flow
from discover_kernels.variational import shoot

Array = NDArray[np.float64]

ZERO = constant(0.0)


@dataclass(frozen=True, slots=True, eq=False)
class TrajectoryGram:
    """Chi-square as a quadratic form in the coefficients of every term on offer.

    Attributes:
        matrix: [[S, b], [bᵀ, c]], shape (n_columns + 1,) squared: chi-square is c - 2 bᵀw + wᵀS w.
        equation: which equation each column belongs to, shape (n_columns,).
        term: its number among the terms handed in for that equation, shape (n_columns,).
    """

    matrix: Array
    equation: NDArray[np.int64]
    term: NDArray[np.int64]


def trajectory_gram(
    right_hand_sides: Sequence[RightHandSide],
    stretches: Sequence[Stretch],
    noise: Array,
    fit: Refinement,
    errors: Errors = "additive",
) -> TrajectoryGram | None:
    """Return the Gram of all terms around an accepted fit, or None where it leaves the finite numbers.

    Args:
        right_hand_sides: for each state its (coefficient, term) pairs: those fitted, and 0 for terms on offer.
        stretches: the data that were fitted.
        noise, errors: as they were fitted.
        fit: the fit; its length and its states are where the Gram is taken.

    >>> from discover.expr import variable
    >>> from discover.inference.trajectories import Measured, refine
    >>> x, time = variable(0), np.linspace(0.0, 2.0, 81)
    >>> data = Measured(time, np.exp(-time)[None, :], np.empty((0, 81)))
    >>> fit = refine([[(-0.9, x)]], [data], np.array([0.01]), first_length=11)
    >>> gram = trajectory_gram([[(-1.0, x), (0.0, x * x)]], [data], np.array([0.01]), fit)
    >>> np.linalg.solve(gram.matrix[:2, :2], gram.matrix[:2, 2]).round(3)
    array([-1.,  0.])
    """
    if not fit.accepted:
        return None
    forward = np.log if errors == "relative" else np.asarray
    sides = log_terms(right_hand_sides) if errors == "relative" else right_hand_sides
    tracks = tracks_of(sides, stretches, noise, max(3, fit.length), errors)
    segments = cut(tracks, fit.length, noise)
    states = [forward(fit.simulated[track.source][:, track.offset :]) for track in tracks]
    places = zip(segments.track, segments.first, strict=True)
    starts = np.ascontiguousarray(np.array([states[t][:, a] for t, a in places]).T)
    flow = _flow(sides, len(tracks[0].inputs))
    w = np.array([value for side in sides for value, _ in side], dtype=float)
    normal = shoot(
        flow,
        segments.grid,
        w,
        starts,
        fit.n_substeps,
        segments.measured,
        segments.weights,
        bounding_box(tracks),
    )
    if not np.isfinite(normal.chi2):
        return None
    A, B, H, scale_x, scale_p = scaled_arrow(normal)
    AB = np.linalg.solve(A + 1e-12 * np.eye(A.shape[1]), B)
    S = H - np.einsum("snp,snq->pq", B, AB)
    slope = normal.parameter_gradient / scale_p - np.einsum("snp,sn->p", AB, (normal.start_gradient / scale_x).T)
    S, slope = S * scale_p * scale_p[:, None], slope * scale_p
    matrix = np.empty((len(w) + 1, len(w) + 1))
    matrix[:-1, :-1] = (S + S.T) / 2
    matrix[-1, :-1] = matrix[:-1, -1] = S @ w + slope
    matrix[-1, -1] = normal.chi2 + 2.0 * slope @ w + w @ S @ w
    sizes = [len(side) for side in sides]
    return TrajectoryGram(
        matrix, np.repeat(np.arange(len(sizes)), sizes), np.concatenate([np.arange(size) for size in sizes])
    )


def _flow(sides: Sequence[RightHandSide], n_inputs: int) -> Flow:
    """Compile a law with its derivatives by states, and the derivatives by the coefficients of all terms: themselves.

    Terms with coefficient 0 have no part in the rates, nor in their slopes.
    """
    rates = [_sum([(value, term) for value, term in side if value != 0.0]) for side in sides]
    jacobian = [
        (i, j, slope)
        for i, rate in enumerate(rates)
        for j in range(len(sides))
        if j in rate.variables and (slope := differentiate(rate, j)) != ZERO
    ]
    terms = [(i, term) for i, side in enumerate(sides) for _, term in side]
    n_variables = len(sides) + n_inputs + len(terms)
    program = compile_program([*rates, *(d for *_, d in jacobian), *(term for _, term in terms)], n_variables)
    rows = np.asarray(program.roots, dtype=np.int64)
    n = len(rates)
    edges = np.array([(i, j) for i, j, _ in jacobian], dtype=np.int64).reshape(-1, 2)
    influence = [(i, k) for k, (i, _) in enumerate(terms)]
    return Flow(
        code=np.ascontiguousarray(program.code, dtype=np.int32),
        constants=np.ascontiguousarray(program.constants, dtype=np.float64),
        n_rows=int(program.n_rows),
        rates=rows[:n].copy(),
        jacobian=np.column_stack([edges, rows[n : n + len(edges)]]),
        influence=np.column_stack([np.array(influence, dtype=np.int64).reshape(-1, 2), rows[n + len(edges) :]]),
    )


def _sum(side: RightHandSide) -> Expr:
    total: Expr | None = None
    for value, term in side:
        product = multiply(constant(value), term)
        total = product if total is None else add(total, product)
    return constant(0.0) if total is None else total
