"""Exponential time differencing: a stiff linear part solved exactly, the rest by Runge–Kutta.

The scheme is the fourth-order ETDRK4 of Cox & Matthews (2002, doi:10.1006/jcph.2002.6995), its functions
of the linear part evaluated on contours as in Kassam & Trefethen (2005, doi:10.1137/S1064827502410633),
so that no digits cancel where that part is small.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

Complex = NDArray[np.complex128]

N_CONTOUR = 32
WORST_CONDITION = 1e6
"""Condition number of the eigenvectors above which functions of a matrix come from exponentials of blocks."""


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """The linear part of û′ = L û + N(û), one small matrix for every wavenumber.

    Attributes:
        matrices: shape (n_states, n_states, n_modes), or (n_states, n_modes) where the states do not mix.
        values: eigenvalues, shape (n_states, n_modes).
        vectors, inverse: eigenvectors and their inverse, shape (n_modes, n_states, n_states); None where diagonal.
        defective: modes whose eigenvectors are no basis to compute in.
    """

    matrices: Complex
    values: Complex
    vectors: Complex | None = None
    inverse: Complex | None = None
    defective: NDArray[np.int64] | None = None


def linear_part(matrices: Complex) -> Linear:
    """Return the linear part of matrices with shape (n_states, n_states, n_modes), made ready for `scheme`."""
    n_states = len(matrices)
    mixing = ~np.eye(n_states, dtype=bool)
    if not matrices[mixing].any():
        diagonal = np.ascontiguousarray(np.einsum("iim->im", matrices))
        return Linear(diagonal, diagonal)
    by_mode = np.moveaxis(matrices, 2, 0)
    values, vectors = np.linalg.eig(by_mode)
    is_bad = ~(np.linalg.cond(vectors) < WORST_CONDITION)
    vectors[is_bad] = np.eye(n_states)
    return Linear(
        matrices, values.T, vectors, np.asarray(np.linalg.inv(vectors), dtype=np.complex128), np.flatnonzero(is_bad)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """The matrices of one step of ETDRK4, each with the shape of `Linear.matrices`.

    Attributes:
        whole, half: exp(hL) and exp(hL/2).
        stage: h/2 · φ1(hL/2), the weight of N in the stages.
        first, middle, last: weights of N at the beginning, the middle and the end of the step.
    """

    whole: Complex
    half: Complex
    stage: Complex
    first: Complex
    middle: Complex
    last: Complex


def scheme(linear: Linear, step: float) -> Scheme:
    """Return the matrices of a step of length `step`.

    >>> one = scheme(linear_part(np.zeros((1, 1, 1), dtype=complex)), 0.6)  # no linear part: classical weights
    >>> [round(float(weight.real[0, 0]), 12) for weight in (one.stage, one.first, one.middle, one.last)]
    [0.3, 0.1, 0.2, 0.1]
    """
    exponential, phi1, phi2, phi3 = _functions(linear, step)
    half, half_phi1, _, _ = _functions(linear, step / 2)
    return Scheme(
        whole=exponential,
        half=half,
        stage=step / 2 * half_phi1,
        first=step * (phi1 - 3 * phi2 + 4 * phi3),
        middle=2 * step * (phi2 - 2 * phi3),
        last=step * (4 * phi3 - phi2),
    )


def product(matrices: Complex, modes: Complex) -> Complex:
    """Return matrices times modes (n_states, n_modes), wavenumber by wavenumber."""
    return matrices * modes if matrices.ndim == 2 else np.einsum("ijm,jm->im", matrices, modes)


def _functions(linear: Linear, step: float) -> tuple[Complex, ...]:
    """Return exp, φ1, φ2, φ3 of step · L."""
    scalars = _scalar_functions(step * linear.values)
    if linear.vectors is None or linear.inverse is None or linear.defective is None:
        return scalars
    found = tuple(
        np.einsum("mij,jm,mjk->ikm", linear.vectors, scalar, linear.inverse, optimize=True) for scalar in scalars
    )
    for mode in linear.defective:
        for function, block in zip(found, _block_functions(step * linear.matrices[:, :, mode]), strict=True):
            function[:, :, mode] = block
    return found


def _scalar_functions(z: Complex) -> tuple[Complex, ...]:
    """Return exp, φ1, φ2, φ3 as means over circles around each z."""
    sums = [np.zeros_like(z, dtype=np.complex128) for _ in range(3)]
    for turn in np.exp(2j * np.pi * (np.arange(N_CONTOUR) + 0.5) / N_CONTOUR):
        w = z + turn
        phi = (np.exp(w) - 1) / w
        for order in range(3):
            sums[order] += phi
            phi = (phi - 1 / _FACTORIALS[order + 1]) / w
    return (np.exp(z), *(total / N_CONTOUR for total in sums))


_FACTORIALS = (1.0, 1.0, 2.0, 6.0)


def _block_functions(matrix: Complex) -> tuple[Complex, ...]:
    """Return exp, φ1, φ2, φ3 of one matrix, from the exponential of a block matrix.

    The top row of exp [[A, I, 0, 0], [0, 0, I, 0], [0, 0, 0, I], [0, 0, 0, 0]] holds all four (Al-Mohy &
    Higham 2011, doi:10.1137/100788860, theorem 2.1).
    """
    n = len(matrix)
    blocks = np.zeros((4 * n, 4 * n), dtype=np.complex128)
    blocks[:n, :n] = matrix
    blocks[: 3 * n, n:] += np.eye(3 * n)
    with np.errstate(all="ignore"):
        exponential = expm(blocks) if np.isfinite(matrix).all() else np.full_like(blocks, np.nan)
    top = np.asarray(exponential[:n], dtype=np.complex128)
    return tuple(top[:, k * n : (k + 1) * n] for k in range(4))
