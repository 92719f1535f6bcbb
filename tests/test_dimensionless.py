"""A law between dimensionless groups is the same law in the units of the data."""

from pathlib import Path

import numpy as np
import pytest

import discover
from discover.errors import SettingError, UnitError
from discover.export import law_text
from discover.simulate import VectorField, simulate


def spring() -> dict[str, np.ndarray]:
    law = VectorField(("x", "v"), (), tuple(discover.parse(one, ("x", "v")) for one in ("v", "-40*x - 0.4*v")))
    t, rng = 0.01 * np.arange(250), np.random.default_rng(0)
    run = simulate(law, [0.03, -0.1], t)
    noisy = {name: run[name].values + 0.002 * run[name].values.std() * rng.standard_normal(250) for name in ("x", "v")}
    return {"t [s]": t, "x [cm]": 100.0 * noisy["x"], "v [m/s]": noisy["v"]}


def pendulums() -> dict[str, np.ndarray]:
    columns: dict[str, list] = {key: [] for key in ("run", "t [s]", "q [rad]", "w [1/s]", "l [cm]", "g [m/s^2]")}
    for k, (length, g) in enumerate([(0.5, 9.8), (2.0, 1.6), (1.0, 3.7)]):
        law = VectorField(
            ("q", "w"), (), (discover.parse("w", ("q", "w")), discover.parse(f"-{g / length}*sin(q)", ("q", "w")))
        )
        t = np.linspace(0.0, 10.0 * np.sqrt(length / g), 200)
        run = simulate(law, [1.0 + 0.5 * k, 0.0], t)
        rows = ([str(k)] * 200, t, run["q"].values, run["w"].values, [100.0 * length] * 200, [g] * 200)
        for column, values in zip(columns.values(), rows, strict=True):
            column.extend(values)
    rng = np.random.default_rng(0)
    for name in ("q [rad]", "w [1/s]"):
        columns[name] = columns[name] + 0.005 * rng.standard_normal(600)
    return {name: np.asarray(column) for name, column in columns.items()}


def test_a_law_of_sizes_is_the_law_of_the_data_with_all_its_errors(tmp_path: Path) -> None:
    data = discover.load(spring(), time="t")
    plain, grouped = discover.dynamics(data), discover.dynamics(data, nondimensionalise=True)
    for target, equation in plain.equations.items():
        for mine, its in zip(grouped.equations[target].terms, equation.terms, strict=True):
            assert (mine.expr, mine.unit) == (its.expr, its.unit)
            assert [mine.value, mine.std, mine.low] == pytest.approx([its.value, its.std, its.low], rel=1e-6)
    assert set(grouped.groups()) == {"x", "v", "t"}
    assert "between dimensionless groups" in law_text(grouped.law)
    times = np.linspace(0.0, 1.0, 5)
    assert grouped.simulate([2.0, 0.0], times)["x"].values == pytest.approx(
        plain.simulate([2.0, 0.0], times)["x"].values
    )
    evidence, measured = grouped.law.evidence.stretches[0], plain.law.evidence.stretches[0]
    np.testing.assert_allclose(evidence.measured, measured.measured, rtol=1e-12)
    np.testing.assert_allclose(evidence.time, measured.time, atol=1e-12)
    grouped.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json") == grouped


def test_parameters_that_span_all_units_leave_the_law() -> None:
    data = discover.load(pendulums(), time="t", group="run", inputs=["l", "g"])
    found = discover.dynamics(data, library=discover.Terms("q", "w", "sin(q)"), nondimensionalise=True)
    (term,) = found.law.dimensionless[1].terms
    assert term.value == pytest.approx(-1.0, abs=0.01)
    assert found.groups()["t"].startswith("sqrt(g)*t/sqrt(l)")
    (whole,) = found.equations["w"].terms  # lengths are in cm, and the number says so
    assert discover.expr.text(whole.expr, found.law.names) == "g*sin(q)/l"
    assert whole.value == pytest.approx(100.0 * term.value, rel=1e-12)


def test_a_formula_between_groups_comes_back_in_units() -> None:
    rng = np.random.default_rng(0)
    rho, v, d, mu = rng.uniform([800, 0.5, 0.01, 0.01], [1200, 3.0, 0.1, 1.0], (120, 4)).T
    drag = rho * v**2 * d**2 * (0.3 + 12.0 * mu / (rho * v * d))
    table = {"F [N]": drag, "rho [kg/m^3]": rho, "v [m/s]": v, "d [m]": d, "mu [Pa s]": mu}
    found = discover.law(table, "F", nondimensionalise=True, budget=None, max_evals=3000)
    assert found.groups() == {"F": "F/(rho*v**2*d**2)", "mu": "mu/(rho*v*d)"}
    assert found.function()(np.array([rho, v, d, mu]).T)[:, 0] == pytest.approx(drag, rel=1e-6)


@pytest.mark.parametrize(
    ("columns", "kind", "sentence"),
    [
        ({"F [N]": 1.0, "m [kg]": 1.0, "r [m]": 1.0}, UnitError, "a constant that has a unit is missing"),
        ({"F": 1.0, "m [kg]": 1.0}, UnitError, "needs all units"),
        ({"T [s]": 1.0, "l [m]": 1.0, "g [m/s^2]": 1.0}, SettingError, "can only be a number"),
    ],
)
def test_what_has_no_groups_is_told(columns: dict[str, float], kind: type[Exception], sentence: str) -> None:
    rng = np.random.default_rng(0)
    table = {name: rng.uniform(1.0, 2.0, 20) for name in columns}
    with pytest.raises(kind, match=sentence):
        discover.law(table, next(iter(columns)).split(" ")[0], nondimensionalise=True)


def test_requirements_speak_of_units_and_are_refused() -> None:
    with pytest.raises(SettingError, match="require= speaks of what has units"):
        discover.dynamics(discover.load(spring(), time="t"), nondimensionalise=True, require="x > 0")
