import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.expr import Polynomial, compile_program
from discover.simulate import SYSTEMS, clean_trajectories
from discover.sparse import derivative_gram, stlsq
from discover.sparse.constrained import Equalities
from discover.sparse.thresholding import mstls, sr3
from tests.reference import mstls_solution, sr3_solution
from tests.sparse.test_constrained import gram_of, random_equalities, rows

TERMS = Polynomial(3).build(["x", "y", "z"])
XI = SYSTEMS["lorenz"].true_terms(TERMS)
SEEDS = st.integers(0, 300)


@pytest.fixture(scope="module")
def lorenz():
    """Gram of Lorenz with exact derivatives and a little noise on them."""
    X = clean_trajectories(SYSTEMS["lorenz"], 1, 2000)[0][0]
    X_dot = compile_program(SYSTEMS["lorenz"].expressions(), 3).evaluate(X)
    X_dot += 0.1 * np.random.default_rng(0).standard_normal(X_dot.shape)
    return derivative_gram(X, X_dot, TERMS)[0]


def conserving():
    """Return equalities that Lorenz obeys: x' = s·(y - x), and the quadratic terms do no work."""
    A = np.zeros((2, 3, 20))
    A[0, 0, [1, 2]] = 1.0
    A[1, 1, 6] = A[1, 2, 5] = 1.0
    return Equalities(A, np.zeros(2))


@pytest.mark.parametrize("equalities", [None, conserving()], ids=["free", "under equalities"])
@pytest.mark.parametrize(
    "solver",
    [
        lambda G, e: stlsq(G, 3, [0.3], equalities=e)[0],
        lambda G, e: mstls(G, 3, equalities=e),
        lambda G, e: sr3(G, 3, [0.3], equalities=e)[0],
    ],
    ids=["stlsq", "mstls", "sr3"],
)
def test_lorenz_is_found_and_equalities_hold_after_thresholding(lorenz, solver, equalities):
    Xi = solver(lorenz, equalities)
    assert np.array_equal(Xi != 0.0, XI.T != 0.0)
    assert np.allclose(Xi, XI.T, rtol=0.01)
    if equalities is not None:
        assert np.abs(np.einsum("rip,ip->r", equalities.A, Xi) - equalities.b).max() < 1e-10


@given(SEEDS, st.floats(0.05, 2.0), st.sampled_from([0.0, 0.05, 3.0]))
def test_no_equalities_at_all_are_plain_stlsq(seed, threshold, alpha):
    G = gram_of(*rows(seed))
    nothing = Equalities(np.zeros((0, 3, 5)), np.zeros(0))
    assert stlsq(G, 3, [threshold], alpha, equalities=nothing) == pytest.approx(
        stlsq(G, 3, [threshold], alpha), rel=1e-6, abs=1e-9
    )


@settings(max_examples=20)
@given(SEEDS, st.floats(0.05, 3.0))
def test_equalities_outlive_every_threshold(seed, threshold):
    """Even where all terms are small: what the equalities need stays."""
    G, equalities = gram_of(*rows(seed)), random_equalities(seed)
    for Xi in (
        stlsq(G, 3, [threshold], equalities=equalities)[0],
        sr3(G, 3, [threshold], equalities=equalities)[0],
        mstls(G, 3, equalities=equalities),
    ):
        assert np.abs(np.einsum("rip,ip->r", equalities.A, Xi) - equalities.b).max() < 1e-9


@settings(max_examples=20)
@given(SEEDS, st.floats(0.01, 3.0), st.sampled_from([0.1, 1.0, 10.0]))
def test_sr3_on_the_gram_is_sr3_on_the_rows(seed, threshold, nu):
    Theta, Y = rows(seed)
    found = sr3(gram_of(Theta, Y), 3, [threshold], nu)[0]
    for target in range(3):
        expected = sr3_solution(Theta, Y[:, target], threshold, nu)
        assert found[target] == pytest.approx(expected, rel=1e-5, abs=1e-8)


@settings(max_examples=20)
@given(SEEDS)
def test_mstls_on_the_gram_is_mstls_on_the_rows(seed):
    Theta, Y = rows(seed)
    thresholds = np.geomspace(1e-3, 1.0, 20)
    found = mstls(gram_of(Theta, Y), 3, thresholds)
    for target in range(3):
        assert found[target] == pytest.approx(mstls_solution(Theta, Y[:, target], thresholds), rel=1e-5, abs=1e-8)


def test_sr3_has_one_answer_a_threshold_in_the_order_given(lorenz):
    both = sr3(lorenz, 3, [0.9, 0.3])
    assert both.shape == (2, 3, 20)
    assert np.array_equal(both[1], sr3(lorenz, 3, [0.3])[0])


def test_a_threshold_above_everything_leaves_nothing(lorenz):
    assert not sr3(lorenz, 3, [1e9]).any()
    assert not stlsq(lorenz, 3, [1e9], equalities=conserving()).any()
