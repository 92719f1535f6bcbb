import numpy as np
import pytest
from scipy import stats

import discover
from discover.data.formulate import formulate
from discover.data.stencils import Strong, Weak
from discover.data.units import dimension, scale
from discover.equation import Provenance
from discover.expr import Polynomial, parse, text
from discover.judge import choose, conclude
from discover.judge.conclude import MAX_SAMPLES, coefficient_unit
from discover.judge.verdict import verdict
from discover.sparse import Sparse
from tests.judge.systems import candidate, choice, trial
from tests.problems import problem_of, table_of, true_rows
from tests.reference import r_squared

PROVENANCE = Provenance("data", "sha256:0", 600, 1, (), 0, (), "", (), "now")


def concluded(problem, library=None):
    front = Sparse(library=library).search(problem)
    chosen = choose(problem, front, lambda: False, lambda step, share: None)
    return front, chosen, conclude(problem, front, chosen, PROVENANCE, 0)


@pytest.fixture(scope="module")
def problem():
    return problem_of("van der pol", noise=0.02, n_samples=600, seed=2)


@pytest.fixture(scope="module")
def judged(problem):
    return concluded(problem)


def test_coefficients_and_intervals_come_from_the_trajectories(judged):
    _, chosen, law = judged
    fit = chosen.trial.followed
    assert law.estimator == "trajectories"
    terms = [term for equation in law.equations for term in equation.terms]
    assert [term.value for term in terms] == fit.coefficients.tolist()
    assert [term.std for term in terms] == pytest.approx(fit.std)
    quantile = stats.t.ppf(0.975, fit.t_dof)
    for term in terms:
        assert term.high - term.value == pytest.approx(term.value - term.low)
        assert term.high - term.value == pytest.approx(quantile * term.std)


@pytest.mark.parametrize(("form", "name"), [(Weak(), "weak form"), (Strong(half_width=4), "strong form")])
def test_or_from_the_rows_where_no_trajectory_follows(form, name):
    problem = problem_of("van der pol", noise=0.02, n_samples=600, form=form)
    front = Sparse().search(problem)
    best = tuple(front.of(target)[0] for target in front.targets)
    law = conclude(problem, front, choice(trial(*best, accepted=False)), PROVENANCE, 0)
    assert law.estimator == name
    assert law.verdict.word != "law"
    for equation, one in zip(law.equations, best, strict=True):
        assert [term.value for term in equation.terms] == pytest.approx(one.coefficients, rel=1e-6)
        assert all(term.low < term.value < term.high and term.std > 0 for term in equation.terms)
    assert np.isnan(law.evidence.trajectory_chi2)
    assert law.evidence.segment == 0
    assert all(np.isnan(stretch.simulated).all() for stretch in law.evidence.stretches)


def test_shares_sum_to_the_r2_of_the_rows(problem, judged):
    law = judged[2]
    rows, supports, _ = true_rows("van der pol", problem)
    for target, equation in enumerate(law.equations):
        Z = np.vstack([rows.theta[0][list(supports[target])], rows.blocks[0].Y[target]])
        best = r_squared(Z @ Z.T, range(len(supports[target])))
        assert sum(term.share for term in equation.terms) == pytest.approx(best, abs=1e-6)
        assert equation.held_out_r2 <= best
        assert best - 0.01 < equation.r2 <= best + 1e-9
        assert all(0 <= term.drop <= best + 1e-9 for term in equation.terms)


def test_inclusion_is_the_probability_of_all_candidates_with_the_term(judged):
    _, chosen, law = judged
    for i, equation in enumerate(law.equations):
        for term in equation.terms:
            expected = sum(p for c, p in chosen.probability(i).items() if term.expr in c.terms)
            assert term.inclusion == pytest.approx(min(1.0, expected))
            assert term.inclusion >= equation.probability - 1e-12
            assert 0.5 < term.inclusion <= 1.0


def test_an_equation_carries_the_probability_of_its_structure(judged):
    _, chosen, law = judged
    for i, equation in enumerate(law.equations):
        assert equation.probability == chosen.probability(i)[chosen.trial.candidates[i]]


