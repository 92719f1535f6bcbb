import _thread
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import discover
from discover import Map, Polynomial, Strong, Terms, Weak
from discover.errors import DataError, SettingError
from discover.export.lawfile import document
from discover.expr import parse, text
from discover.find import ENGINES, engine_for, seconds
from discover.simulate import VectorField, simulate
from discover.sparse import Sparse
from tests.problems import problem_of, table_of

LIBRARY = Polynomial(2)


@pytest.fixture(scope="module")
def table():
    return table_of("lotka-volterra", noise=0.02, n_samples=300)


@pytest.fixture(scope="module")
def found(table):
    return discover.dynamics(discover.load(table, time="t"), library=LIBRARY, seed=1)


def structure(one):
    """Return the terms of every equation, as text."""
    return [{text(term.expr, one.law.names) for term in equation.terms} for equation in one.law.equations]


def timeless(one):
    """Return everything that a Discovery holds, except when it was made."""
    law = replace(one.law, provenance=replace(one.law.provenance, created=""))
    return document(law, one.front)


def test_a_measured_table_becomes_its_law(found):
    assert found.verdict.word in ("law", "several")
    assert structure(found) == [{"prey", "prey*predator"}, {"predator", "prey*predator"}]
    values = [t.value for equation in found.law.equations for t in equation.terms]
    assert values == pytest.approx([1.0, -0.5, -0.8, 0.3], rel=0.02)


def test_what_the_data_come_in_does_not_matter(table, found, tmp_path):
    frame = pd.DataFrame(table)
    path = tmp_path / "animals.csv"
    frame.to_csv(path, index=False)
    renamed = {"time" if name == "t" else name: values for name, values in table.items()}
    for data in (table, frame, renamed, str(path), path):
        other = discover.dynamics(data, library=LIBRARY, seed=1)
        assert other.law.equations == tuple(replace(e, time=other.law.time) for e in found.law.equations)
        assert other.verdict == found.verdict
        assert other.front.candidates == found.front.candidates
        assert other.law.provenance.fingerprint == found.law.provenance.fingerprint


def test_the_same_seed_gives_the_same_discovery(table, found):
    again = discover.dynamics(discover.load(table, time="t"), library=LIBRARY, seed=1)
    assert timeless(again) == timeless(found)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", again.law.provenance.created)


def test_threads_change_nothing(table, found):
    for n_jobs in (1, 2):
        other = discover.dynamics(discover.load(table, time="t"), library=LIBRARY, seed=1, n_jobs=n_jobs)
        assert timeless(other) == timeless(found)


