"""pysindy on the same data: its defaults, in strong form and in weak form."""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.experiments import Experiment
from benchmarks.plan import Record
from benchmarks.trial import score
from discover.expr import evaluate, parse, text
from discover.simulate import generate

PYSINDY = ("pysindy STLSQ", "pysindy weak")
THRESHOLD = 0.1
"""pysindy's default; it refers to raw coefficients."""

K = 100
"""pysindy's default number of subdomains."""


def pysindy(experiment: Experiment, noise: float, seed: int, weak: bool) -> Record:
    """Return how right pysindy is on the measurements of an experiment, at its default settings."""
    system = experiment.system()
    X, U, t = trajectories(experiment, noise, seed)
    started = time.perf_counter()
    found = fit(X, U, t, system.names, len(system.states), experiment.terms, weak, seed)
    seconds = time.perf_counter() - started
    return {"noise": noise, "seed": seed, "seconds": round(seconds, 3), **score(found, experiment.truth())}


def trajectories(
    experiment: Experiment, noise: float, seed: int
) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Return measured states and inputs (n_samples, n) of every trajectory, and the times they share."""
    system = experiment.system()
    data = generate(system, experiment.n_trajectories, experiment.n_samples, noise, experiment.draw(noise, seed))
    n = experiment.n_samples
    values = np.stack([data[name].values for name in system.names], axis=1)
    parts = [values[k * n : (k + 1) * n] for k in range(experiment.n_trajectories)]
    n_states = len(system.states)
    return [part[:, :n_states] for part in parts], [part[:, n_states:] for part in parts], data["time"].values[:n]


def fit(
    X: list[np.ndarray],
    U: list[np.ndarray],
    t: np.ndarray,
    names: tuple[str, ...],
    n_states: int,
    terms: tuple[str, ...] = (),
    weak: bool = False,
    seed: int = 0,
    degree: int = 3,
) -> dict[tuple[str, str], float]:
    """Return what pysindy finds at its default settings, as {(target, term): coefficient}.

    The terms are polynomials of the variables up to `degree`, and `terms` beside them.
    """
    import pysindy as ps

    library: Any = ps.PolynomialLibrary(degree)
    for term in terms:
        library = library + ps.CustomLibrary(
            [_function(term, names)], [_name(text(parse(term, names), names), len(names))]
        )
    if weak:
        np.random.seed(seed % 2**32)  # noqa: NPY002  pysindy draws its subdomains from the global state
        library = ps.WeakPDELibrary(function_library=library, spatiotemporal_grid=t, K=K)
    model = ps.SINDy(optimizer=ps.STLSQ(threshold=THRESHOLD), feature_library=library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, t=t, u=U if U[0].size else None, feature_names=[f"v{i}" for i in range(len(names))])
    Xi = np.asarray(model.coefficients())
    features = [_translated(name, names) for name in model.get_feature_names()]
    return {
        (names[i], feature): float(Xi[i, p])
        for i in range(n_states)
        for p, feature in enumerate(features)
        if Xi[i, p] != 0.0
    }


def _translated(feature: str, names: tuple[str, ...]) -> str:
    """Return a feature as our text: pysindy writes "v0^2 v1", we read "v0**2*v1" and print it our way."""
    if "(" in feature:
        return feature
    placeholders = [f"v{i}" for i in range(len(names))]
    return text(parse(feature.replace("^", "**").replace(" ", "*"), placeholders), names)


def _function(term: str, names: tuple[str, ...]) -> Callable[..., Any]:
    """Return the term as a function of all variables; pysindy counts its parameters to know what it takes."""
    expr = parse(term, names)

    def evaluated(*values: Any) -> Any:
        arrays = [np.asarray(value) for value in values]
        return evaluate(expr, np.stack([array.ravel() for array in arrays])).reshape(arrays[0].shape)

    arities: dict[int, Callable[..., Any]] = {
        1: lambda a: evaluated(a),
        2: lambda a, b: evaluated(a, b),
        3: lambda a, b, c: evaluated(a, b, c),
    }
    return arities[len(names)]


def _name(term: str, n_variables: int) -> Callable[..., str]:
    arities: dict[int, Callable[..., str]] = {1: lambda a: term, 2: lambda a, b: term, 3: lambda a, b, c: term}
    return arities[n_variables]
