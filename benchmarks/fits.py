"""The two sides of the speed suite: the same regression by us and by pysindy, from the same arrays."""

import warnings

import numpy as np

from discover.expr import Expr, Polynomial, compile_program
from discover.simulate import clean_trajectories, lorenz96
from discover.sparse import bagged, derivative_gram, folded_gram, stlsq

N_STATES, DEGREE = 10, 3
THRESHOLD, ALPHA = 0.1, 0.05
THRESHOLDS = tuple(float(value) for value in np.geomspace(0.01, 1.0, 11))
"""A path around pysindy's one threshold, which stands in the middle."""

N_FOLDS = 50
DERIVATIVE_NOISE = 0.01

Array = np.ndarray


def lorenz96_data(n_samples: int, seed: int) -> tuple[Array, Array]:
    """Return states and derivatives (10, n_samples); the derivatives carry noise of 1 % of their RMS."""
    system = lorenz96(N_STATES)
    X, _ = clean_trajectories(system, 1, n_samples, seed)
    X_dot = compile_program(system.expressions(), N_STATES).evaluate(X[0])
    sigma = DERIVATIVE_NOISE * np.sqrt(np.mean(X_dot**2, axis=1, keepdims=True))
    return X[0], X_dot + sigma * np.random.default_rng([seed, 7]).standard_normal(X_dot.shape)


def library() -> tuple[Expr, ...]:
    """Return the 286 polynomials of ten variables up to degree three."""
    return Polynomial(DEGREE).build([f"x{i}" for i in range(N_STATES)])


def our_fit(X: Array, X_dot: Array, n_jobs: int | None = 1) -> Array:
    """Return the coefficients (n_states, n_terms) at the threshold, from a path of eleven."""
    G = derivative_gram(X, X_dot, library(), n_jobs=n_jobs)
    path = stlsq(G[0], len(X_dot), THRESHOLDS, ALPHA)
    return path[int(np.argmin(np.abs(np.array(THRESHOLDS) - THRESHOLD)))]


def our_bag(X: Array, X_dot: Array, n_models: int = 100, n_jobs: int | None = 1) -> Array:
    """Return the coefficients (n_models, n_states, n_terms) of bootstrap models over 50 stretches."""
    G = folded_gram(X, X_dot, library(), N_FOLDS, n_jobs)
    return bagged(G, len(X_dot), THRESHOLD, n_models, ALPHA, n_jobs=n_jobs)


def pysindy_fit(X: Array, X_dot: Array) -> Array:
    """Return pysindy's coefficients, in its order of terms, which is ours."""
    import pysindy as ps

    return _pysindy(X, X_dot, ps.STLSQ(threshold=THRESHOLD, alpha=ALPHA))


def pysindy_bag(X: Array, X_dot: Array, n_models: int = 100) -> Array:
    """Return pysindy's median coefficients over models that resample rows."""
    import pysindy as ps

    one = ps.STLSQ(threshold=THRESHOLD, alpha=ALPHA)
    return _pysindy(X, X_dot, ps.EnsembleOptimizer(one, bagging=True, n_models=n_models))


def pysindy_library(X: Array) -> Array:
    """Return pysindy's library of the data, the part of a bag that is paid for once."""
    import pysindy as ps

    return np.asarray(ps.PolynomialLibrary(DEGREE).fit_transform(X.T))


def _pysindy(X: Array, X_dot: Array, optimizer: object) -> Array:
    import pysindy as ps

    model = ps.SINDy(optimizer=optimizer, feature_library=ps.PolynomialLibrary(DEGREE))  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X.T, t=1.0, x_dot=X_dot.T)
    return np.asarray(model.coefficients())


SIDES = {"ours": our_fit, "pysindy": pysindy_fit, "ours, bagged": our_bag, "pysindy, bagged": pysindy_bag}