@pytest.mark.parametrize("max_evals", [2, 30])
def test_a_budget_of_evaluations_gives_the_same_answer_at_any_number_of_threads(table, max_evals):
    one, two = (discover.dynamics(table, library=LIBRARY, max_evals=max_evals, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert timeless(one) == timeless(two)
    assert set(one.equations) == {"prey", "predator"}


@pytest.mark.parametrize("budget", [{"budget": 1e-6}, {"budget": "1ms"}, {"max_evals": 1}])
def test_the_smallest_budget_still_gives_an_answer(table, budget):
    one = discover.dynamics(table, library=LIBRARY, **budget)
    assert one.verdict.word != "law"
    assert set(one.equations) == {"prey", "predator"}
    assert all(one.front.of(target) for target in one.front.targets)
    assert any("budget" in note for note in one.law.provenance.notes)


def test_an_interrupt_gives_the_best_so_far(table):
    pressed = []

    def observe(step, share):
        if step == "trajectories" and share > 0 and not pressed:
            pressed.append(step)
            _thread.interrupt_main()

    one = discover.dynamics(table, library=LIBRARY, observe=observe)
    assert pressed
    assert one.front.interrupted
    assert [len(equation.terms) for equation in one.law.equations] == [2, 2]


def test_progress_is_told(table):
    told = []
    discover.dynamics(table, library=LIBRARY, observe=lambda step, share: told.append((step, share)))
    assert {"library", "candidates", "trajectories"} <= {step for step, _ in told}
    assert all(0.0 <= share <= 1.0 for _, share in told)


def test_provenance_lets_another_person_repeat_it(table, tmp_path):
    path = tmp_path / "animals.csv"
    pd.DataFrame(table).to_csv(path, index=False)
    one = discover.dynamics(path, library=LIBRARY, form=Weak(half_width=12), max_evals=200, seed=7)
    origin = one.law.provenance
    assert origin.source.endswith("animals.csv")
    assert origin.fingerprint.startswith("sha256:")
    assert (origin.n_samples, origin.n_trajectories, origin.seed) == (300, 1, 7)
    settings = dict(origin.settings)
    assert settings["max_evals"] == "200"
    assert settings["half_width"] == "12"
    assert "degree=2" in settings["library"]
    assert "budget" not in settings
    assert origin.command.startswith("discover.dynamics(discover.load(")
    assert origin.command.endswith("seed=7)")
    assert {"numpy", "numba", "discover-equations"} <= {name for name, _ in origin.versions}
    assert any("6 library terms" in note for note in origin.notes)
    assert any(note.startswith("Estimated noise") for note in origin.notes)


def test_the_chosen_candidates_are_on_the_front(found):
    for equation in found.law.equations:
        terms = [tuple(c.terms) for c in found.front.of(equation.target)]
        assert tuple(term.expr for term in equation.terms) in terms


def test_the_form_is_taken_as_given(table):
    one = discover.dynamics(table, library=LIBRARY, form=Strong(half_width=4))
    assert dict(one.law.provenance.settings)["form"] == "Strong(half_width=4, degree=4)"
    assert [len(equation.terms) for equation in one.law.equations] == [2, 2]


def test_inputs_drive_and_get_no_equation():
    table = table_of("forced oscillator", noise=0.01, n_samples=500)
    one = discover.dynamics(discover.load(table, time="t", inputs="u"), library=LIBRARY)
    assert list(one.equations) == ["x", "v"]
    assert one.law.inputs == ("u",)
    assert structure(one) == [{"v"}, {"x", "v", "u"}]


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_engines_are_known_by_name(engine):
    problem = problem_of("lotka-volterra", n_samples=100)
    if engine == "pysindy":
        pytest.importorskip("pysindy", reason='pip install "discover-equations[peers]"')
    searcher = engine_for(problem, engine, LIBRARY, 1)
    assert searcher.name in ENGINES
    assert engine in ("auto", searcher.name)


def test_an_unknown_engine_is_answered_with_a_near_one(table):
    with pytest.raises(SettingError, match=r'There is no engine "sparce". Did you mean "sparse"\?'):
        discover.dynamics(table, engine="sparce")
    for wrong in (None, 3, Sparse):
        with pytest.raises(SettingError, match=r"engine must be a name or a configured engine such as Sparse"):
            discover.dynamics(table, engine=wrong)


def test_an_engine_may_be_given_configured(table):
    found = discover.dynamics(table, engine=Sparse(max_terms=1), library=LIBRARY)
    assert max(len(equation.terms) for equation in found.equations.values()) <= 1
    assert ("engine", repr(Sparse(max_terms=1))) in found.law.provenance.settings


def test_where_no_engine_can_help_each_says_why():
    problem = problem_of("lotka-volterra", n_samples=100)
    with pytest.raises(DataError, match=r"No engine can take these data \(sparse: .*single row"):
        engine_for(replace(problem, blocks=()), "auto", None, None)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"library": "poly"}, "library must be one such as Polynomial"),
        ({"form": "weak"}, r"form must be Weak\(\), Strong\(\), Map\(\) or Stochastic\(\), got 'weak'"),
        ({"seed": -1}, "seed must be a whole number from 0 on, got -1"),
        ({"seed": "a"}, "seed must be a whole number from 0 on, got 'a'"),
        ({"n_jobs": 0}, "n_jobs must be a whole number from 1 on, got 0"),
        ({"n_jobs": "2"}, "n_jobs must be a whole number from 1 on, got '2'"),
        ({"max_evals": 0}, "max_evals must be a whole number from 1 on, got 0"),
        ({"budget": "soon"}, "A budget is a time such as"),
        ({"order": 3}, r"order must be 1 \(for x'\) or 2 \(for x''\), or one for each state, got 3"),
        ({"order": "two"}, "order must be 1 .*got 'two'"),
        ({"order": {"pray": 2}}, 'order= names "pray", which is no state. Did you mean "prey"'),
        ({"order": 2, "form": Map()}, "leave order=2 out"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(table, settings, message):
    with pytest.raises(SettingError, match=message):
        discover.dynamics(table, **settings)


def test_terms_that_are_none_are_refused_before_the_search(table):
    with pytest.raises(discover.ExpressionError, match='Did you mean "prey"'):
        discover.dynamics(table, library=Terms("sin(pray)"))


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (None, None),
        (60, 60.0),
        (0.5, 0.5),
        (np.float64(2), 2.0),
        ("60", 60.0),
        ("60s", 60.0),
        (" 60 S ", 60.0),
        ("2min", 120.0),
        ("2 min", 120.0),
        ("1.5m", 90.0),
        ("0.5h", 1800.0),
        ("250ms", 0.25),
        ("1e3", 1000.0),
        ("3sec", 3.0),
    ],
)
def test_budgets_are_times(budget, expected):
    assert seconds(budget) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("budget", ["", "fast", "5 years", "1h30", "--3", "s", [60], True, "nan", "inf", float("nan")])
