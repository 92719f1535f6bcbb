import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from discover_kernels.stencil import contract
from tests.kernels.stencils import random_stencil
from tests.reference import stencil_matrix


@given(
    n_samples=st.integers(1, 60),
    n_rows=st.integers(0, 30),
    n_variables=st.integers(1, 4),
    n_shapes=st.one_of(st.none(), st.integers(1, 3)),
    seed=st.integers(0, 10_000),
    data=st.data(),
)
def test_the_banded_contraction_is_a_dense_product(n_samples, n_rows, n_variables, n_shapes, seed, data):
    width = data.draw(st.integers(1, n_samples))
    rng = np.random.default_rng(seed)
    stencil = random_stencil(rng, n_samples, width, n_rows, n_shapes)
    X = rng.standard_normal((n_variables, n_samples))
    out = np.full((n_variables, n_rows), np.nan)
    contract(stencil.start, stencil.shape, stencil.weights[1], X, out)
    M = stencil_matrix(stencil.start, stencil.shape, stencil.weights[1], n_samples)
    assert np.all(np.abs(out - X @ M.T) <= 1e-13 * (np.abs(X) @ np.abs(M).T))
