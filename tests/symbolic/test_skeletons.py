import numpy as np
import pytest

from discover.expr import evaluate, variable
from discover.symbolic.skeletons import (
    COLUMN,
    EXP,
    FREE_POWER,
    FUNCTION,
    FUNCTIONS,
    INV,
    LOG,
    POWER,
    RSQRT,
    SIN,
    SQRT,
    SQUARED,
    TANH,
    canonical,
    columns,
    depth,
    formula,
    functions,
    size,
    spelled_power,
    tape,
)
from discover_kernels import opcodes
from tests.symbolic.skeletons import random_sum, value

x, y = (COLUMN, 0, 2), (COLUMN, 1, 2)
RNG = np.random.default_rng(4)
X = RNG.uniform(0.5, 2.0, (2, 40))


def function(which, *terms):
    return (FUNCTION, which, terms)


def test_one_spelling_whatever_the_order():
    a, b = function(EXP, (x,), (y,)), function(SIN, (y, x))
    assert canonical(((a, x), (b,), (y,))) == canonical(
        ((y,), (function(SIN, (x, y)),), (x, function(EXP, (y,), (x,))))
    )


@pytest.mark.parametrize(
    "body",
    [
        ((x, (COLUMN, 0, -2)),),
        (),
        ((function(INV, (function(INV, (x,)),)),),),
        ((function(SIN, (function(SIN, (x,)),)),),),
        ((function(SQUARED, (x,)),),),
    ],
)
def test_what_says_nothing_new_is_no_skeleton(body):
    assert canonical(body) is None


def test_terms_with_constants_inside_may_stand_twice_and_others_not():
    assert canonical(((x,), (x,))) == ((x,),)
    decay = (function(EXP, (x,)),)
    assert canonical((decay, decay)) == (decay, decay)


def test_measures():
    body = ((x, function(EXP, ((COLUMN, 0, 4),), (function(SIN, (y,)),))), ((FREE_POWER, 1, 0),))
    assert (size(body), depth(body), columns(body)) == (1 + 1 + 2 + 2 + 2, 2, {0, 1})
    assert list(functions(body)) == [EXP, SIN]


@pytest.mark.parametrize("twice", [-5, -4, -3, -2, -1, 1, 2, 3, 4, 6, 12])
def test_powers_are_spelled(twice):
    v = np.array([0.3, 1.7])
    for opcode, n in spelled_power(twice):
        v = {
            opcodes.SQRT: np.sqrt,
            opcodes.SQUARE: np.square,
            opcodes.CUBE: lambda u: u**3,
            opcodes.IPOW: lambda u, n=n: u**n,
            opcodes.INV: lambda u: 1 / u,
        }[opcode](v)
    np.testing.assert_allclose(v, np.array([0.3, 1.7]) ** (twice / 2))


@pytest.mark.parametrize("seed", range(60))
def test_a_formula_has_the_values_of_its_skeleton(seed):
    """Also where constants that say nothing became 1 and signs went outside."""
    rng = np.random.default_rng(seed)
    body = random_sum(rng)
    made = tape(body)
    c = rng.uniform(0.3, 1.5, made.n_free) * rng.choice([-1.0, 1.0], made.n_free, p=[0.3, 0.7])
    with np.errstate(all="ignore"):
        expected = value(body, c, X)
    expr, start = formula(made, c, [variable(0), variable(1)], 2)
    with np.errstate(all="ignore"):
        found = np.broadcast_to(evaluate(expr, np.vstack([X, np.outer(start, np.ones(40))])), 40)
    finite = np.isfinite(expected)
    np.testing.assert_allclose(found[finite], expected[finite], rtol=1e-8, atol=1e-8)
    assert {v for v in expr.variables if v >= 2} == set(range(2, 2 + len(start)))


@pytest.mark.parametrize("which", [INV, SQRT, RSQRT, POWER, SQUARED])
def test_one_coefficient_in_a_power_becomes_one(which):
    made = tape(((function(which, (x,)),),))
    expr, start = formula(made, np.array([0.5, 2.0, 3.0, 0.7, 0.3])[: made.n_free], [variable(0)], 1)
    assert len(start) == made.n_free - 1
    assert 1.0 in expr.constants


def test_a_logarithm_keeps_its_constants_because_units_need_them():
    made = tape(((function(LOG, (x,)),),))
    assert len(formula(made, np.array([0.5, 2.0, 3.0, 0.7]), [variable(0)], 1)[1]) == made.n_free


@pytest.mark.parametrize("which", [SIN, TANH])
def test_odd_functions_begin_with_a_plus(which):
    made = tape(((function(which, (x,)),),))
    _, start = formula(made, np.array([0.0, 2.0, 0.4, -3.0]), [variable(0)], 1)
    assert start == [0.0, -2.0, -0.4, 3.0]


def test_every_function_has_a_name_of_its_own():
    assert len({one.name for one in FUNCTIONS}) == len(FUNCTIONS)
