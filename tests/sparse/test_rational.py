import numpy as np
import pytest

from discover.data.formulate import formulate
from discover.errors import SettingError
from discover.expr import PerEquation, Polynomial, Rational, Terms, text
from discover.inference.candidates import Candidates
from discover.simulate import SYSTEMS, generate
from discover.sparse import Sparse
from discover.sparse.rational import search_quotients
from tests.rationals import HYPERBOLA, PREDATOR, enzyme, measured, offered


def best(dataset, library, target=None, **settings):
    problem = formulate(dataset)
    front = Sparse(library, **settings).search(problem)
    found = front.of(target or front.targets[0])[0]
    return tuple({text(term, problem.names) for term in terms} for terms in (found.terms, found.denominator))


def test_an_enzyme_is_found():
    assert best(enzyme(0.01), Rational()) == ({"1", "x"}, {"1", "x"})


def test_a_denominator_without_a_constant_is_found():
    data = measured(HYPERBOLA, ((0.5,), (1.5,)), 8.0, noise=0.005)
    assert best(data, Rational()) == ({"1"}, {"x"})


def test_two_states_share_a_denominator():
    data = measured(PREDATOR, ((0.5, 0.5), (2.0, 1.0)), 40.0, 800, noise=0.002)
    library = PerEquation({"x": Terms("x")}, default=Rational(Polynomial(2), Polynomial(1)))
    assert best(data, library, "y") == ({"y", "x*y"}, {"1", "x"})


def test_a_polynomial_stays_one():
    data = generate(SYSTEMS["lotka-volterra"], n_samples=600, noise=0.005, seed=4)
    library = PerEquation({"predator": Terms("predator")}, default=Rational(Polynomial(2), Polynomial(1)))
    assert best(data, library, "prey") == ({"prey", "prey*predator"}, set())


def test_a_factor_that_both_sums_share_is_divided_out():
    of = offered(enzyme(0.01), Polynomial(2), Polynomial(2))
    plain = Candidates(of.rows.only(range(3)), 0)
    plain.add([()], lambda n: False)
    found = search_quotients(of, 0, plain, 6, lambda n: False)
    for support in (*found.found, *found.poles):
        above, below = ([p for p in support if (p < 3) == side] for side in (True, False))
        powers = [*above, *(p - 3 for p in below)]  # terms in order of their degree
        assert min(powers) == 0


def test_the_budget_ends_the_search():
    of = offered(enzyme(0.01), Polynomial(3), Polynomial(2))
    plain = Candidates(of.rows.only(range(4)), 0)
    plain.add([()], lambda n: False)
    assert search_quotients(of, 0, plain, 6, lambda n: n >= 4).n_fits == 4


def test_front_says_what_was_on_offer():
    front = Sparse(Rational(Polynomial(1), Terms("x"))).search(formulate(enzyme(0.01)))
    assert front.n_library == 3
    assert "2 terms for the numerator and 2 for the denominator" in front.notes[-1]


def test_inputs_may_stand_below():
    t = np.linspace(0.0, 10.0, 500)
    u = 1.5 + np.sin(t)
    x = np.zeros(len(t))
    from scipy.integrate import solve_ivp

    x = solve_ivp(lambda s, y: -y / (1.5 + np.sin(s)) + 1.0, (0, 10), [2.0], t_eval=t, rtol=1e-9).y[0]
    import discover

    data = discover.load({"t": t, "x": x, "u": u}, time="t", inputs="u")
    assert best(data, Rational(Polynomial(1), Polynomial(1))) == ({"x", "u"}, {"u"})


def test_stochastic_and_grouped_laws_say_no():
    import discover

    with pytest.raises(SettingError, match="sums of terms"):
        discover.dynamics(enzyme(0.01), library=Rational(), form=discover.Stochastic())
