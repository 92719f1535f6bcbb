from dataclasses import replace

import numpy as np
import pytest

import discover
from discover import Forced, Functions, PerEquation, Polynomial, Terms, Varying
from discover.data.formulate import formulate
from discover.errors import DataError, SettingError, UnitError
from discover.expr import Dimension, text
from discover.inference.offer import case_terms, offer, terms_on_offer
from tests.problems import loaded, problem_of


@pytest.fixture(scope="module")
def problem():
    return problem_of("lotka-volterra", n_samples=120)


def written(terms, problem):
    return [text(term, problem.names) for term in terms]


def test_a_plain_library_is_offered_to_every_equation(problem):
    choices = offer(Polynomial(2), problem)
    assert choices.is_plain
    assert choices.n_choices == len(choices.terms) == 6
    assert terms_on_offer(Polynomial(2), problem) == choices.terms
    assert choices.notes == ()


def test_each_equation_has_its_menu(problem):
    first = problem.targets[0]
    choices = offer(PerEquation({first: Terms("1")}, default=Polynomial(1)), problem)
    assert [menu.n_choices for menu in choices.menus] == [1, 3]
    assert not choices.is_plain
    assert len(choices.terms) == 3


def test_a_forced_term_is_no_choice(problem):
    x = problem.names[0]
    choices = offer(Polynomial(2) + Forced(x), problem)
    for menu in choices.menus:
        assert [choices.terms[p] for p in menu.forced] == list(Terms(x).build(problem.names))
        assert menu.n_choices == 5
        assert len(set(menu.columns)) == 6


def test_what_is_not_defined_on_the_data_is_left_out_and_said():
    x = np.linspace(-1.0, 2.0, 60)
    problem = formulate(discover.load({"t": x, "x": np.sin(3 * x)}))
    choices = offer(Polynomial(1) + Functions("log", "sqrt", "exp"), problem)
    assert written(choices.terms, problem) == ["1", "x", "exp(x)"]
    (note,) = choices.notes
    assert "log(x) has no finite value at x = -" in note
    assert "sqrt(x) has no finite value" in note
    with pytest.raises(DataError, match=r'"log\(x\)" must be in and cannot be: log\(x\) has no finite value at x = -'):
        offer(Polynomial(1) + Forced("log(x)"), problem)
    with pytest.raises(DataError, match="No term of the library can be used"):
        offer(Terms("log(x)"), problem)


def test_a_group_that_loses_a_term_is_not_offered():
    x = np.linspace(-1.0, 2.0, 60)
    problem = formulate(discover.load({"t": x, "x": np.sin(3 * x), "k": x}, inputs="k"))
    choices = offer(Terms("x") + Varying(Terms("x**2"), "k", basis=Terms("1", "log(k)")), problem)
    assert [menu.groups for menu in choices.menus] == [((0,),)]
    assert "x**2*log(k), because log(k) has no finite value at k = -" in choices.notes[0]


def test_families_are_pruned_by_units_and_what_a_person_wrote_is_an_error(problem):
    m = Dimension.of({"m": 1})
    metres = replace(problem, dimensions=(m,) * len(problem.names))
    x = problem.names[0]
    choices = offer(Polynomial(1) + Functions("log", of=x), metres)
    assert len(choices.terms) == 1 + len(problem.names)
    assert f"log({x})" in choices.notes[0]
    assert "its argument has the unit [m]" in choices.notes[0]
    with pytest.raises(UnitError, match="breaks the units"):
        offer(Polynomial(1) + Terms(f"log({x})"), metres)


def test_only_what_has_an_equation_may_have_its_own_library(problem):
    with pytest.raises(SettingError, match='PerEquation names "q", which has no equation'):
        offer(PerEquation({"q": Polynomial(1)}), problem)


def test_with_cases_every_term_is_one_for_each(problem):
    n = problem.n_variables
    cases = replace(
        problem,
        names=(*problem.names, "[run = a]", "[run = b]"),
        dimensions=(*problem.dimensions, None, None),
        cases=("a", "b"),
        by="run",
    )
    choices = offer(Polynomial(1), cases)
    assert len(choices.terms) == 6
    assert choices.menus[0].groups == ((0, 1), (2, 3), (4, 5))
    assert {term.variables[-1] for term in choices.terms} == {n, n + 1}
    assert choices.terms[2:4] == case_terms(Terms(problem.names[0]).build(problem.names)[0], cases)


@pytest.fixture(scope="module")
def positions():
    """Two positions, x of second order and y of first, and a velocity's worth of library."""
    t = 0.05 * np.arange(300)
    return formulate(loaded({"t": t, "x": np.cos(t), "y": np.exp(-t / 5)}), order={"x": 2})


def test_derivatives_stand_where_the_law_can_be_run_forward(positions):
    library = Polynomial(1) + Terms("D(x, t, 1)", "y*D(x, t, 1)")
    choices = offer(library, positions)
    assert [menu.n_choices for menu in choices.menus] == [5, 5]  # y' = x' is a law too
    choices = offer(Polynomial(1) + Terms("D(y**2, t, 1)"), positions)
    assert [menu.n_choices for menu in choices.menus] == [4, 3]


@pytest.mark.parametrize("term", ["D(x, t, 2)", "y*D(x, t, 2)", "y*D(y, t, 1)*D(x, t, 1)"])
def test_derivatives_as_high_as_the_left_hand_side_are_refused(positions, term):
    with pytest.raises(SettingError, match="with which no law runs forward"):
        offer(Polynomial(1) + Terms(term), positions)


def test_without_second_order_there_is_no_derivative_at_all(problem):
    with pytest.raises(SettingError, match=r"has a derivative by time .*ask for it with order=2"):
        offer(Terms(f"D({problem.names[0]}, time, 1)"), problem)


def test_the_usual_library_of_second_order_has_friction_of_every_kind(positions):
    terms = written(offer(None, positions).terms, positions)
    assert 'D(x**3, "t", 1)' in terms
    assert 'D(y, "t", 1)' not in terms
    assert "x*y**2" in terms


@pytest.mark.parametrize("unit", ["deg", "°", "arcmin"])
def test_the_sine_of_degrees_is_refused_unless_converted(problem, unit):
    x = problem.names[0]
    degrees = replace(problem, units=(unit, *problem.units[1:]), dimensions=(Dimension(), *problem.dimensions[1:]))
    with pytest.raises(UnitError, match=rf'"sin\({x}\)" takes {x} in \[{unit}\] for radians; write 0.0'):
        offer(Polynomial(1) + Terms(f"sin({x})"), degrees)
    choices = offer(Polynomial(1) + Functions("cos", of=x), degrees)
    assert len(choices.terms) == 1 + len(problem.names)
    assert "for radians" in choices.notes[0]
    assert offer(Polynomial(1) + Terms(f"sin(0.0174533*{x})"), degrees).notes == ()


def test_radians_and_plain_numbers_are_fine(problem):
    x = problem.names[0]
    radians = replace(problem, units=("rad", *problem.units[1:]), dimensions=(Dimension(), *problem.dimensions[1:]))
    assert offer(Terms(f"sin({x})"), radians).notes == offer(Terms(f"sin({x})"), problem).notes == ()
