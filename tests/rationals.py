"""Rational systems of which the truth is known; the tests of several rooms share them."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.integrate import solve_ivp

import discover
from discover.data.formulate import formulate
from discover.expr import evaluate, parse
from discover.inference.fractions import fractions

ENZYME = ("0.6 - 1.5*x/(0.3 + x)",)
HYPERBOLA = ("0.8/x",)
PREDATOR = ("x*(1 - x/3) - 1.2*x*y/(1 + 0.6*x)", "-0.3*y + 0.6*x*y/(1 + 0.6*x)")
PREY = ("x - 0.5*x*y", "-0.7*y + 0.3*x*y")


@cache
def clean(equations, starts, duration, n_samples):
    """Return the times (n_samples,) and the true trajectories, each of shape (n_states, n_samples)."""
    names = ["x", "y"][: len(equations)]
    sides, t = [parse(side, names) for side in equations], np.linspace(0.0, duration, n_samples)

    def rates(_, x):
        return [float(np.ravel(evaluate(side, x[:, None]))[0]) for side in sides]

    return t, [solve_ivp(rates, (0.0, duration), x0, "LSODA", t, rtol=1e-10, atol=1e-12).y for x0 in starts]


def measured(equations, starts, duration, n_samples=400, noise=0.01, seed=0):
    """Return a loaded Dataset of noisy trajectories; noise is relative to the RMS of each clean state."""
    t, runs = clean(equations, starts, duration, n_samples)
    level = noise * np.sqrt(np.mean(np.concatenate(runs, axis=1) ** 2, axis=1))[:, None]
    rng, tables = np.random.default_rng([seed, 21]), []
    for number, X in enumerate(runs):
        noisy = X + level * rng.standard_normal(X.shape)
        tables.append(pd.DataFrame({"t": t, "run": f"r{number}", **dict(zip("xy", noisy, strict=False))}))
    return discover.load(pd.concat(tables), time="t", group="run")


def enzyme(noise=0.01, seed=0):
    """Return measurements of an enzyme that is fed, from above and from below its steady state."""
    return measured(ENZYME, ((2.0,), (0.05,)), 8.0, noise=noise, seed=seed)


def offered(dataset, above, below, form=None):
    """Return the terms of a rational library on measurements, as `Fractions`."""
    problem = formulate(dataset, form)
    return fractions(problem, above.build(problem.names), below.build(problem.names))
