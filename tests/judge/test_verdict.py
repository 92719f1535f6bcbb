from dataclasses import replace

import pytest

from discover.equation import Equation, Term
from discover.judge.verdict import MISFIT, verdict
from tests.judge.systems import candidate, choice, trial
from tests.problems import problem_of

NAMES = ("x", "y")
N_ROWS = 400


@pytest.fixture(scope="module")
def problem():
    return problem_of("van der pol", n_samples=600)


def law(loss=1.0, score=0.0, alternatives=None):
    """Return the candidates of x' = y, y' = -x + x²·y, say."""
    return (
        candidate("x", ["y"], NAMES, score, loss=loss),
        candidate("y", ["x", "x**2*y"], NAMES, score, loss=loss, alternatives=alternatives),
    )


def equations(candidates, held_out=0.99):
    return [
        Equation(
            target=one.target,
            time="t",
            names=NAMES,
            terms=tuple(Term(term, 1.0, 0.1, 0.8, 1.2) for term in one.terms),
            r2=0.99,
            held_out_r2=held_out,
            loss=one.loss,
        )
        for one in candidates
    ]


def judged(problem, one, held_out=0.99, rivals=()):
    return verdict(problem, choice(one, rivals), equations(one.candidates, held_out), N_ROWS)


def test_law_where_it_fits_predicts_follows_and_stands_alone(problem):
    found = judged(problem, trial(*law()))
    assert found.word == "law"
    text = " ".join(found.reasons)
    assert "99.0 %" in text
    assert "follow the data over 50 samples" in text
    assert "no rival comes close" in text


def test_a_competition_that_the_budget_ended_leaves_a_doubt(problem):
    one = trial(*law())
    found = verdict(problem, replace(choice(one, ()), unfinished=True), equations(one.candidates), N_ROWS)
    assert found.word == "several"
    assert "budget was spent" in found.reasons[-1]


def test_none_where_no_equation_has_a_term(problem):
    found = judged(problem, trial(candidate("x", [], NAMES), candidate("y", [], NAMES), tried=False))
    assert found.word == "none"
    assert "Noise alone explains the data" in found.reasons[0]


@pytest.mark.parametrize("accepted", [True, False])
def test_none_where_it_does_not_predict(problem, accepted):
    found = judged(problem, trial(*law(), accepted=accepted), held_out=0.4)
    assert found.word == "none"
    assert "40.0 %" in found.reasons[0]


def test_at_least_is_never_rounded_up(problem):
    assert "at least 99.9 %" in judged(problem, trial(*law()), held_out=0.9997).reasons[0]


def test_prediction_worse_than_nothing_is_told_as_nothing(problem):
    assert "at least 0.0 %" in judged(problem, trial(*law()), held_out=-3.0).reasons[0]


def test_none_where_it_neither_fits_nor_follows_and_predicts_poorly(problem):
    found = judged(problem, trial(*law(loss=5.0), accepted=False, reason="chi-square is 40"), held_out=0.8)
    assert found.word == "none"
    text = " ".join(found.reasons)
    assert "No simulated trajectory follows the data: chi-square is 40" in text
    assert "The residual of x is 5 times what the noise explains" in text


@pytest.mark.parametrize(
    ("loss", "accepted", "held_out"), [(5.0, True, 0.8), (5.0, False, 0.95), (1.0, False, 0.8), (5.0, True, 0.99)]
)
def test_several_where_one_of_them_fails(problem, loss, accepted, held_out):
    assert judged(problem, trial(*law(loss=loss), accepted=accepted), held_out).word == "several"


def test_several_where_the_trajectories_were_never_tried(problem):
    assert judged(problem, trial(*law(), tried=False)).word == "several"


def test_the_worst_equation_decides(problem):
    one = trial(*law())
    both = equations(one.candidates)
    both[1] = replace(both[1], held_out_r2=0.3)
    found = verdict(problem, choice(one), both, N_ROWS)
    assert found.word == "none"
    assert "(y is the hardest)" in found.reasons[0]


def test_an_equation_without_terms_is_not_asked_to_predict(problem):
    one = trial(candidate("x", ["y"], NAMES), candidate("y", [], NAMES, r2=0.0))
    both = equations(one.candidates)
    both[1] = replace(both[1], held_out_r2=0.0)
    assert verdict(problem, choice(one), both, N_ROWS).word == "law"


@pytest.mark.parametrize(("behind", "word"), [(0.5, "several"), (4.0, "several"), (9.0, "law")])
def test_a_rival_that_comes_close_is_named(problem, behind, word):
    """The chosen structure needs nine tenths of the probability: a rival must be 4.4 behind in score."""
    rival = candidate("y", ["x", "y", "x**3"], NAMES, score=behind)
    found = judged(problem, trial(*law()), rivals=[rival])
    assert found.word == word
    named = [reason for reason in found.reasons if "nearest rival" in reason]
    assert len(named) == (word == "several")
    assert all("equation of y" in reason and "has 3 terms and differs in 3" in reason for reason in named)


def test_terms_that_cannot_be_told_apart_are_named_where_it_matters(problem):
    chosen = law(alternatives=["y**3", ""])
    sure = judged(problem, trial(*chosen))
    assert sure.word == "law"
    rival = candidate("y", ["y**3", "x**2*y"], NAMES, score=1.0)
    found = judged(problem, trial(*chosen), rivals=[rival])
    assert any("the data cannot tell x from y**3" in reason for reason in found.reasons)


def test_few_rows_or_a_noise_level_hardly_known_are_given_more_room(problem):
    one, sharp = trial(*law(loss=MISFIT + 0.5)), replace(problem, noise_error=0.01)
    assert judged(sharp, one).word == "several"
    assert judged(replace(problem, noise_error=0.2), one).word == "law"
    assert verdict(sharp, choice(one), equations(one.candidates), 20).word == "law"


@pytest.mark.parametrize(("chi2", "word"), [(1.0, "law"), (0.6, "law"), (0.02, "several"), (1e-8, "law")])
def test_much_less_left_than_the_noise_estimated_leaves_a_doubt(problem, chi2, word):
    """Sampling too coarse: differences took signal for noise. An exact law leaves nothing, and stays one."""
    found = judged(problem, trial(*law(), history=((50, chi2),)))
    assert found.word == word
    assert any("too coarse" in reason for reason in found.reasons) == (word == "several")


def test_nor_does_it_where_there_is_hardly_any_noise(problem):
    quiet = replace(problem, noise=1e-5 * problem.scale)
    assert judged(quiet, trial(*law(), history=((50, 0.02),))).word == "law"
