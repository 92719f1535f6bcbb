"""The suite of rational laws: forms are compared by monomials, and every textbook system can be run."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import rational
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan

DECAY = "discover | Michaelis-Menten, decay | noise 0.01 | seed 3"


@pytest.mark.parametrize(
    ("found", "same"),
    [
        ("(2*x + 3*x**2)/(1 + 0.1*x)", True),
        ("(2*x + 3*x**2)/(0.1*x)", False),
        ("2*x + 3*x**2", False),
        ("(2*x + 3*x**2 + 1e-14)/(1 + 0.1*x)", True),
    ],
)
def test_forms_are_sets_of_monomials(found: str, same: bool) -> None:
    assert (rational.form([found], ["x"]) == rational.form(["x*(1 + x)/(2 + x)"], ["x"])) is same


@pytest.mark.parametrize("one", rational.TEXTBOOK, ids=lambda one: one.name)
def test_textbook_systems_can_be_run(one: rational.Textbook) -> None:
    t = np.linspace(0.0, one.duration, 50)
    for start in one.starts:
        X = rational.integrated(one.equations, one.states, start, t)
        assert np.isfinite(X).all()
        found = {"sides": dict(zip(one.states, one.equations, strict=True))}
        assert rational.reproduced(found, X, start, t) > 1.0 - 1e-9


def test_what_cannot_be_run_is_the_worst() -> None:
    t = np.linspace(0.0, 1.0, 20)
    found = {"sides": {"x": "x**2"}}
    assert rational.reproduced(found, np.ones((1, 20)) * t, [5.0], t) == rational.WORST


def test_a_case_is_solved_and_graded() -> None:
    (table,) = rational.run(Plan(seed=3, only=DECAY, jobs=1), Campaign())
    assert table.rows == (
        ("discover", "Michaelis-Menten, decay", "1 %", "100 % of 1", "100 % of 1", *table.rows[0][5:]),
    )


def test_odebench_cases_start_from_one_trajectory(tmp_path: Path) -> None:
    system = {
        "id": 14,
        "dim": 1,
        "name": "decay",
        "kind": "rational",
        "equations_numeric": ["-1.5*x_0/(0.3 + x_0)"],
        "initial_values": [[4.0], [6.0]],
    }
    (tmp_path / "odebench.json").write_text(json.dumps({"systems": [system]}))
    record = rational.odebench_case("discover", str(tmp_path), 14, 0.0, 0, 1)
    assert record["exact"]
    assert min(record["reconstruction"], record["generalisation"]) > 0.999
