"""PySR's engine without Julia: a stand-in writes the hall of fame that PySR would, and is asked what it was told."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import discover
from discover.contract import Budget
from discover.data.observations import formulate_observations, observations
from discover.errors import DataError, SettingError, UnavailableError
from discover.expr import parse
from discover.peers import PySR, pysr
from discover.peers.hall_of_fame import read_hall_of_fame

RNG = np.random.default_rng(4)
M, A = RNG.uniform(1.0, 3.0, (2, 80))
TABLE = {"m [kg]": M, "a [m/s2]": A, "F [N]": 2.0 * M * A}
ROWS = [(1, 9.0, "x0"), (3, 0.5, "x0 * x1"), (5, 1e-9, "x0 * (1.999 * x1)"), (7, 1e-9, "max(x0, x1)")]


@pytest.fixture
def problem():
    return formulate_observations(observations(TABLE, "F"))


def written(folder, rows=ROWS):
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'{size},{loss},"{text}"' for size, loss, text in rows]
    (folder / "hall_of_fame.csv").write_text("\n".join(["Complexity,Loss,Equation", *lines]), encoding="utf-8")
    return folder


@pytest.fixture
def told(monkeypatch):
    """Return what PySR was told, by a stand-in that finds what ROWS say."""
    seen = SimpleNamespace(rows=ROWS, interrupt=False)

    class Regressor:
        def __init__(self, **settings):
            seen.settings = settings

        def fit(self, X, y, weights=None, **units):
            seen.X, seen.y, seen.weights, seen.units = X, y, weights, units
            if seen.rows:
                written(Path(seen.settings["output_directory"]) / seen.settings["run_id"], seen.rows)
            if seen.interrupt:
                raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "pysr", SimpleNamespace(PySRRegressor=Regressor))
    return seen


def test_what_it_proposes_is_fitted_and_ranked_by_us(told, problem):
    front = PySR().search(problem, budget=Budget(seconds=20.0), seed=3)
    best = front.of("F")[0]
    assert best.terms == (parse("m*a", ["F", "m", "a"]),)
    assert best.coefficients == pytest.approx((2.0,))
    assert "max" in front.notes[0]


def test_it_is_told_data_units_budget_and_seed(told, problem):
    PySR(maxsize=12, options={"nested_constraints": {"exp": {"exp": 0}}}).search(problem, budget=Budget(20.0), seed=3)
    assert told.X.tolist() == np.array([M, A]).T.tolist()
    assert told.y.tolist() == TABLE["F [N]"].tolist()
    assert told.weights is None
    assert told.units == {"X_units": ["kg", "m s^-2"], "y_units": "kg m s^-2"}
    assert told.settings["timeout_in_seconds"] == 20.0
    assert told.settings["random_state"] == 3
    assert told.settings["maxsize"] == 12
    assert told.settings["nested_constraints"] == {"exp": {"exp": 0}}
    assert "deterministic" not in told.settings


def test_a_budget_in_evaluations_can_be_repeated(told, problem):
    PySR().search(problem, budget=Budget(max_evals=500))
    assert {"deterministic": True, "parallelism": "serial", "max_evals": 500}.items() <= told.settings.items()


def test_weights_reach_it(told):
    weighted = formulate_observations(observations(TABLE, "F", weights=np.linspace(1.0, 2.0, 80)))
    PySR().search(weighted)
    assert told.weights == pytest.approx(weighted.blocks[0].precision[0])


def test_an_interrupt_keeps_what_was_written(told, problem):
    told.interrupt = True
    front = PySR().search(problem)
    assert front.interrupted
    assert front.of("F")


def test_nothing_readable_is_said(told, problem):
    told.rows = [(1, 1.0, "max(x0, x1)")]
    with pytest.raises(DataError, match=r"no formula that could be read .*max"):
        PySR().search(problem)


def test_julia_that_does_not_start_is_one_sentence(monkeypatch, problem):
    monkeypatch.setitem(sys.modules, "pysr", None)
    with pytest.raises(UnavailableError, match=r"could not start Julia .*julialang\.org"):
        PySR().search(problem)


def test_where_julia_is_missing_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(pysr, "find_spec", lambda name: object())
    monkeypatch.setattr(pysr, "_julia", lambda: None)
    assert "https://julialang.org/install" in PySR.missing()
    monkeypatch.setattr(pysr, "_julia", lambda: "/usr/bin/julia")
    assert PySR.missing() is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"maxsize": 2}, "maxsize must be"), ({"options": {"random_state": 1}}, "it is the seed")],
)
def test_settings_that_cannot_be_are_refused(settings, said):
    with pytest.raises(SettingError, match=said):
        PySR(**settings)


def test_it_says_what_it_cannot_take():
    assert "discover.law" in PySR().supports(SimpleNamespace(formulation="weak"))


def test_a_run_is_found_from_its_folder_or_the_one_above(tmp_path):
    written(tmp_path / "20261123_run")
    for source in (tmp_path, tmp_path / "20261123_run", tmp_path / "20261123_run" / "hall_of_fame.csv"):
        rows, refused = read_hall_of_fame(source, ["x0", "x1"])
        assert [row.complexity for row in rows] == [1, 3, 5]
        assert len(refused) == 1
    written(tmp_path / "20261124_run")
    with pytest.raises(DataError, match="2 runs"):
        read_hall_of_fame(tmp_path, ["x0"])
    with pytest.raises(DataError, match="There is no hall_of_fame"):
        read_hall_of_fame(tmp_path / "nothing", ["x0"])
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="has the columns"):
        read_hall_of_fame(tmp_path / "other.csv", ["x0"])


def test_from_python_it_is_an_engine_of_law(told, monkeypatch):
    monkeypatch.setattr(PySR, "missing", staticmethod(lambda: None))
    found = discover.law(TABLE, "F", engine="pysr", budget="5s")
    assert repr(found).startswith("F = (2.0")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("hall_of_fame.csv", "Complexity,Loss,Equation\n1,5.2,x0\n3,0.1,x0 * x1\n"),
        ("hall_of_fame.csv", '"Complexity","Loss","Equation"\n1,5.2,"x0"\n3,0.1,"x0 * x1"\n'),
        ("hall_of_fame_2022-06-01_120000.123.csv", "Complexity,MSE,Equation\n1,5.2,x0\n3,0.1,(x0 * x1)\n"),
        ("hall_of_fame_2021-03-01.csv", "Complexity|MSE|Equation\n1|5.2|x0\n3|0.1|(x0 * x1)\n"),
        ("hall_of_fame.csv.bkup", "Complexity|MSE|Equation\n1|5.2|x0\n3|0.1|(x0 * x1)\n"),
        ("hall_of_fame_output1.csv", "Complexity,Loss,Equation\r\n1,5.2,x0\r\n3,0.1,x0 * x1\r\n"),
    ],
)
def test_tables_of_earlier_versions_are_read(tmp_path, name, table):
    (tmp_path / name).write_text(table, encoding="utf-8", newline="")
    rows, refused = read_hall_of_fame(tmp_path, ["x0", "x1"])
    assert [(row.complexity, row.loss) for row in rows] == [(1, 5.2), (3, 0.1)]
    assert rows[1].expr == parse("x0*x1", ["x0", "x1"])
    assert refused == ()


def test_tables_of_which_one_must_be_named(tmp_path):
    for n in (1, 2):
        (tmp_path / f"hall_of_fame_output{n}.csv").write_text("Complexity,Loss,Equation\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds 2 tables"):
        read_hall_of_fame(tmp_path, ["x0"])
