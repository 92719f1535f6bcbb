"""discover.law: a formula of one column from the others, all the way from the table to the exports."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import discover
from discover.cli import app
from discover.data.units import known_dimension
from discover.errors import DataError, SettingError
from discover.export.formats import EXPORTERS
from discover.expr import dimension_of

RNG = np.random.default_rng(1)
M, V, K = RNG.uniform(1.0, 4.0, (3, 150))
E = 0.5 * M * V**2
UNITS = {"m [kg]": M, "v [m/s]": V}


@pytest.fixture(scope="module")
def kinetic():
    noisy = E + 0.01 * E.std() * np.random.default_rng(2).standard_normal(150)
    return discover.law({**UNITS, "k": K, "E [J]": noisy}, "E")


@pytest.fixture(scope="module")
def decaying():
    y = 3.17 * V * np.exp(-0.73 * M) + 0.005 * np.random.default_rng(2).standard_normal(150)
    return discover.law({"m": M, "v": V, "y": y}, "y")


def test_a_law_with_its_verdict(kinetic):
    assert kinetic.verdict.word == "law", kinetic.verdict.reasons
    assert repr(kinetic).splitlines()[0] == "E = 0.5·m·v²"
    assert kinetic.equations["E"].held_out_r2 > 0.999


def test_a_constant_inside_a_term_has_an_interval(decaying):
    (term,) = decaying.equations["y"].terms
    (inner,) = term.inner
    assert abs(inner.value + 0.73) < 4 * inner.std < 0.01
    assert inner.low < inner.value < inner.high
    assert abs(term.value - 3.17) < 4 * term.std < 0.05
    assert "inside v·exp" in repr(decaying)


def test_predictions_keep_the_shape_of_the_data(decaying):
    array = decaying.predict(np.array([[1.0, 2.0]]))
    frame = decaying.predict(pd.DataFrame({"v": [2.0], "m": [1.0]}))
    assert array[0, 0] == pytest.approx(6.34 * np.exp(-0.73), rel=0.01)
    assert frame["y"][0] == array[0, 0]
    assert decaying.function()([[1.0, 2.0]]) == pytest.approx(array)


def test_predictions_of_a_dataset_have_units(kinetic):
    import xarray as xr

    data = xr.Dataset(
        {"m": ("row", [2.0], {"units": "kg"}), "v": ("row", [3.0], {"units": "m/s"}), "k": ("row", [1.0])}
    )
    found = kinetic.predict(data)
    assert found["E"].values.tolist() == pytest.approx([9.0])
    assert found["E"].units == "J"


def test_it_does_not_run_in_time(kinetic):
    with pytest.raises(SettingError, match="no time to run in"):
        kinetic.simulate([1.0], [0.0, 1.0])


def test_it_comes_back_from_its_file(kinetic, decaying, tmp_path):
    for found in (kinetic, decaying):
        found.save(tmp_path / "law.json")
        assert discover.load_law(tmp_path / "law.json") == found


@pytest.mark.parametrize("to", sorted(EXPORTERS))
def test_every_format_takes_it(decaying, to):
    text = EXPORTERS[to](decaying.law)
    assert "0.73" in text or "0.729" in text


def test_the_exported_source_gives_the_same_value(decaying):
    namespace: dict[str, object] = {}
    exec(compile(decaying.python(), "law", "exec"), namespace)  # the source is ours
    formula = namespace["formula"]
    assert callable(formula)
    assert formula(1.0, 2.0) == pytest.approx(decaying.predict(np.array([[1.0, 2.0]]))[0, 0])


def test_another_row_of_the_table_can_be_taken(decaying):
    table = decaying.table()
    other = table[~table.chosen].iloc[0]
    chosen = decaying.choose("y", int(other.complexity))
    assert chosen.verdict.word == "several"
    assert np.isfinite(chosen.law.evidence.stretches[0].simulated).all()


def test_the_report_shows_formula_and_data(kinetic, decaying, tmp_path):
    for found in (kinetic, decaying):
        found.report(tmp_path / "report.html")
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "Data against formula" in page
        assert "by the formula over its measured value" in page
    assert "Constants inside terms" in page


def test_noise_is_no_law():
    found = discover.law({"x": M, "z": K, "y": np.random.default_rng(5).standard_normal(150)}, "y", budget="4s")
    assert found.verdict.word != "law"


def test_where_nothing_matters_the_answer_is_none():
    found = discover.law({"x": M, "z": K, "y": 5.0 + np.random.default_rng(6).standard_normal(150)}, "y")
    assert found.verdict.word == "none", repr(found)
    assert not any(term.expr.variables for term in found.equations["y"].terms)
    assert found.predict(np.array([[1.0, 2.0]]))[0, 0] == pytest.approx(5.0, abs=0.3)


def test_even_the_smallest_size_has_an_answer():
    found = discover.law({"m": M, "E": E}, "E", engine=discover.Symbolic(maxsize=1), budget="1s")
    assert found.verdict.word == "none"
    assert found.equations["E"].terms[0].value == pytest.approx(E.mean())


def test_a_budget_that_ends_the_search_leaves_a_doubt():
    y = np.sin(3.1 * M) * V + np.cos(2.3 * K) * V + 0.01 * np.random.default_rng(2).standard_normal(150)
    found = discover.law({"m": M, "v": V, "k": K, "y": y}, "y", budget=None, max_evals=10)
    assert found.verdict.word != "law"
    assert any("budget ended the search" in reason for reason in found.verdict.reasons)


def test_illegal_units_never_enter():
    found = discover.law({**UNITS, "E [J]": E}, "E", budget="5s")
    dimensions = [known_dimension(unit) for unit in found.law.units]
    for candidate in found.front.candidates:
        for term in candidate.terms:
            dimension_of(term, dimensions)  # raises where a part breaks the units
    free = discover.law({"m": M, "v": V, "E": E}, "E", budget="5s")
    assert len(free.front.candidates) >= 1


def test_few_rows_leave_it_open():
    found = discover.law(
        {"a": [0.39, 0.72, 1.0, 1.52, 5.2, 9.5], "T": [0.24, 0.61, 1.0, 1.88, 11.9, 29.5]}, "T", budget="5s"
    )
    assert found.verdict.word == "several"
    assert found.equations["T"].r2 > 0.99


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"target": "F"}, DataError, 'no column "F"'),
        ({"target": "E", "engine": "spasre"}, SettingError, 'no engine "spasre"'),
        ({"target": "E", "budget": "soon"}, SettingError, "A budget is a time"),
        ({"target": "E", "seed": -1}, SettingError, "seed must be"),
    ],
)
def test_wrong_settings_are_told(settings, error, words):
    with pytest.raises(error, match=words):
        discover.law({**UNITS, "E": E}, **settings)


def test_the_same_seed_and_evaluations_give_the_same_law():
    table = {"x": M, "z": V, "y": np.sin(M) * V + 0.01 * K}
    one, other = (discover.law(table, "y", budget=None, max_evals=300, seed=4) for _ in range(2))
    assert one.front.candidates == other.front.candidates


def test_from_the_command_line(tmp_path):
    pd.DataFrame({"m": M, "v": V, "E": E}).to_csv(tmp_path / "energy.csv", index=False)
    settings = ("--json", "--save", str(tmp_path / "law.json"))
    done = command("run", str(tmp_path / "energy.csv"), "--target", "E", *settings)
    document = json.loads(done.stdout)
    assert done.exit_code == 0
    assert document["verdict"] == "law"
    assert document["equations"][0]["kind"] == "algebraic"
    assert discover.load_law(tmp_path / "law.json").equations["E"].target == "E"


def test_options_of_dynamics_are_refused_with_a_target(tmp_path):
    pd.DataFrame({"m": M, "E": E}).to_csv(tmp_path / "energy.csv", index=False)
    done = command("run", str(tmp_path / "energy.csv"), "--target", "E", "--degree", "3")
    assert done.exit_code == 2
    assert "--degree" in done.stderr


def command(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])
