"""Mean and variance of a diffusion's next step, and how they depend on each term of the drift and of g².

Over a step h the state is taken as normal with mean m and covariance P that obey

    m' = f + ½ P:∇∇f,    P' = J P + P Jᵀ + D(m),    J = ∇f,  D = diag(g²),

carried by two steps of Heun's method. With Φ(h, s) the tangent propagator from s to the end, and
Simpson's rule over s = 0, h/2, h, mean and variance are linear in small changes of the coefficients:

    ∂m_i(h)/∂c_p = ∫ Φ_ii(h, s) E[θ_p(X_s)] ds,    P_ii(h) = Σ_j ∫ Φ_ij(h, s)² E[g_j²(X_s)] ds.

Euler's rule (Φ = 1, E θ(X_s) = θ(X_0)) is their limit at small steps; the first correction is that of the
generator. At a step of a tenth of the relaxation time Euler's rule is off by 5 % in the drift and by 10 %
in the diffusion, and gives a constant diffusion a spurious dependence on the state.

Source: Särkkä and Solin (2019), Applied Stochastic Differential Equations, doi:10.1017/9781108186735,
chapter 9, for the assumed normal density; Gottschall and Peinke (2008),
doi:10.1088/1367-2630/10/8/083034, for what finite steps do to drift and diffusion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.expr import Expr, Program, compile_program, differentiate
from discover.problem import Array

NODES = (1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0)
"""Simpson's weights."""


@dataclass(frozen=True, slots=True, eq=False)
class Calculus:
    """A library with its first and second derivatives by the states, compiled together.

    Attributes:
        n_terms, n_states: sizes.
        pairs: the states (j, l), j ≤ l, of every second derivative.
        program: terms, then first derivatives state by state, then second derivatives pair by pair.
    """

    n_terms: int
    n_states: int
    pairs: tuple[tuple[int, int], ...]
    program: Program


@dataclass(frozen=True, slots=True, eq=False)
class Diffusion:
    """Coefficients of the library in drift and in g² of every state, each of shape (n_states, n_terms)."""

    drift: Array
    squared: Array


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The library at some points: θ (n_terms, n), ∇θ (n_terms, n_states, n), ∇∇θ (n_terms, n_pairs, n)."""

    theta: Array
    slope: Array
    bend: Array


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a diffusion from each of n states.

    Attributes:
        mean: rate of change of the expected state, shape (n_states, n).
        variance: of the increment over the step's length, shape (n_states, n).
        drift: derivative of `mean` by the drift's coefficients of its own equation, (n_states, n_terms, n).
        squared: part of `variance` that each term of g² brings to its own state, (n_states, n_terms, n).
        others: part of `variance` that the noise of the other states brings, shape (n_states, n).
    """

    mean: Array
    variance: Array
    drift: Array
    squared: Array
    others: Array


def calculus(terms: Sequence[Expr], n_states: int, n_variables: int) -> Calculus:
    """Compile a library with its derivatives by the states."""
    first = [[differentiate(term, j) for j in range(n_states)] for term in terms]
    pairs = tuple((j, k) for j in range(n_states) for k in range(j, n_states))
    second = [differentiate(slopes[j], k) for slopes in first for j, k in pairs]
    everything = [*terms, *(slope for slopes in first for slope in slopes), *second]
    return Calculus(len(terms), n_states, pairs, compile_program(everything, n_variables))


def values(library: Calculus, X: Array) -> Values:
    """Return the library with its derivatives at X (n_variables, n)."""
    P, d = library.n_terms, library.n_states
    found = library.program.evaluate(np.ascontiguousarray(X))
    first, second = P * (1 + d), len(library.pairs)
    return Values(found[:P], found[P:first].reshape(P, d, -1), found[first:].reshape(P, second, -1))


def _spread(library: Calculus, at: Values, P: Array) -> Array:
    """Return E[θ] about a normal state of covariance P (n_states, n_states, n), shape (n_terms, n)."""
    weight = np.array([(0.5 if j == k else 1.0) * P[j, k] for j, k in library.pairs])
    return at.theta + np.einsum("pqn,qn->pn", at.bend, weight)


def _rates(library: Calculus, model: Diffusion, at: Values, P: Array) -> tuple[Array, Array]:
    """Return m' (n_states, n) and P' (n_states, n_states, n)."""
    expected = _spread(library, at, P)
    J = np.einsum("ip,pjn->ijn", model.drift, at.slope)
    JP = np.einsum("ijn,jkn->ikn", J, P)
    growth = JP + JP.transpose(1, 0, 2)
    D = model.squared @ expected
    growth[np.arange(len(D)), np.arange(len(D))] += D
    return model.drift @ expected, growth


def _half(library: Calculus, model: Diffusion, X: Array, P: Array, at: Values, h: Array) -> tuple[Array, Array]:
    """Take mean and covariance half a step h (n,) further by Heun's rule; X has shape (n_variables, n)."""
    d = library.n_states
    m_dot, P_dot = _rates(library, model, at, P)
    ahead = X.copy()
    ahead[:d] += 0.5 * h * m_dot
    m_dot2, P_dot2 = _rates(library, model, values(library, ahead), P + 0.5 * h * P_dot)
    after = X.copy()
    after[:d] += 0.25 * h * (m_dot + m_dot2)
    return after, P + 0.25 * h * (P_dot + P_dot2)


def step(library: Calculus, model: Diffusion, X: Array, h: Array) -> Step:
    """Return mean and variance of the step from each state, with their dependence on the coefficients.

    Args:
        library: compiled terms.
        model: the coefficients about which the dependence is taken.
        X: variables at the beginning, shape (n_variables, n); inputs are held over the step.
        h: its length, shape (n,).
    """
    d, n = library.n_states, X.shape[1]
    begin = values(library, X)
    X_half, P_half = _half(library, model, X, np.zeros((d, d, n)), begin, h)
    middle = values(library, X_half)
    X_end, P_end = _half(library, model, X_half, P_half, middle, h)
    end = values(library, X_end)
    J0, J1, J2 = (np.einsum("ip,pjn->nij", model.drift, at.slope) for at in (begin, middle, end))
    late = _propagator(0.25 * h[:, None, None] * (J1 + J2))
    whole = late @ _propagator(0.25 * h[:, None, None] * (J0 + J1))
    expected = (begin.theta, _spread(library, middle, P_half), _spread(library, end, P_end))
    own = np.arange(d)
    weights = (whole[:, own, own].T, late[:, own, own].T, np.ones((d, n)))
    drift = sum(w * g[:, None] * e[None] for w, g, e in zip(NODES, weights, expected, strict=True))
    squared = sum(w * g[:, None] ** 2 * e[None] for w, g, e in zip(NODES, weights, expected, strict=True))
    D = [model.squared @ e for e in expected[:2]]
    others = sum(
        w * (np.einsum("nij,jn->in", phi**2, noise) - g**2 * noise)
        for w, phi, noise, g in zip(NODES, (whole, late), D, weights, strict=False)
    )
    mean = sum(w * (model.drift @ e) for w, e in zip(NODES, expected, strict=True))
    variance = np.einsum("ip,ipn->in", model.squared, squared) + others
    return Step(*map(np.asarray, (mean, variance, drift, squared, others)))


def _propagator(a: Array) -> Array:
    """Return exp(a) of small matrices (n, n_states, n_states) to third order."""
    square = a @ a
    return np.eye(a.shape[1]) + a + square / 2.0 + square @ a / 6.0
