"""What a user may ask of discover.law, all the way from the table to the law and its exports."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import discover
from discover import Symbolic
from discover.errors import DataError, SettingError
from discover.export.formats import EXPORTERS
from discover.inference.description import n_tokens
from discover.inference.formulas import form_of
from discover_kernels import opcodes

RNG = np.random.default_rng(1)
T = np.linspace(250.0, 400.0, 60)
ERROR = 0.002 * (1.0 + (T - 250.0) / 50.0)
K = 3.1 * np.exp(-700.0 / T) + ERROR * np.random.default_rng(3).standard_normal(60)
RATES = {"T": T, "s": ERROR, "k": K}
M, V = RNG.uniform(1.0, 4.0, (2, 150))
QUICK = {"budget": None, "max_evals": 300}


def operators_in(found):
    return {
        opcode
        for one in found.front.candidates
        for term in one.terms
        for opcode, _ in term.tape
        if opcode > opcodes.CONSTANT
    }


@pytest.fixture(scope="module")
def arrhenius():
    return discover.law(RATES, "k", sigma="s", form="a*exp(-b/T)")


def test_constants_of_a_form_with_errors_per_row(arrhenius):
    (term,) = arrhenius.equations["k"].terms
    assert abs(term.value - 3.1) < 4 * term.std < 0.2
    assert abs(term.inner[0].value - 700.0) < 4 * term.inner[0].std < 20.0
    assert arrhenius.verdict.word == "law", arrhenius.verdict.reasons
    assert any("Chi-square by the errors given" in reason for reason in arrhenius.verdict.reasons)
    assert arrhenius.equations["k"].loss == pytest.approx(1.0, abs=0.5)
    assert any(note.startswith("Constants of the form: a = 3.") for note in arrhenius.law.provenance.notes)
    assert arrhenius.law.estimator == "weighted least squares"


def test_errors_that_are_too_small_are_doubted():
    found = discover.law(RATES | {"s": 0.1 * ERROR}, "k", sigma="s", form="a*exp(-b/T)")
    assert found.verdict.word == "several"
    assert any("larger than the errors given" in reason for reason in found.verdict.reasons)


def test_a_law_with_errors_is_kept_and_exported(arrhenius, tmp_path):
    arrhenius.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json") == arrhenius
    arrhenius.report(tmp_path / "report.html")
    assert "Chi-square" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_function_in_a_hole_is_found():
    found = discover.law(RATES, "k", sigma="s", form="a*exp(-f(T))", **QUICK)
    assert found.predict(np.array([[300.0]]))[0, 0] == pytest.approx(3.1 * np.exp(-7 / 3), rel=0.01)
    (term,) = found.equations["k"].terms
    assert term.expr.root in (opcodes.EXP, opcodes.INV, opcodes.DIV)


def test_a_constant_in_two_places_stays_one():
    x = np.linspace(0.1, 5.0, 80)
    y = 2.0 * (1 - np.exp(-0.7 * x)) / 0.7 + 0.3 * 0.7 + 0.001 * RNG.standard_normal(80)
    found = discover.law({"x": x, "y": y}, "y", form="a*(1 - exp(-b*x))/b + 0.3*b")
    assert found.front.candidates[0].n_parameters <= 4
    assert any("b = 0.7" in note or "b = 0.69" in note for note in found.law.provenance.notes), (
        found.law.provenance.notes
    )
    assert np.abs(found.law.evidence.stretches[0].simulated[0] - y).max() < 0.01


@pytest.mark.parametrize(
    ("settings", "never"),
    [
        ({"binary_operators": ["+", "*"], "unary_operators": []}, {opcodes.DIV, opcodes.INV, opcodes.EXP, opcodes.POW}),
        ({"unary_operators": ["sin"]}, {opcodes.EXP, opcodes.LOG, opcodes.COS, opcodes.TANH}),
    ],
)
def test_operators_that_were_not_asked_for_never_come(settings, never):
    y = np.exp(-0.5 * M) * V + 0.01 * RNG.standard_normal(150)
    found = discover.law({"m": M, "v": V, "y": y}, "y", engine=Symbolic(**settings), **QUICK)
    assert not operators_in(found) & never
    assert len(found.front.candidates) > 1


def test_size_depth_and_nesting_are_kept():
    y = np.sin(M * V) + 0.1 * RNG.standard_normal(150)
    engine = Symbolic(maxsize=9, max_depth=4, nested_constraints={"sin": {"sin": 0, "cos": 0, "+": 0}})
    found = discover.law({"m": M, "v": V, "y": y}, "y", engine=engine, **QUICK)
    shape = replace(engine.limits, maxsize=99)
    for candidate in found.front.candidates:
        assert all(shape.allows(term, 3) for term in candidate.terms), candidate.terms
        assert n_tokens(form_of(candidate, 3).expr) <= 9 + 2  # a coefficient in front may be written twice as long
    assert len(found.front.candidates) > 2


def test_ones_own_operator_is_found_written_out():
    y = 4.0 / (1 + np.exp(-1.7 * M + 3.0)) + 0.001 * RNG.standard_normal(150)
    engine = Symbolic(["+", "-", "*"], [], operators={"sigmoid": "1/(1 + exp(-x))"})
    found = discover.law({"m": M, "y": y}, "y", engine=engine, guesses=["a*sigmoid(b*m + c)"], **QUICK)
    assert found.equations["y"].r2 > 0.999
    assert "exp" in found.python()


def test_a_guess_is_tried_first():
    y = 3.0 * np.exp(-0.4 * M) * np.sin(2.5 * V + 0.3) + 0.01 * RNG.standard_normal(150)
    found = discover.law({"m": M, "v": V, "y": y}, "y", guesses=["a*exp(-b*m)*sin(c*v + d)"], budget=None, max_evals=5)
    assert found.equations["y"].held_out_r2 > 0.99


def test_wild_rows_do_not_bend_a_robust_fit():
    y = 3.17 * V * np.exp(-0.73 * M) + 0.005 * RNG.standard_normal(150)
    y[::10] += RNG.uniform(1.0, 9.0, 15)
    found = discover.law({"m": M, "v": V, "y": y}, "y", engine=Symbolic(loss="huber"), form="a*v*exp(-b*m)")
    (term,) = found.equations["y"].terms
    assert abs(term.value - 3.17) < 5 * term.std < 0.05
    assert any("15 rows lie further than 5 standard deviations" in reason for reason in found.verdict.reasons)
    plain = discover.law({"m": M, "v": V, "y": y}, "y", form="a*v*exp(-b*m)")
    assert abs(plain.equations["y"].terms[0].value - 3.17) > 10 * abs(term.value - 3.17)


def test_the_search_itself_is_robust():
    y = 2.0 * M * V + 0.01 * RNG.standard_normal(150)
    y[::7] += 50.0
    for loss in ("huber", "quantile"):
        found = discover.law({"m": M, "v": V, "y": y}, "y", engine=Symbolic(loss=loss), **QUICK)
        assert found.predict(np.array([[2.0, 3.0]]))[0, 0] == pytest.approx(12.0, abs=0.05), loss


def test_errors_in_proportion_over_twenty_decades():
    a, b = 10 ** RNG.uniform(-10, 10, 200), 10 ** RNG.uniform(-5, 5, 200)
    y = 6.67e-11 * a * b * np.exp(0.05 * RNG.standard_normal(200))
    found = discover.law({"a": a, "b": b, "y": y}, "y", engine=Symbolic(loss="log"), **QUICK)
    assert repr(found).splitlines()[0].endswith("a·b")
    assert found.equations["y"].terms[0].value == pytest.approx(6.67e-11, rel=0.03)
    assert found.law.estimator == "least squares of logarithms"


@pytest.fixture(scope="module")
def motion():
    return discover.law({"m [kg]": M, "v [m/s]": V, "E [J]": 0.5 * M * V**2, "p [kg m/s]": M * V}, ["E", "p"], **QUICK)


def test_several_targets_are_one_law(motion):
    assert repr(motion).splitlines()[:2] == ["E = 0.5·m·v²", "p = m·v"]
    assert motion.verdict.word == "law"
    assert motion.verdict.reasons[0].startswith("E: ")
    assert motion.predict(pd.DataFrame({"v": [2.0], "m": [3.0]})).to_numpy().tolist() == [[6.0, 6.0]]
    assert motion.function()([[3.0, 2.0]]).tolist() == [[6.0, 6.0]]


@pytest.mark.parametrize("to", sorted(EXPORTERS))
def test_several_targets_are_exported(motion, to):
    text = EXPORTERS[to](motion.law)
    assert "0.5" in text or "1/2" in text or "frac" in text


def test_several_targets_run_as_source_and_stand_in_the_report(motion, tmp_path):
    namespace: dict[str, object] = {}
    exec(compile(motion.python(), "law", "exec"), namespace)  # the source is ours
    formula = namespace["formula"]
    assert callable(formula)
    assert formula(3.0, 2.0) == (6.0, 6.0)
    motion.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json") == motion
    motion.report(tmp_path / "report.html")
    assert "E, p by the formula" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert motion.choose("p", int(motion.table().query("target == 'p'").complexity.max())).law.kind == "algebraic"


def test_many_rows_are_searched_by_some_and_fitted_by_all(monkeypatch):
    monkeypatch.setattr("discover.symbolic.formulas.MOST_ROWS", 2000)
    x = RNG.uniform(1.0, 4.0, (2, 20_000))
    y = 1.5 * x[0] / x[1] + 0.1 * RNG.standard_normal(20_000)
    found = discover.law({"a": x[0], "b": x[1], "y": y}, "y", **QUICK)
    assert repr(found).splitlines()[0] == "y = 1.5·a/b" or "a/b" in repr(found).splitlines()[0]
    assert any("looked at 2000 of 20000 rows" in note for note in found.law.provenance.notes)


def test_a_search_goes_on_where_it_stopped(tmp_path):
    table = {"m": M, "v": V, "y": np.sin(M * V) * V + 0.05 * RNG.standard_normal(150)}
    whole = discover.law(table, "y", budget=None, max_evals=800)
    state = tmp_path / "search.state"
    discover.law(table, "y", budget=None, max_evals=300, resume=state)
    assert state.stat().st_size > 1000
    again = discover.law(table, "y", budget=None, max_evals=800, resume=state)
    assert again.front.candidates == whole.front.candidates
    with pytest.raises(SettingError, match="with other data"):
        discover.law(table | {"v": V + 1.0}, "y", resume=state)
    with pytest.raises(SettingError, match="another seed"):
        discover.law(table, "y", seed=1, resume=state)


def test_an_observer_sees_the_front_grow():
    seen = []
    discover.law(
        {"m": M, "v": V, "y": M * V + 0.1 * RNG.standard_normal(150)},
        "y",
        observe=lambda step, share: seen.append(step),
        **QUICK,
    )
    rows = seen[-1].front()
    assert any(row.is_best and row.formula in ("m*v", "v*m") for row in rows), rows
    assert all(one.complexity <= other.complexity for one, other in pairwise(rows))
    json.dumps(rows)


def test_an_interrupt_leaves_the_best_of_every_target(tmp_path):
    def stop(step, share):
        if share > 0.0:
            raise KeyboardInterrupt

    found = discover.law({"m": M, "v": V, "E": M * V**2, "p": M + V}, ["E", "p"], observe=stop, resume=tmp_path / "s")
    assert found.front.interrupted
    assert [equation.target for equation in found.equations.values()] == ["E", "p"]
    assert (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"form": "a*exp(-b/k)"}, "holds the target k"),
        ({"form": {"q": "a*T"}}, 'form has "q", which is no target'),
        ({"form": "a*log(-T)"}, "no finite value on some row"),
        ({"guesses": ["f(T)"]}, "use form="),
        ({"engine": "sparse", "form": "a*T"}, 'form= is for engine="symbolic"'),
        ({"engine": "sparse", "resume": "a.state"}, 'resume= is for engine="symbolic"'),
    ],
)
def test_wrong_settings_are_told(settings, words):
    with pytest.raises(SettingError, match=words):
        discover.law(RATES, "k", sigma="s", **QUICK | settings)


def test_what_an_engine_cannot_use_is_refused():
    with pytest.raises(DataError, match=r"neither sigma nor weights|pip install"):
        discover.law(RATES, "k", sigma="s", engine="gplearn")
    t = np.linspace(0.0, 10.0, 200)
    with pytest.raises(DataError, match="form, guesses and loss are for formulas of a table"):
        discover.dynamics({"t": t, "x": np.exp(-t)}, engine=Symbolic(loss="huber"))


def test_a_form_that_breaks_the_units_is_told():
    table = {"m [kg]": M, "v [m/s]": V, "E [J]": M * V**2}
    with pytest.raises(SettingError, match="breaks the units"):
        discover.law(table, "E", form="a*(m + v)")
    with pytest.raises(SettingError, match="breaks the units"):
        discover.law(table, "E", guesses=["exp(m)"])
    with pytest.raises(SettingError, match="one for each of E, m"):
        discover.law(table, ["E", "m"], form="a*v")