def test_the_law_is_the_problem_s_and_carries_its_verdict(problem, judged):
    _, chosen, law = judged
    assert law.names == problem.names
    assert law.states == problem.targets
    assert law.time == problem.time
    assert law.provenance is PROVENANCE
    assert law.verdict == verdict(problem, chosen, law.equations, problem.n_rows)
    assert [equation.loss for equation in law.equations] == [c.loss for c in chosen.trial.candidates]


def test_evidence_is_the_data_beside_the_simulation(problem, judged):
    _, chosen, law = judged
    (stretch,) = law.evidence.stretches
    assert np.array_equal(stretch.measured, problem.blocks[0].X)
    assert np.array_equal(stretch.simulated, chosen.trial.simulated(problem)[0], equal_nan=True)
    assert law.evidence.noise == pytest.approx(problem.noise, rel=0.05)
    assert law.evidence.segment == chosen.trial.followed.length


def test_evidence_is_bounded_and_takes_the_longest_stretches():
    lengths = [900, 1500, 3000, 2500, 1200, 1100, 1000, 2000]
    columns = {"t": [], "prey": [], "predator": [], "run": []}
    for number, n in enumerate(lengths):
        table = table_of("lotka-volterra", n_samples=n, seed=number)
        columns["run"] += [f"run {number}"] * n
        for name in ("t", "prey", "predator"):
            columns[name] += table[name].tolist()
    problem = formulate(discover.load(columns, time="t", group="run"))
    best = (candidate("prey", ["prey"], problem.names), candidate("predator", ["prey"], problem.names))
    front = Sparse(library=Polynomial(1)).search(problem)
    evidence = conclude(problem, front, choice(trial(*best, tried=False)), PROVENANCE, 0).evidence
    kept = [stretch.trajectory for stretch in evidence.stretches]
    assert kept == [f"run {number}" for number, n in enumerate(lengths) if n > 1000]
    assert sum(len(stretch.time) for stretch in evidence.stretches) <= 1.5 * MAX_SAMPLES


def test_an_equation_without_terms_explains_nothing(problem):
    still = (candidate("x", [], problem.names, r2=0.0), candidate("y", ["x"], problem.names))
    front = Sparse(library=Polynomial(1)).search(problem)
    law = conclude(problem, front, choice(trial(*still, tried=False)), PROVENANCE, 0)
    assert law.equations[0].terms == ()
    assert law.equations[0].r2 == pytest.approx(0.0, abs=1e-12)
    assert law.equations[0].held_out_r2 == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("term", "unit"),
    [("x", "1/s"), ("v", "m/(mm*s)"), ("x*v", "1/(mm*s)"), ("1", "m/s"), ("w", None), ("w*x", None)],
)
def test_units_of_coefficients(term, unit):
    t = np.linspace(0, 10, 200)
    columns = {"t [s]": t, "x [m]": np.sin(t), "v [mm]": np.cos(t), "w": np.sin(2 * t)}
    problem = formulate(discover.load(columns))
    found = coefficient_unit(problem, "x", parse(term, problem.names))
    assert (found is None) == (unit is None), text(parse(term, problem.names), problem.names)
    if unit is not None:
        assert dimension(found) == dimension(unit)
        assert scale(found) == pytest.approx(scale(unit))


@pytest.mark.parametrize("offset", [1e3, 1e5])
def test_small_changes_of_a_large_number_are_explained_as_well(offset):
    """Kelvins, or pascals: 1, x, y and x*y hardly differ, and yet the same law explains as much."""
    table, shares = table_of("lotka-volterra", noise=0.02, n_samples=400), []
    for shift, terms in ((0.0, ["x", "x*y"]), (offset, ["1", "x", "y", "x*y"])):
        problem = formulate(
            discover.load({"t": table["t"], "x": shift + table["prey"], "y": shift + table["predator"]})
        )
        still = (candidate("x", terms, problem.names), candidate("y", [], problem.names, r2=0.0))
        front = Sparse(library=Polynomial(1)).search(problem)
        law = conclude(problem, front, choice(trial(*still, tried=False)), PROVENANCE, 0)
        shares.append((law.equations[0].r2, law.equations[0].held_out_r2))
    assert shares[1] == pytest.approx(shares[0], abs=0.002)
