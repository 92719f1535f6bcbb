import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from discover.sparse.constrained import Equalities
from discover.sparse.evidence import log_evidence, posterior
from tests.reference import marginal_likelihood, residual_of
from tests.sparse.test_constrained import gram_of


def regression(seed, n_terms=6, n_rows=60, noise=1.0):
    rng = np.random.default_rng(seed)
    Theta = rng.standard_normal((n_rows, n_terms)) + 0.7 * rng.standard_normal((n_rows, 1))
    y = Theta[:, :2] @ np.array([2.0, -0.4]) + noise * rng.standard_normal(n_rows)
    return Theta, y


@given(st.integers(0, 300), st.integers(1, 4))
def test_with_known_noise_it_is_the_marginal_likelihood_at_the_likeliest_width(seed, k):
    Theta, y = regression(seed)
    S = list(range(k))
    explained = float(y @ y) - residual_of(gram_of(Theta, y[:, None]), S, 6)
    g = max(explained / k - 1.0, 0.0)
    found = log_evidence(explained, k, 60, noise_known=True)
    assert found == pytest.approx(marginal_likelihood(Theta[:, S], y, g), rel=1e-6, abs=1e-8)
    assert found >= marginal_likelihood(Theta[:, S], y, 1.3 * g + 0.1) - 1e-9


def test_with_unknown_noise_the_noise_is_integrated_out():
    """∫ p(y | σ) dσ/σ by quadrature, at the width that the formula takes."""
    Theta, y = regression(1, n_rows=20)
    G = gram_of(Theta, y[:, None])
    r2 = 1.0 - residual_of(G, [0, 1], 6) / G[6, 6]
    g = max(r2 / 2 / ((1 - r2) / 18) - 1.0, 0.0)
    size = float(y @ y)

    def integrated(k, width):
        quadratic = size * (1.0 - width / (1.0 + width) * r2 if k else 1.0)
        scale = quadratic / 20
        return np.log(quad(lambda s: (s / scale) ** -11 * np.exp(10 - quadratic / 2 / s), 0, 40 * scale)[0] / scale) - (
            10 * np.log(scale) + k / 2 * np.log1p(width)
        )

    expected = integrated(2, g) - integrated(0, 0.0)
    assert log_evidence(r2, 2, 20) == pytest.approx(expected, rel=1e-4)


@settings(max_examples=15)
@given(st.integers(0, 60), st.booleans())
def test_following_neighbours_gives_the_inclusion_of_all_supports(seed, noise_known):
    Theta, y = regression(seed)
    G = gram_of(Theta, y[:, None])
    found = posterior(G, 1, 60, 6, noise_known)
    weights = {}
    for k in range(7):
        for S in itertools.combinations(range(6), k):
            left = residual_of(G, S, 6)
            explained = G[6, 6] - left if noise_known else 1.0 - left / G[6, 6]
            alike = np.log(len(list(itertools.combinations(range(6), k))))
            weights[S] = log_evidence(explained, k, 60, noise_known) - alike
    values = np.exp(np.array(list(weights.values())) - max(weights.values()))
    values /= values.sum()
    inclusion = [sum(v for S, v in zip(weights, values, strict=True) if j in S) for j in range(6)]
    assert found.complete
    assert found.inclusion[0] == pytest.approx(inclusion, abs=2e-3)
    best, probability = found.supports[0][0]
    assert best == max(weights, key=weights.get)
    assert probability == pytest.approx(values.max(), abs=2e-3)


def test_strong_terms_are_sure_and_absent_ones_are_not():
    Theta, y = regression(3, n_terms=12, n_rows=400)
    found = posterior(gram_of(Theta, y[:, None]), 1, 400)
    assert np.all(found.inclusion[0, :2] > 0.99)
    assert np.all(found.inclusion[0, 2:] < 0.2)
    probabilities = [p for _, p in found.supports[0]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1.0)


def test_what_equalities_determine_costs_nothing():
    """Tying the two true terms to their values makes one parameter of none."""
    Theta, y = regression(4, n_terms=5, n_rows=200)
    A = np.zeros((1, 1, 5))
    A[0, 0, 0], A[0, 0, 1] = 1.0, 5.0
    tied = posterior(gram_of(Theta, y[:, None]), 1, 200, equalities=Equalities(A, np.zeros(1)))
    assert np.all(tied.inclusion[0, :2] > 0.9)
    assert all((0 in S) == (1 in S) or p < 1e-3 for S, p in tied.supports[0])


def test_a_walk_cut_short_says_so():
    Theta, y = regression(5, n_terms=12, noise=20.0)
    assert not posterior(gram_of(Theta, y[:, None]), 1, 60, max_models=1).complete
