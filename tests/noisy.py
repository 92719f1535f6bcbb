"""Records of maps and of stochastic equations of which the truth is known; the tests of several rooms share them."""

from functools import lru_cache

import numpy as np

import discover
from discover.data.formulate import formulate
from discover.expr import parse
from discover.simulate import VectorField, simulate


def logistic(n=300, r=3.9, x0=0.3, process=0.0, seed=0):
    """Return values (n,) of x[n+1] = r x (1 - x) + process noise."""
    kicks = process * np.random.default_rng([seed, 1]).standard_normal(n)
    x = np.empty(n)
    x[0] = x0
    for k in range(n - 1):
        x[k + 1] = r * x[k] * (1 - x[k]) + kicks[k]
    return x


def measured(x, noise, seed=0):
    """Return x (…, n) with white noise, sigma / RMS of each row."""
    sigma = noise * np.sqrt(np.mean(x**2, axis=-1, keepdims=True))
    return x + sigma * np.random.default_rng([seed, 2]).standard_normal(x.shape)


def map_data(x):
    """Return values (n,) or (n_states, n) as a loaded sequence."""
    rows = np.atleast_2d(x)
    return discover.load({"n": np.arange(rows.shape[1]), **dict(zip("xyz", rows, strict=False))}, time="n")


@lru_cache
def path(drift=("x - x**3",), squared=("0.25",), n=10_000, dt=0.05, seed=4, x0=(1.0,)):
    """Return a path (n_states, n) of dx = drift dt + √squared dW, by the project's own simulation."""
    names = tuple("xyz"[: len(drift)])
    sides = [tuple(parse(f"{text} + 0*x", names) for text in side) for side in (drift, squared)]
    field = VectorField(names, (), sides[0], kind="stochastic", squares=sides[1])
    run = simulate(field, x0, dt * np.arange(n), seed=seed)
    return np.stack([run[name].values for name in names])


def path_data(x, dt=0.05):
    """Return a path (n_states, n) as a loaded record."""
    rows = np.atleast_2d(x)
    return discover.load({"t": dt * np.arange(rows.shape[1]), **dict(zip("xyz", rows, strict=False))}, time="t")


def stochastic_problem(x, dt=0.05, form=None):
    """Return a path (n_states, n) as a Problem."""
    return formulate(path_data(x, dt), form or discover.Stochastic())


@lru_cache
def found_well():
    """Return what is found in a double well's path."""
    return discover.dynamics(path_data(path()), form=discover.Stochastic())


@lru_cache
def found_map():
    """Return what is found in a noisy logistic map."""
    return discover.dynamics(map_data(measured(logistic(), 0.01)), form=discover.Map())
