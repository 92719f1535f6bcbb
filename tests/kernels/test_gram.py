from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.expr import Polynomial, Terms, compile_program
from discover_kernels.gram import PANEL, TILE, accumulate, add_outer, mirror, stencil_rows
from tests.kernels.stencils import random_stencil
from tests.reference import stencil_matrix, values

LIBRARY = Polynomial(3) + Terms("sin(x)", "exp(-y)", "x/(2 + y**2)")
TERMS = LIBRARY.build(["x", "y"])
PROGRAM = compile_program(TERMS, 2)
RULES = (PROGRAM.code, PROGRAM.constants, 2, PROGRAM.n_rows, PROGRAM.roots)


def theta_of(X):
    """Return the library at every sample, one sample at a time."""
    return np.array([values(term, X) for term in TERMS])


def close(found, expected, scale=1e-12):
    """Agreement to rounding, relative to the sizes that were added up."""
    diagonal = np.sqrt(np.abs(np.diag(expected)))
    return np.all(np.abs(found - expected) <= scale * (diagonal[:, None] * diagonal + 1e-300))


@given(st.integers(1, 2 * PANEL + 3), st.integers(1, 40), st.integers(0, 5), st.integers(0, 1000))
def test_the_outer_product_of_the_first_columns(q, n, n_unused, seed):
    Z = np.random.default_rng(seed).standard_normal((q, n + n_unused))
    G = np.zeros((1, q, q))
    add_outer(Z, n, G[0])
    mirror(G)
    assert close(G[0], Z[:, :n] @ Z[:, :n].T)
    assert np.array_equal(G[0], G[0].T)


def test_outer_products_add_up():
    Z = np.random.default_rng(0).standard_normal((70, 90))
    G = np.ones((1, 70, 70))
    add_outer(np.ascontiguousarray(Z[:, :50]), 50, G[0])
    add_outer(np.ascontiguousarray(Z[:, 50:]), 40, G[0])
    mirror(G)
    assert close(G[0] - 1.0, Z @ Z.T)


def test_mirroring_takes_the_upper_triangle_of_every_matrix():
    G = np.arange(18.0).reshape(2, 3, 3)
    expected = np.triu(G) + np.triu(G, 1).transpose(0, 2, 1)
    mirror(G)
    assert np.array_equal(G, expected)


@pytest.mark.parametrize("n_samples", [1, 7, TILE - 1, TILE, TILE + 1, 2 * TILE, 1300])
def test_the_fused_gram_equals_the_library_times_itself(n_samples):
    rng = np.random.default_rng(n_samples)
    X, Y = rng.uniform(-2, 2, (2, n_samples)), rng.standard_normal((3, n_samples))
    G = np.zeros((1, len(TERMS) + 3, len(TERMS) + 3))
    accumulate(*RULES, X, Y, G[0])
    mirror(G)
    Z = np.concatenate([theta_of(X), Y])
    assert close(G[0], Z @ Z.T)


@given(st.lists(st.integers(1, 3 * TILE), max_size=3), st.integers(0, 1000))
def test_the_fused_gram_does_not_depend_on_how_the_samples_are_cut(cuts, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.uniform(-2, 2, (2, 3 * TILE)), rng.standard_normal((1, 3 * TILE))
    whole, parts = np.zeros((2, len(TERMS) + 1, len(TERMS) + 1))
    accumulate(*RULES, X, Y, whole)
    edges = [0, *sorted(cuts), 3 * TILE]
    for a, b in pairwise(edges):
        accumulate(*RULES, np.ascontiguousarray(X[:, a:b]), np.ascontiguousarray(Y[:, a:b]), parts)
    assert close(np.triu(parts), np.triu(whole))


@pytest.mark.parametrize(
    ("n_samples", "width", "n_rows", "n_shapes"),
    [
        (50, 7, 20, 1),
        (50, 50, 3, 2),
        (TILE + 40, 21, 90, None),  # a row a sample or so, every row with weights of its own
        (4 * TILE, 2 * TILE, 40, 1),  # windows wider than a tile
        (3000, 5, 11, 3),  # long pauses between the windows
        (3000, 121, 700, 1),
    ],
)
def test_rows_equal_dense_weights_times_the_library(n_samples, width, n_rows, n_shapes):
    rng = np.random.default_rng(width)
    stencil = random_stencil(rng, n_samples, width, n_rows, n_shapes)
    X = rng.uniform(-2, 2, (2, n_samples))
    out = np.full((len(TERMS), n_rows), np.nan)
    stencil_rows(*RULES, X, stencil.start, stencil.shape, stencil.weights[0], out)
    theta = theta_of(X)
    M = stencil_matrix(stencil.start, stencil.shape, stencil.weights[0], n_samples)
    error = np.abs(theta) @ np.abs(M).T
    assert np.all(np.abs(out - theta @ M.T) <= 1e-13 * error)


def test_no_rows_are_no_work():
    stencil = random_stencil(np.random.default_rng(0), 30, 5, 4, 1)
    out = np.empty((len(TERMS), 0))
    stencil_rows(*RULES, np.ones((2, 30)), stencil.start[:0], stencil.shape[:0], stencil.weights[0], out)
    assert out.size == 0
