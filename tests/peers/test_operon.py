import sys

import numpy as np
import pandas as pd
import pytest

import discover
from discover.contract import Budget
from discover.data.observations import formulate_observations, observations
from discover.errors import DataError, SettingError
from discover.peers import Operon
from discover.peers.operon import INSTALL, _power_of_two, _step

needs_operon = pytest.mark.skipif(Operon.missing() is not None, reason=f"operon: {Operon.missing()}")
SMALL = Operon(population_size=100, generations=12)


def table(n_rows=60, unit=1.0):
    x, z = np.random.default_rng(0).uniform(1.0, 3.0, (2, n_rows))
    return {"x": x * unit, "z": z, "y": 2.0 * x / z + 0.01 * np.sin(np.arange(n_rows))}


@needs_operon
def test_a_short_law_is_found_and_told_like_our_own():
    found = discover.law(table(), "y", engine=SMALL, budget=None)
    assert repr(found).splitlines()[0].replace("(", "").startswith("y = ")
    assert found.equations["y"].r2 > 0.99
    assert any("pyoperon" in note for note in found.law.provenance.notes)
    assert len(found.table()) > 1


@needs_operon
def test_single_precision_is_no_limit_of_units():
    found = discover.law(table(unit=2.0**150), "y", engine=SMALL, budget=None)  # beyond what a float32 holds
    assert found.equations["y"].r2 > 0.99


@needs_operon
def test_a_law_survives_its_file(tmp_path):
    found = discover.law(table(), "y", engine="operon", budget=None, max_evals=1000)
    found.save(tmp_path / "law.json")
    again = discover.load_law(tmp_path / "law.json")
    x = pd.DataFrame({"x": [1.5, 2.0], "z": [2.0, 1.0]})
    assert found.predict(x).equals(again.predict(x))


@needs_operon
def test_threads_change_nothing():
    problem = formulate_observations(observations(table(), "y", None, None))
    fronts = [Operon(population_size=100, generations=3, n_jobs=n).search(problem, seed=2) for n in (1, 2)]
    assert fronts[0] == fronts[1]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"operators": ("add", "sine")}, r'"sine" that could be read. Did you mean "sin"'),
        ({"optimizer_iterations": 0}, "optimizer_iterations must be a whole number from 5 on, got 0"),
        ({"maxsize": 2.5}, "maxsize must be a whole number from 1 on, got 2.5"),
        ({"n_jobs": 0}, "n_jobs must be a whole number from 1 on, got 0"),
    ],
)
def test_wrong_settings_are_told(settings, told):
    with pytest.raises(SettingError, match=told):
        Operon(**settings)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyoperon", None)
    monkeypatch.setattr("discover.peers.operon.find_spec", lambda name: None)
    assert Operon.missing() == INSTALL
    with pytest.raises(DataError, match=r"operon: .*pip install"):
        discover.law(table(), "y", engine="operon")


@needs_operon
def test_constraints_are_refused():
    problem = formulate_observations(observations(table(), "y", None, None))
    with pytest.raises(SettingError, match="takes no constraints"):
        SMALL.search(problem, [object()])  # type: ignore[list-item]


def test_scaling_is_by_powers_of_two():
    assert _power_of_two(np.array([3.0, -5.0])) == 4.0
    assert _power_of_two(np.zeros(3)) == 1.0


def test_a_step_never_goes_beyond_the_budget():
    engine = Operon(population_size=100, generations=40)
    assert _step(engine, Budget(max_evals=250), 0)["generations"] == 3
    assert _step(engine, Budget(max_evals=250), 2)["generations"] == 1
    assert _step(engine, Budget(), 38)["generations"] == 2
    assert _step(engine, Budget(seconds=0.2), 0)["max_time"] == 1
