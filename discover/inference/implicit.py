"""The implicit rows g(x)·x′ of a rational law's denominator: where its candidates come from.

x′ Σ b_j g_j = Σ a_i f_i is linear in all coefficients, so one Gram matrix of the columns f_i and g_j x′ proposes
supports. Where g depends on the target alone, g(x) x′ = D(∫g) and the derivative falls on the test function; else
x′ is that of the smoothed samples, which is noisier. Only proposals come from here: `fractions` fits them.

Source: Kaheman, Kutz, Brunton (2020), doi:10.1098/rspa.2020.0279, for trying every left-hand side.
"""

import numpy as np

from discover.expr import Expr, compile_program
from discover.inference.fractions import Fractions, summed
from discover.problem import Array, Block, Problem

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def left_rows(of: Fractions, target: int) -> tuple[Array, ...]:
    """Return the rows of g_j·x′ for every term below, a block at a time, shapes (n_below, n_rows)."""
    problem, terms = of.rows.problem, of.rows.terms
    found = []
    for k, block in enumerate(of.rows.blocks):
        out = np.empty((len(of.below), block.n_rows))
        for j, p in enumerate(of.below):
            out[j] = _left(problem, block, target, terms[p], of.values[k][p])
        found.append(out)
    return tuple(found)


def _left(problem: Problem, block: Block, target: int, term: Expr, values: Array) -> Array:
    variable = problem.target_index(problem.targets[target])
    if term.value is not None:
        return term.value * block.Y[target]
    if problem.formulation == "strong":
        return values * block.Y[target]
    if problem.formulation == "discrete":
        return summed(block, problem, values[None])[0] * block.Y[target]
    if problem.order == 1 and term.variables == (variable,):
        return summed(block, problem, _integral(term, problem.n_variables, variable, block.X[variable])[None], 1)[0]
    return summed(block, problem, (values * block.X_dot[problem.order - 1, variable])[None])[0]


def _integral(term: Expr, n_variables: int, variable: int, x: Array) -> Array:
    """Return the integral of a function of one variable from the middle of x (n,) to each x, by Gauss's rule."""
    middle = (x.min() + x.max()) / 2
    half = (x - middle) / 2
    at = np.zeros((n_variables, len(x) * len(NODES)))
    at[variable] = (middle + half[:, None] * (1.0 + NODES)).ravel()
    values = compile_program([term], n_variables).evaluate(at)[0].reshape(len(x), -1)
    return half * (values @ WEIGHTS)
