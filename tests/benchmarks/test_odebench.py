"""The suite of textbook systems, on two that are written down here."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ode, odebench
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan
from discover.expr import Polynomial

GROWTH = {
    "id": 1,
    "dim": 1,
    "name": "growth",
    "kind": "polynomial",
    "equations_numeric": ["-0.5*x_0**2 + 2.0*x_0"],
    "initial_values": [[0.1], [5.0]],
}
PENDULUM = {
    "id": 28,
    "dim": 2,
    "name": "pendulum",
    "kind": "transcendental or non-integer power",
    "equations_numeric": ["x_1", "-0.9*sin(x_0)"],
    "initial_values": [[-1.9, 0.0], [0.3, 0.8]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that holds the two systems."""
    (tmp_path / odebench.FILE).write_text(json.dumps({"systems": [GROWTH, PENDULUM]}))
    return tmp_path


def test_trajectories_follow_the_law() -> None:
    X, t = odebench.trajectory(GROWTH, 0)
    assert X.shape == (1, 150)
    assert t[-1] == 10.0
    np.testing.assert_allclose(X[0], 4.0 / (1.0 + (4.0 / 0.1 - 1.0) * np.exp(-2.0 * t)), rtol=1e-7)


def test_the_truth_in_terms_of_the_library() -> None:
    assert odebench.true_coefficients(GROWTH, Polynomial(3)) == {
        ("x_0", "x_0"): pytest.approx(2.0),
        ("x_0", "x_0**2"): pytest.approx(-0.5),
    }
    assert odebench.true_coefficients(PENDULUM, Polynomial(3)) is None
    library = odebench.transcendental(("x_0", "x_1"), np.array([[-1.0, 1.0], [1.0, 2.0]]))
    assert odebench.true_coefficients(PENDULUM, library) == {
        ("x_0", "x_1"): pytest.approx(1.0),
        ("x_1", "sin(x_0)"): pytest.approx(-0.9),
    }


def test_a_case_is_graded(folder: Path) -> None:
    record = odebench.solved(str(folder), 1, 0.0, 0, seed=1)
    assert record["exact"]
    assert record["contained"]
    assert record["reconstruction"] > 0.999
    assert record["generalisation"] > 0.999
    assert not odebench.wrong_law(record)
    assert odebench.wrong_law({**record, "verdict": "law", "exact": False})


def test_quotients_are_graded_by_what_stands_above_and_below() -> None:
    from types import SimpleNamespace

    from discover.expr import parse

    def told(above: str, below: str) -> SimpleNamespace:
        parts = [[SimpleNamespace(expr=parse(term, ["x_0"])) for term in part.split()] for part in (above, below)]
        equation = SimpleNamespace(terms=parts[0], denominator=parts[1])
        return SimpleNamespace(law=SimpleNamespace(equations=[equation]))

    system = {"id": 18, "dim": 1, "kind": "rational"}
    assert odebench.graded_quotient(told("x_0**2 x_0 x_0**3", "x_0 1"), system)["exact"]
    assert not odebench.graded_quotient(told("x_0**2 x_0 x_0**3", "1"), system)["exact"]
    assert not odebench.graded_quotient(told("x_0", "1"), {**system, "id": 14})["contained"]


def test_an_unfinished_suite_says_so(folder: Path) -> None:
    first, *_ = odebench.run(Plan(data=folder), Campaign(deadline=0.0))
    assert {row[0] for row in first.rows} == {"polynomial", "all"}
    assert {row[3] for row in first.rows} == {"–"}
    assert {row[6] for row in first.rows} == {"unfinished"}


def test_the_data_have_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--data"):
        ode.run(Plan(), Campaign())
    with pytest.raises(SystemExit, match="There is no"):
        odebench.run(Plan(data=tmp_path), Campaign())
