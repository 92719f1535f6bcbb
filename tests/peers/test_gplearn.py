import sys

import numpy as np
import pytest

import discover
from discover.data.observations import formulate_observations, observations
from discover.errors import DataError, SettingError
from discover.expr import constant, text, variable
from discover.peers import GPLearn
from discover.peers.gplearn import INSTALL, _read

needs_gplearn = pytest.mark.skipif(GPLearn.missing() is not None, reason=f"gplearn: {GPLearn.missing()}")
SMALL = GPLearn(population_size=200, generations=6)


class Function:
    """What gplearn puts into a program for an operator."""

    def __init__(self, name, arity):
        self.name, self.arity = name, arity


def table(n_rows=60):
    x, z = np.random.default_rng(0).uniform(1.0, 3.0, (2, n_rows))
    return {"x": x, "z": z, "y": 2.0 * x / z + 0.01 * np.sin(np.arange(n_rows))}


@needs_gplearn
def test_a_short_law_is_found_and_told_like_our_own(tmp_path):
    found = discover.law(table(), "y", engine=SMALL, budget=None)
    assert found.equations["y"].r2 > 0.99
    assert any("gplearn" in note for note in found.law.provenance.notes)
    found.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json").equations["y"].r2 == found.equations["y"].r2


@needs_gplearn
def test_exponentials_are_among_its_functions():
    x = np.random.default_rng(0).uniform(0.0, 2.0, 60)
    found = discover.law({"x": x, "y": np.exp(x)}, "y", engine=GPLearn(population_size=300, generations=4), budget=None)
    assert "exp" in repr(found).splitlines()[0]


def test_programs_are_read_in_prefix_order_and_protection_is_told():
    columns = [variable(1), variable(2)]
    X = np.array([[0.0, 0.0], [1.0, 2.0], [-1.0, 3.0]])
    program = [Function("div", 2), Function("sqrt", 1), 0, Function("log", 1), 1]
    plain, scaled = _read(program, columns, X)
    assert text(plain, ["y", "a", "b"]) == "sqrt(a)/log(abs(b))"  # b is negative on a row, a is not
    assert scaled == constant(1.1) * plain


def test_numbers_and_order_of_operands():
    program = [Function("sub", 2), 0.25, Function("inv", 1), 0]
    plain, _ = _read(program, [variable(0)], np.ones((1, 2)))
    assert text(plain, ["a"]) == "0.25 - 1/a"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"operators": ("add", "expo")}, r'"expo" that could be read. Did you mean "exp"'),
        ({"population_size": 1}, "population_size must be a whole number from 10 on, got 1"),
        ({"parsimony_coefficient": -1.0}, "parsimony_coefficient must be 0 or more"),
    ],
)
def test_wrong_settings_are_told(settings, told):
    with pytest.raises(SettingError, match=told):
        GPLearn(**settings)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gplearn", None)
    monkeypatch.setattr("discover.peers.gplearn.find_spec", lambda name: None)
    assert GPLearn.missing() == INSTALL
    with pytest.raises(DataError, match=r"gplearn: .*pip install"):
        discover.law(table(), "y", engine="gplearn")


@needs_gplearn
def test_constraints_are_refused():
    problem = formulate_observations(observations(table(), "y", None, None))
    with pytest.raises(SettingError, match="takes no constraints"):
        SMALL.search(problem, [object()])  # type: ignore[list-item]
