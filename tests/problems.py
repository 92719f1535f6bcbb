"""Small problems of which the truth is known; the tests of several rooms share them."""

from dataclasses import replace

import numpy as np

import discover
from discover.data.formulate import formulate
from discover.expr import Polynomial, compile_program, differentiate
from discover.inference.rows import assemble
from discover.simulate import SYSTEMS, clean_trajectories, generate
from tests.reference import row_covariance


def waves(time, n_variables=1, period=40.0, seed=0):
    """Return smooth signals of unit size at time (n,), sums of three sines of `period` or more, (n_variables, n)."""
    rng = np.random.default_rng([seed, 7])
    frequency = rng.uniform(0.3, 1.0, (n_variables, 3, 1)) / period
    phase = rng.uniform(0.0, 2 * np.pi, (n_variables, 3, 1))
    return np.sqrt(2 / 3) * np.sin(2 * np.pi * frequency * time + phase).sum(axis=1)


def jittered(n_samples, seed=0, step=1.0, jitter=0.35):
    """Return increasing times with steps that differ, none further than `jitter` steps from its place."""
    rng = np.random.default_rng([seed, 8])
    return step * (np.arange(n_samples) + rng.uniform(-jitter, jitter, n_samples))


def problem_of(system, noise=0.01, seed=0, form=None, **sizes):
    """Return a known system as a Problem; `sizes` are those of `generate`."""
    return formulate(generate(SYSTEMS[system], noise=noise, seed=seed, **sizes), form)


def true_rows(system, problem, library=None):
    """Return the rows of a library on a problem, and the true supports and coefficients of every target."""
    terms = (library or Polynomial(3)).build(problem.names)
    Xi = SYSTEMS[system].true_terms(terms)
    supports = [tuple(np.flatnonzero(column).tolist()) for column in Xi.T]
    return assemble(problem, terms), supports, [column[list(S)] for column, S in zip(Xi.T, supports, strict=True)]


def table_of(system, noise=0.01, seed=0, **sizes):
    """Return a known system's trajectory as a dict of columns, as a person would hand it in."""
    data = generate(SYSTEMS[system], noise=noise, seed=seed, **sizes)
    return {"t": data["time"].values, **{str(name): data[name].values for name in data.data_vars}}


def loaded(columns, **options):
    """Return what `discover.load` makes of a dict of columns with the time "t"."""
    return discover.load(columns, time="t", **options)


def measured_again(system, noise, form, seeds, n_samples=400):
    """Yield the rows of one true trajectory under fresh noise of known level."""
    known = SYSTEMS[system]
    X = clean_trajectories(known, 1, n_samples, seed=3)[0][0]
    sigma = noise * np.sqrt((X**2).mean(axis=1))
    for seed in seeds:
        noisy = X + sigma[:, None] * np.random.default_rng([seed, 5]).standard_normal(X.shape)
        columns = {"t": known.dt * np.arange(n_samples)} | dict(zip(known.states, noisy, strict=True))
        problem = replace(formulate(loaded(columns), form), noise=sigma, relative=None)
        yield true_rows(system, problem)


def dense_covariance(rows, b, target, support, w):
    """Return the covariance of a candidate's residuals on block b, as a dense matrix."""
    problem, block = rows.problem, rows.blocks[b]
    fields = {0: np.zeros_like(block.X), problem.order_of(target): np.zeros_like(block.X)}
    fields[problem.order_of(target)][target] = 1.0
    for weight, p in zip(w, support, strict=True):
        gradient = [differentiate(rows.terms[p], v) for v in range(problem.n_variables)]
        fields[0] -= weight * compile_program(gradient, problem.n_variables).evaluate(block.X_smooth)
    return row_covariance(block.stencil, fields, problem.noise_on(block) ** 2)
