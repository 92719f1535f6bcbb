from dataclasses import replace

import pytest

from discover.expr import Polynomial, text
from discover.judge import choose
from discover.judge.contest import CLOSE, HOPELESS, MOST_RIVALS
from discover.sparse import Sparse
from tests.problems import problem_of

NAMES = ("x", "y")
TRUE = [{"y"}, {"x", "y", "x**2*y"}]


def never():
    return False


def silent(step, share):
    pass


@pytest.fixture(scope="module")
def problem():
    return problem_of("van der pol", noise=0.02, n_samples=600, seed=2)


@pytest.fixture(scope="module")
def searched(problem):
    return Sparse(library=Polynomial(3)).search(problem)


def structure(choice):
    return [{text(term, NAMES) for term in c.terms} for c in choice.trial.candidates]


def led_by(searched, target, wanted, lead=3.0):
    """Return the front with one candidate moved ahead of all others, as noise might."""
    best = searched.of(target)[0].score
    moved = [replace(c, score=best - lead) if c.target == target and wanted(c) else c for c in searched.candidates]
    changed = [c for c, before in zip(moved, searched.candidates, strict=True) if c is not before]
    assert len(changed) == 1
    return replace(searched, candidates=tuple(moved)), changed[0]


def test_the_truth_is_chosen(problem, searched):
    found = choose(problem, searched, never, silent)
    assert structure(found) == TRUE
    assert found.trial.followed is not None
    assert not found.interrupted
    assert all(found.probability(i)[c] > 0.8 for i, c in enumerate(found.trial.candidates))


def first_with(searched, target, terms, n_more):
    """Return whether a candidate is the first that adds n_more terms to some others."""
    match = [
        c for c in searched.of(target) if {text(t, NAMES) for t in c.terms} > terms and c.n_terms == len(terms) + n_more
    ]
    return lambda c: c is match[0]


@pytest.mark.parametrize("n_more", [1, 2])
def test_terms_that_the_rows_took_for_real_are_dropped_again(problem, searched, n_more):
    wrong, leader = led_by(searched, "y", first_with(searched, "y", TRUE[1], n_more))
    assert wrong.of("y")[0] is leader
    found = choose(problem, wrong, never, silent)
    assert structure(found) == TRUE
    assert found.trial.candidates[1] is not leader


def test_a_weak_term_is_dropped_even_where_the_engine_never_thought_of_it(problem, searched):
    """The only candidate for y has one term too many; the judge makes the shorter one itself."""
    padded = [c for c in searched.of("y") if first_with(searched, "y", TRUE[1], 1)(c)]
    narrow = replace(searched, candidates=(searched.of("x")[0], *padded))
    found = choose(problem, narrow, never, silent)
    assert structure(found) == TRUE
    assert found.trial.candidates[1] not in narrow.candidates


def test_a_wrong_term_is_swapped_for_the_true_one():
    prey = problem_of("lotka-volterra", noise=0.1, n_samples=600, seed=2)
    found = Sparse(library=Polynomial(2)).search(prey)
    names = prey.names
    wrong, leader = led_by(found, "predator", lambda c: {text(t, names) for t in c.terms} == {"predator", "prey**2"})
    assert leader.loss < HOPELESS
    chosen = choose(prey, wrong, never, silent)
    assert [{text(t, names) for t in c.terms} for c in chosen.trial.candidates] == [
        {"prey", "prey*predator"},
        {"predator", "prey*predator"},
    ]


def test_where_the_rows_rule_the_leader_out_nothing_is_tried(problem, searched):
    """Its chi-square is a thousand a row, so no small change can save it."""
    wrong, leader = led_by(searched, "y", lambda c: {text(t, NAMES) for t in c.terms} == {"y", "x**2*y"})
    assert leader.loss > HOPELESS
    found = choose(problem, wrong, never, silent)
    assert found.trial.candidates[1] is leader
    assert found.trial.followed is None
    assert len(found.trials) == 1


def test_without_time_the_rows_have_the_last_word(problem, searched):
    wrong, leader = led_by(searched, "y", first_with(searched, "y", TRUE[1], 1))
    found = choose(problem, wrong, lambda: True, silent)
    assert found.trial.candidates == (wrong.of("x")[0], leader)


def test_refused_candidates_do_not_compete(problem, searched):
    best = searched.of("y")[0]
    refusing = replace(
        searched,
        candidates=tuple(replace(c, refusal="not today") if c is best else c for c in searched.candidates),
    )
    found = choose(problem, refusing, never, silent)
    assert found.trial.candidates[1].terms != best.terms
    assert all(c.refusal is None for mine in found.scores for c in mine)


def test_an_interrupt_keeps_the_leader(problem, searched):
    def interrupting(step, share):
        if share > 0:
            raise KeyboardInterrupt

    found = choose(problem, searched, never, interrupting)
    assert found.interrupted
    assert structure(found) == TRUE


def test_a_second_contest_repeats_no_trial(problem, searched):
    first = choose(problem, searched, never, silent)
    n_trials = len(first.trials)
    second = choose(problem, searched, never, silent, before=first)
    assert second.trials is first.trials
    assert len(second.trials) == n_trials
    assert structure(second) == TRUE


def test_only_near_rivals_are_tried(problem, searched):
    found = choose(problem, searched, never, silent)
    tried = {system[1] for system in found.trials}
    best = found.trial.candidates[1]
    near = [c for c in searched.of("y") if abs(c.score - best.score) < CLOSE]
    assert 2 <= len(tried) <= 1 + 2 * MOST_RIVALS + 2
    assert any(c in near for c in tried)


def test_progress_never_passes_one(problem, searched):
    told = []
    choose(problem, searched, never, lambda step, share: told.append((step, share)))
    assert {step for step, _ in told} == {"trajectories"}
    assert told[0][1] == 0.0
    assert all(0.0 <= share <= 1.0 for _, share in told)
    assert [share for _, share in told] == sorted(share for _, share in told)