def test_anything_else_is_no_budget(budget):
    with pytest.raises(SettingError, match='A budget is a time such as 60, "60s" or "2min", got'):
        seconds(budget)


@pytest.mark.parametrize("budget", [0, -1, "-5s", "0min", "1e999"])
def test_a_budget_is_positive_and_ends(budget):
    with pytest.raises(SettingError, match="must be a positive time, got"):
        seconds(budget)


def test_positions_in_metres_give_second_order_with_units(tmp_path):
    """x'' = -2 x - 0.3 x' + u from two runs with a gap, the velocity never measured."""
    t = 0.05 * np.arange(500)
    lines = ["run,t [s],x [m],u [N]"]
    for run, phase in (("a", 0.0), ("b", 2.0)):
        push = np.sin(0.7 * t + phase)
        motion = VectorField(("x",), ("u",), (parse('u - 2*x - 0.3*D(x, "t", 1)', ["x", "u"]),), orders=(2,), time="t")
        x = simulate(motion, [1.0, 0.0], t, {"u": push})["x"].values
        x = x + 0.005 * np.random.default_rng(int(phase)).standard_normal(500)
        kept = [k for k in range(500) if not 200 <= k < 230 or run == "a"]
        lines += [f"{run},{t[k]},{x[k]},{push[k]}" for k in kept]
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines))
    data = discover.load(path, group="run", inputs=["u"])
    found = discover.dynamics(data, order=2)
    terms = {text(term.expr, found.law.names, found.law.axes): term for term in found.equations["x"].terms}
    assert {name: term.unit for name, term in terms.items()} == {"x": "1/s^2", "u": "m/(N s^2)", 'D(x, "t", 1)': "1/s"}
    assert [terms[name].value for name in ("x", "u", 'D(x, "t", 1)')] == pytest.approx([-2.0, 1.0, -0.3], abs=0.02)
    assert found.law.estimator == "trajectories"
    path = tmp_path / "law.json"
    found.save(path)
    assert discover.load_law(path) == found
    assert ("order", "2") in found.law.provenance.settings
    assert found.predict(data)["x"].attrs["units"] == "(m)/(s)^2"


def test_each_state_may_have_its_own_order():
    """x'' = -3 x - 0.2 x' - T/2, T' = -0.3 T + 0.2 x'²: friction heats, heat pushes."""
    names = ("x", "T")
    sides = ('-3*x - 0.2*D(x, "t", 1) - 0.5*T', '-0.3*T + 0.2*D(x, "t", 1)**2')
    law = VectorField(names, (), tuple(parse(side, names) for side in sides), orders=(2, 1), time="t")
    t = 0.05 * np.arange(800)
    run, rng = simulate(law, [1.5, 0.5, 0.0], t), np.random.default_rng(1)
    table = {"t": t} | {name: run[name].values + 0.003 * rng.standard_normal(800) for name in names}
    library = Polynomial(2) + Terms("D(x, t, 1)", "D(x, t, 1)**2", "x*D(x, t, 1)")
    found = discover.dynamics(table, library=library, order={"x": 2})
    assert [equation.order for equation in found.law.equations] == [2, 1]
    written = [{text(term.expr, names) for term in equation.terms} for equation in found.law.equations]
    assert written == [{"x", "T", 'D(x, "t", 1)'}, {"T", 'D(x, "t", 1)**2'}]
    assert np.abs(found.simulate([1.5, 0.5, 0.0], t)["T"] - run["T"]).max() < 0.02


def test_the_time_in_terms_is_known_and_needs_no_column():
    t = 0.05 * np.arange(600)
    law = VectorField(("x",), ("t",), (parse("-0.5*x + 0.8*cos(1.3*t) + 0.1*t", ("x", "t")),), time="t")
    x = simulate(law, [1.0], t)["x"].values + 0.01 * np.random.default_rng(0).standard_normal(600)
    found = discover.dynamics({"t": t, "x": x}, library=Polynomial(2) + Terms("cos(1.3*t)", "sin(1.3*t)", "t"))
    assert found.law.names == ("x", "t")
    assert found.law.measured == ("x",)
    assert {text(term.expr, found.law.names) for term in found.equations["x"].terms} == {"x", "cos(1.3*t)", "t"}
    assert np.abs(found.simulate([1.0], t)["x"] - x).max() < 0.1
    assert found.predict(discover.load({"t": t, "x": x}, time="t"))["x"].shape == (600,)
    varying = discover.dynamics({"t": t, "x": x}, library=Polynomial(1) * Terms("1", "t") + Terms("cos(1.3*t)"))
    assert {text(term.expr, ("x", "t")) for term in varying.equations["x"].terms} == {"x", "cos(1.3*t)", "t"}
