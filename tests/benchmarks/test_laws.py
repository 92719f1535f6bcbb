import csv
import json

import numpy as np
import pytest

from benchmarks import formulas, laws
from benchmarks.__main__ import main
from benchmarks.campaign import Campaign
from benchmarks.formulas import TARGET, Formula, Variable
from benchmarks.laws import Cell
from benchmarks.plan import UNFINISHED, Plan

CELL = Cell("feynman", 0.0, False, 10.0, "symbolic")
VARIABLES = [
    {"name": "x", "low": 1.0, "high": 3.0, "units": [1, 0, 0, 0, 0]},
    {"name": "b", "low": 1.0, "high": 2.0, "units": [0, 1, 0, 0, 0]},
]
MEASURED = {"c": 2.0, "exact": True, "superfluous": 0, "on_front": True, "srbench": True, "r2": 1.0, "size": 5}
RECORD = MEASURED | {"seconds": 0.5, "cpu": 0.4, "verdict": "law", "chosen": "x", "stage": "instant", "n_evals": 9}


@pytest.fixture
def folder(tmp_path):
    with (tmp_path / formulas.FEYNMAN).open("w", newline="") as out:
        writer = csv.DictWriter(out, ["set", "id", "formula", "variables", "output_units"])
        writer.writeheader()
        row = {"id": "A.1", "formula": "x**2/(4*pi*b)", "variables": json.dumps(VARIABLES)}
        writer.writerow({"set": "feynman", **row, "output_units": "[2, -1, 0, 0, 0]"})
        writer.writerow({"set": "bonus", **row, "output_units": "[2, -1, 0, 0, 0]"})
    return tmp_path


def test_a_law_is_solved_from_table_to_verdict(folder):
    record = laws.solved(CELL, "A.1", str(folder), 5, "cpu")
    assert record["exact"]
    assert record["on_front"]
    assert record["srbench"]
    assert record["r2"] == pytest.approx(1.0)
    assert record["verdict"] == "law"
    assert "x**2" in record["chosen"]
    assert record["superfluous"] == 0


def test_a_budget_in_cpu_seconds_ends_a_search_once():
    observe = laws._stops_after(0.0)
    sum(range(100_000))
    with pytest.raises(KeyboardInterrupt):
        observe("stage", 0.5)
    observe("stage", 0.6)
    laws._stops_after(1e6)("stage", 0.1)


def test_cells_are_tabulated_with_what_is_unfinished():
    records = [RECORD, RECORD | {"exact": False, "seconds": 20.0}, None]
    row = laws._row(CELL, records)
    assert row[4:8] == ("1/2 (1 unfinished)", "90 · 96", "1 · 1", "0")
    assert row[-2:] == ("2/0/0", "1/2 (1 unfinished)")
    assert laws._row(CELL, [None])[4] == UNFINISHED
    assert laws._row(CELL, [None])[-2] == UNFINISHED
    assert len(laws._table("feynman", {CELL: records}, "").rows) == 1


def test_only_our_misses_are_listed():
    wrong = RECORD | {"exact": False, "on_front": False}
    table = laws._missed({"a | symbolic | A": wrong, "a | operon | A": wrong, "a | symbolic | B": RECORD})
    assert [row[0] for row in table.rows] == ["a | symbolic | A"]


def test_the_fast_tier_has_forty_laws_and_the_full_one_every_cell(monkeypatch):
    sizes = {"feynman": 100, "unseen": 40, "nested": 30, "srsd": 120, "empirical": 9}
    for part in ("feynman", "srsd", "empirical"):
        monkeypatch.setattr(formulas, part, lambda folder, n=sizes[part]: [Formula(str(k), "1", ()) for k in range(n)])
    fast = {(cell.part, law.name) for cell, some in laws._cells(Plan(), []) for law in some}
    assert len(fast) == 40
    full = [(cell, len(some)) for cell, some in laws._cells(Plan(tier="full"), ["operon"])]
    assert all(n == sizes.get(cell.part, 17) for cell, n in full)
    assert {cell.limit for cell, _ in full} == {10.0, 30.0, 60.0}
    assert len(full) == len(set(full))


def test_without_data_it_says_what_it_needs(tmp_path):
    with pytest.raises(SystemExit, match="--data DIR"):
        laws.run(Plan(), Campaign())
    with pytest.raises(SystemExit, match=formulas.FEYNMAN):
        laws.run(Plan(data=tmp_path), Campaign())


def test_peers_are_named_with_or_without_commas():
    for peers in (["operon", "nobody"], ["operon,nobody"]):
        with pytest.raises(SystemExit) as refusal:
            main(["nothing", "--peers", *peers])
        assert refusal.value.code == 2


def test_unseen_formulas_are_drawn_anew_with_every_seed():
    one, again, other = formulas.unseen(1), formulas.unseen(1), formulas.unseen(2)
    assert one == again
    assert one != other
    assert all(60 <= law.n_rows <= 1000 for law in one)
    assert all(1 <= sum(v.name.startswith("idle") for v in law.variables) <= 3 for law in one)
    for law in one:
        X, y = law.draw(50, np.random.default_rng(0))
        assert X.shape == (len(law.variables), 50)
        assert np.isfinite(y).all()
        assert np.ptp(y) > 0


def test_unseen_formulas_have_units_that_are_known():
    from discover.data.observations import formulate_observations, observations

    for law in formulas.unseen(3):
        table = law.observations(0.0, np.random.default_rng(0))
        problem = formulate_observations(observations(table, TARGET, None, law.units))
        known = dict(zip(problem.names, problem.dimensions, strict=True))
        assert all(known[name] is not None for name in law.units), law.name


def test_values_are_spread_as_told():
    rng = np.random.default_rng(0)
    log = Variable("x", 1e-3, 1e3, spread="log").draw(4000, rng)
    assert np.mean(log < 1.0) == pytest.approx(0.5, abs=0.03)
    signed = Variable("x", 1e-3, 1e3, spread="log signed").draw(4000, rng)
    assert np.mean(signed < 0.0) == pytest.approx(0.5, abs=0.03)
    whole = Variable("n", 1, 3, spread="whole").draw(100, rng)
    assert set(whole) == {1.0, 2.0, 3.0}


def test_a_formula_that_is_hardly_ever_finite_is_refused():
    with pytest.raises(ValueError, match="hardly ever finite"):
        Formula("root", "sqrt(x)", (Variable("x", -2.0, -1.0),)).draw(5, np.random.default_rng(0))


def test_noise_is_relative_to_the_clean_values():
    law = Formula("line", "100*x", (Variable("x", 1.0, 1.0000001),), n_rows=4000)
    y = law.observations(0.1, np.random.default_rng(0))[TARGET]
    assert np.std(y) == pytest.approx(10.0, rel=0.05)
