import itertools

import numpy as np
import pytest

from discover.data.observations import formulate_observations, observations
from discover.expr import Expr, parse, text
from discover.inference.formulas import form_of
from discover.peers.translation import MOST_FREE, candidates, front, opened, translated

NAMES = ["y", "x", "z"]


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    x, z = rng.uniform(1.0, 3.0, (2, 60))
    return formulate_observations(observations({"x": x, "z": z, "y": 2.0 * x / z + 0.5}, "y", None, None))


@pytest.mark.parametrize(
    ("spelled", "expr", "start"),
    [
        ("3*x", "a*x", (3.0,)),
        ("x**2 + x**0.5 + x**-1.5", "x**2 + x**0.5 + x**-1.5", ()),
        ("x**1.7", "x**a", (1.7,)),
        ("sin(0.3*x) - 1/x", "sin(a*x) - 1/x", (0.3,)),
        ("2*x + 0.5", "2*x + 0.5", ()),
    ],
)
def test_numbers_become_free_constants(spelled, expr, start):
    form = opened(parse(spelled, ["x"]), 1)
    assert form.expr == parse(expr, ["x", "a"])
    assert form.start == start


def test_redundant_constants_become_one():
    (form,) = translated([parse("0.7*((-0.71*x)/(-0.74*z))", NAMES)], 3)
    assert text(form.expr, [*NAMES, "a"]) == "a*x/z"


def test_the_same_form_comes_once():
    forms = translated([parse("0.7*x/z", NAMES), parse("(x*1.3)/(z*2.2)", NAMES)], 3)
    assert len(forms) == 1


def test_what_has_too_many_constants_is_left_out():
    many = parse(" + ".join(f"sin({k}.5*x)" for k in range(1, MOST_FREE + 2)), NAMES)
    assert translated([many], 3) == []


def test_constants_are_fitted_again(problem):
    found = candidates(problem, [parse("1.9*x/z + 0.4", NAMES), parse("0.3*x", NAMES)])
    best = min(found, key=lambda one: one.score)
    assert best.loss < 1e-20
    assert sorted(best.coefficients) == pytest.approx([0.5, 2.0])


def test_a_mean_is_always_among_them_and_what_a_shorter_one_beats_is_not(problem):
    assert [one.n_terms for one in candidates(problem, [])] == [1]
    # x + x³ is longer than x/z and fits worse.
    kept = candidates(problem, [parse("1.1*x/z", NAMES), parse("0.3*x + 0.2*x**3 + 0.1*log(x)*sin(x)", NAMES)])
    assert all(a.loss > b.loss for a, b in itertools.pairwise(kept))


def test_constants_that_can_trade_places_are_settled(problem):
    best = min(candidates(problem, [parse("1.7*(1.2*x/z + 0.3)", NAMES)]), key=lambda one: one.score)
    assert best.loss < 1e-20
    form = form_of(best, 3)
    assert form.n_free == 2


def test_forms_that_are_not_finite_on_the_data_never_enter(problem):
    pole = parse("1.5*log(x - 2.5)", NAMES)
    assert all(pole.tape[-1] != one.terms[0].tape[-1] for one in candidates(problem, [pole]))


def test_a_front_says_who_proposed(problem):
    whole = front(problem, [parse("1.1*x/z", NAMES)], 0, "a peer", interrupted=True)
    assert whole.notes == ("a peer",)
    assert whole.interrupted
    assert whole.n_library == 1
    assert all(isinstance(term, Expr) for one in whole.of("y") for term in one.terms)
