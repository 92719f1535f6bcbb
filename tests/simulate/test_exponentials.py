"""The functions of the linear part, against their definitions."""

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.linalg import expm

from discover.simulate.exponentials import linear_part, product, scheme


def weights_by_integral(matrix: np.ndarray, step: float) -> dict[str, np.ndarray]:
    """Return the weights of a step from the variation-of-constants integral of a parabola in time."""

    def moment(power: int, span: float) -> np.ndarray:
        return quad_vec(lambda s: expm(matrix * (span - s)) * (s / span) ** power, 0, span, epsabs=1e-11)[0]

    m0, m1, m2 = (moment(power, step) for power in range(3))
    return {
        "whole": expm(matrix * step),
        "half": expm(matrix * step / 2),
        "stage": moment(0, step / 2),
        "first": m0 - 3 * m1 + 2 * m2,
        "middle": 2 * (m1 - m2),
        "last": 2 * m2 - m1,
    }


@pytest.mark.parametrize(
    "matrix",
    [
        [[0.0]],
        [[-3.0]],
        [[2j]],
        [[0.0, -2.0], [2.0, 0.0]],  # Schrödinger
        [[0.0, 1.0], [0.0, 0.0]],  # the wave equation's mean: defective
        [[0.0, 1.0], [-9.0, -0.5]],
        [[-1.0, 1.0, 0.0], [0.0, -1.0, 1.0], [0.0, 0.0, -1.0]],
    ],
)
def test_weights_are_integrals_of_the_exponential(matrix: list) -> None:
    L = np.array(matrix, dtype=complex)
    found = scheme(linear_part(L[:, :, None]), 0.7)
    for name, wanted in weights_by_integral(L, 0.7).items():
        values = getattr(found, name)
        mode = values[:, :, 0] if values.ndim == 3 else np.diag(values[:, 0])
        np.testing.assert_allclose(mode, wanted, atol=1e-10, err_msg=name)


def test_small_and_large_arguments_lose_no_digits() -> None:
    z = -np.logspace(-12, 8, 41)
    found = scheme(linear_part(z.astype(complex).reshape(1, 1, -1)), 1.0)
    expected = 0.5 * -np.expm1(z / 2) / (-z / 2)  # h/2 φ1(hL/2), by the function made for it
    np.testing.assert_allclose(found.stage[0].real, expected, rtol=1e-12)


def test_states_that_do_not_mix_are_kept_apart() -> None:
    assert linear_part(np.zeros((2, 2, 5), dtype=complex)).matrices.shape == (2, 5)
    mixed = np.zeros((2, 2, 5), dtype=complex)
    mixed[0, 1] = 1.0
    linear = linear_part(mixed)
    assert linear.defective is not None
    assert linear.defective.tolist() == [0, 1, 2, 3, 4]
    modes = np.arange(10.0).reshape(2, 5).astype(complex)
    np.testing.assert_allclose(product(mixed, modes), [[5, 6, 7, 8, 9], [0, 0, 0, 0, 0]])
