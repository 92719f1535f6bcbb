"""What every word must keep to with the symbolic engine, and that a new constraint needs a file and a line."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pytest

import discover
from discover.data.observations import formulate_observations, observations
from discover.errors import SettingError
from discover.expr import Expr, parse
from discover.physics import WORDS, read, registry
from discover.physics.requirement import Identity
from discover.physics.wording import names_of, targets_of

NAMES = ["y", "x", "z"]

OF_FORMULAS = {
    "positive": ("positive: y", "x*z**2", "x*z"),
    "symmetric": ("symmetric: (x, z) -> (z, x)", "x*z", "x - z"),
    "even": ("even: z", "x*z**2", "x*z"),
    "odd": ("odd: z", "x*z", "x + z"),
    "translation": ("translation: x, z", "x - z", "x + z"),
    "rotation": ("rotation: (x, z)", "sqrt(x**2 + z**2)", "x + z"),
    "scaling": ("scaling: x = 1, y = 2", "x**2*z", "x*z"),
    "finite": ("finite", "x*z", "log(z)"),
    "bounds": ("0 <= y <= 3", "x*z**2", "3*x"),
    "inseparable": ("inseparable: x, z", "x*z", "x**2"),
    "increasing": ("increasing: y in x", "x*z**2", "x*z"),
    "decreasing": ("decreasing: y in x", "-x", "x"),
    "convex": ("convex: y in z", "x*z**2", "z**3"),
    "concave": ("concave: y in z", "-z**2", "z**2"),
}
"""Words that mean something of a formula: the requirement, a formula that obeys it, and one that breaks it."""


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x, z = rng.uniform(0.5, 2.0, 200), rng.uniform(-1.0, 1.0, 200)
    return {"x": x, "z": z, "y": x * z**2 + 0.01 * rng.standard_normal(200)}


@pytest.fixture(scope="module")
def problem(table):
    return formulate_observations(observations(table, "y"))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_speaks_of_formulas_or_says_that_it_does_not(word, problem):
    if word not in OF_FORMULAS:
        about = {"conserve": "x", "rotation": "(x, z)", "galilean": "(x, z)", "hamiltonian": "(x, z)"}.get(word, "x")
        with pytest.raises(SettingError, match=r"not for formulas|is for laws of motion"):
            read(f"{word}: {about}", problem)
        return
    text, obeying, breaking = OF_FORMULAS[word]
    constraints = read(text, problem)
    good, bad = ((parse(words, NAMES),) for words in (obeying, breaking))
    assert [one.refuse(good, problem) for one in constraints] == [None] * len(constraints)
    assert all(len(one.held(good, problem)) > 10 for one in constraints)
    reasons = [reason for one in constraints if (reason := one.refuse(bad, problem))]
    assert reasons
    assert all(len(reason) > 10 for reason in reasons)


def test_what_has_no_value_on_the_other_side_is_not_even(problem):
    (one,) = read("even: x", problem)
    assert "no value" in str(one.refuse((parse("sqrt(x)", NAMES),), problem))
    assert one.refuse((parse("z", NAMES),), problem) is None


def test_the_chosen_formula_obeys_and_those_refused_say_why(table):
    found = discover.law(table, "y", require=["even: z", "increasing: y in x"], budget=None, max_evals=60)
    assert found.front.of("y")
    assert [one.contradicted for one in found.law.requirements] == [False, False]
    assert "proven" in found.law.requirements[1].held
    refused = [c.refusal for c in found.front.candidates if c.refusal is not None]
    assert all(reason.startswith('"') and ": " in reason for reason in refused)


def test_a_requirement_that_removes_every_formula_says_so_and_shows_the_best_refused(table):
    found = discover.law(table, "y", require="y >= 100", budget=None, max_evals=60)
    assert found.verdict.word == "none"
    assert 'No formula that was found obeys "y >= 100"' in found.verdict.reasons[0]
    assert "Shown is the best of those refused" in found.verdict.reasons[0]
    assert found.equations["y"].terms


def test_a_formula_that_has_to_break_its_data_says_which_requirement_they_contradict(table):
    found = discover.law(table, "y", require=["even: z", "decreasing: y in x"], budget=None, max_evals=60)
    assert [one.contradicted for one in found.law.requirements] == [False, True]
    assert any('"decreasing: y in x"' in reason for reason in found.verdict.reasons)


# A constraint as somebody would write it in a file of its own.


@dataclass(frozen=True, slots=True)
class Without(Identity):
    """No term of an equation holds its own state.

    Attributes:
        targets: whose equations.
    """

    targets: tuple[int, ...]

    def contribution(self, target, term: Expr):
        """Return a term that has to go."""
        return {(target, term): 1.0} if self.subject.index_of(target) in term.variables else {}

    def speaks_of(self, target):
        """Return whether an equation is meant."""
        return target in self.targets


def read_without(text, about, subject):
    return [Without(text, subject, targets_of(text, names_of(text, about, subject, "selfless: x"), subject))]


def test_a_constraint_is_one_file_and_one_line(monkeypatch, tmp_path):
    """Registered in the one place, it is read, kept in the search and in the fit, told, saved and shown."""
    assert isinstance(WORDS, dict | MappingProxyType)
    monkeypatch.setitem(registry.WORDS, "selfless", read_without)
    t = np.linspace(0.0, 12.0, 240)
    noise = 0.01 * np.random.default_rng(0).standard_normal((2, 240))
    data = {"t": t, "x": np.cos(t) + noise[0], "y": -np.sin(t) + noise[1]}
    found = discover.dynamics(
        discover.load(data, time="t"), library=discover.Polynomial(2), require="selfless: x, y", n_jobs=1
    )
    (told,) = found.law.requirements
    assert (told.text, told.held, told.contradicted) == ("selfless: x, y", "exact by construction", False)
    assert {term.expr for term in found.equations["x"].terms} == {parse("y", ["x", "y"])}
    assert "selfless: x, y" in repr(found)
    found.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json").law.requirements == found.law.requirements
    with pytest.raises(SettingError, match='Did you mean "selfless"'):
        read("selfles: x", formulated(data))


def formulated(data):
    from discover.data.formulate import formulate

    return formulate(discover.load(data, time="t"))
