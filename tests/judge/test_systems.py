from dataclasses import replace
from math import log

import numpy as np
import pytest

from discover.contract import Budget
from discover.expr import Polynomial, text
from discover.inference.chisquare import penalty
from discover.judge import systems
from discover.judge.probability import TEMPERATURE
from discover.judge.systems import (
    DECISIVE,
    advantage,
    cleaner,
    follow,
    joined,
    on_all_data,
    pieces_of,
    refit,
    settled,
)
from discover.simulate import SYSTEMS, clean_trajectories
from discover.sparse import Sparse
from tests.judge.systems import candidate, choice, front, trial
from tests.problems import problem_of

NAMES = ("x", "y")


def never():
    return False


@pytest.fixture(scope="module")
def problem():
    return problem_of("van der pol", noise=0.05, n_samples=600, seed=2)


@pytest.fixture(scope="module")
def searched(problem):
    return Sparse(library=Polynomial(3)).search(problem)


def leaders(searched):
    return tuple(searched.of(target)[0] for target in searched.targets)


def with_terms(searched, target, names):
    """Return the candidate of a front that has exactly these terms."""
    (found,) = [c for c in searched.of(target) if {text(term, NAMES) for term in c.terms} == set(names)]
    return found


def test_a_choice_tells_how_probable_each_candidate_is():
    best = candidate("x", ["x"], NAMES, score=10.0)
    rivals = [candidate("x", ["y"], NAMES, score=12.0), candidate("x", ["x", "y"], NAMES, score=14.0)]
    found = choice(trial(best), rivals).probability(0)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found[best] / found[rivals[0]] == pytest.approx(np.exp(1.0 / TEMPERATURE))
    assert found[best] / found[rivals[1]] == pytest.approx(np.exp(2.0 / TEMPERATURE))


def test_a_trial_knows_its_parts():
    one = trial(candidate("x", ["x", "y"], NAMES), candidate("y", [], NAMES), candidate("z", ["x"], NAMES))
    assert [one.part(i) for i in range(3)] == [slice(0, 2), slice(2, 2), slice(2, 3)]
    assert one.followed is one.refinement
    assert trial(candidate("x", ["x"], NAMES), accepted=False).followed is None
    assert trial(candidate("x", ["x"], NAMES), tried=False).followed is None


def test_small_data_are_followed_whole(problem):
    assert pieces_of(problem, 600) == ((0, 0, 600),)
    assert pieces_of(problem, 10_000) == ((0, 0, 600),)


@pytest.mark.parametrize("max_samples", [500, 2000, 5000])
def test_large_data_are_followed_on_windows_spread_over_all_blocks(max_samples):
    large = problem_of("lotka-volterra", n_trajectories=3, n_samples=3000)
    pieces = pieces_of(large, max_samples)
    assert {b for b, _, _ in pieces} == {0, 1, 2}
    assert all(0 <= first < last <= 3000 for _, first, last in pieces)
    assert len({(b, first) for b, first, _ in pieces}) == len(pieces)
    window = systems.LONGEST * (2 * large.half_width + 1)
    assert all(last - first == min(window, 3000) for _, first, last in pieces)
    total = sum(last - first for _, first, last in pieces)
    assert total <= max(max_samples + 3 * window / 2, 3 * window)


def test_the_truth_is_followed_and_fitted(problem, searched):
    found = follow(problem, leaders(searched), never)
    assert found.followed is not None
    assert found.followed.coefficients == pytest.approx([1.0, -1.0, 2.0, -2.0], rel=0.05)
    (simulated,) = found.simulated(problem)
    truth = clean_trajectories(SYSTEMS["van der pol"], 1, 600, seed=2)[0][0]
    measured = problem.blocks[0].X
    assert np.nanstd(simulated - truth) < 0.5 * np.std(measured - truth)
    assert np.isfinite(simulated).mean() > 0.9


def test_what_explains_next_to_nothing_is_not_simulated(problem):
    worthless = (candidate("x", ["y"], NAMES), candidate("y", ["y"], NAMES, r2=systems.WORTHLESS / 2))
    assert follow(problem, worthless, never).refinement is None
    assert follow(problem, (candidate("x", [], NAMES), candidate("y", [], NAMES)), never).refinement is None


def test_a_wrong_law_is_not_followed_or_not_as_far(problem, searched):
    wrong = (searched.of("x")[0], with_terms(searched, "y", ["x"]))
    assert follow(problem, wrong, never).followed is None


def test_a_simulation_that_was_never_made_is_not_a_number(problem):
    (simulated,) = trial(*leaders(Sparse().search(problem)), tried=False).simulated(problem)
    assert simulated.shape == (2, 600)
    assert np.isnan(simulated).all()


def test_the_winner_is_fitted_to_all_data(problem, searched, monkeypatch):
    one = follow(problem, leaders(searched), never)
    before = choice(one)
    assert on_all_data(problem, before, never) is before
    monkeypatch.setattr(systems, "MAX_SAMPLES", 300)
    part = choice(follow(problem, leaders(searched), never, 300))
    assert sum(last - first for _, first, last in part.trial.pieces) < 600
    whole = on_all_data(problem, part, never)
    assert whole.trial.pieces == ((0, 0, 600),)
    assert whole.trial.followed.coefficients == pytest.approx(one.followed.coefficients)
    assert np.all(whole.trial.followed.std < part.trial.followed.std)
    assert on_all_data(problem, part, Budget(seconds=1e-9).spent) is part


def test_advantage_is_antisymmetric_and_sees_a_missing_term(problem, searched):
    true = follow(problem, leaders(searched), never)
    extra = min(
        (c for c in searched.of("y") if set(c.terms) > set(leaders(searched)[1].terms)), key=lambda c: c.n_terms
    )
    padded = follow(problem, (true.candidates[0], extra), never)
    assert padded.followed is not None
    lead = advantage(problem, true, padded, searched)
    assert lead == pytest.approx(-advantage(problem, padded, true, searched))
    price = log(2 * 600) + 2 * log(searched.n_library)
    assert 0 < lead < 2 * price
    wrong = trial(*true.candidates, accepted=False)
    assert advantage(problem, true, wrong, searched) == DECISIVE == -advantage(problem, wrong, true, searched)
    assert advantage(problem, wrong, wrong, searched) == 0


def test_advantage_is_chi_square_and_price_at_the_longest_length_that_both_follow(problem):
    one, two = candidate("x", ["y"], NAMES), candidate("x", ["x", "y"], NAMES)
    still = candidate("y", ["x"], NAMES)
    best = front(one, two, still, n_library=10)
    good = trial(one, still, length=100, history=((50, 1.0), (100, 1.1)))
    poor = trial(one, still, length=100, history=((50, 1.2), (100, 1.6)))
    short = trial(one, still, length=50, history=((50, 1.2), (100, 9.0)))
    padded = trial(two, still, length=100, history=((50, 1.0), (100, 1.1)))
    assert advantage(problem, good, poor, best) == pytest.approx(0.5 * 2 * (600 - 6) / 1.1)
    assert advantage(problem, good, short, best) == pytest.approx(0.2 * 2 * (600 - 12))
    price = penalty(2, 1200, 10) - penalty(1, 1200, 10)
    assert advantage(problem, good, padded, best) == pytest.approx(price)
    apart = trial(one, still, length=70, history=((70, 1.0),))
    assert advantage(problem, good, apart, best) == 0.0


def test_a_candidate_fitted_again_is_what_the_engine_made_of_it(problem, searched):
    for i, target in enumerate(searched.targets):
        for known in searched.of(target)[:3]:
            again = refit(problem, searched, i, known.terms)
            assert again.target == target
            assert again.terms == known.terms
            assert again.coefficients == pytest.approx(known.coefficients, rel=1e-6)
            assert again.std == pytest.approx(known.std, rel=0.1)
            assert again.loss == pytest.approx(known.loss, rel=1e-6)
            assert again.score == pytest.approx(known.score, rel=0.05, abs=2.0)
            assert again.r2 == pytest.approx(known.r2)


def test_the_law_s_own_trajectories_are_cleaner_than_the_data(problem, searched):
    chosen = choice(follow(problem, leaders(searched), never))
    clean = cleaner(problem, chosen)
    truth = clean_trajectories(SYSTEMS["van der pol"], 1, 600, seed=2)[0][0]
    assert np.std(clean.blocks[0].X - truth) < 0.5 * np.std(problem.blocks[0].X - truth)
    assert np.array_equal(clean.blocks[0].Y, problem.blocks[0].Y)
    assert clean.noise.tolist() == problem.noise.tolist()
    assert problem.blocks[0].X.std() != clean.blocks[0].X.std()


def test_nothing_is_cleaner_where_noise_is_low_unknown_or_the_law_does_not_follow(problem, searched):
    chosen = choice(follow(problem, leaders(searched), never))
    assert cleaner(replace(problem, noise=0.001 * problem.scale), chosen) is None
    assert cleaner(replace(problem, noise_error=0.5), chosen) is None
    assert cleaner(problem, choice(trial(*leaders(searched), accepted=False))) is None


def test_fronts_are_joined_without_repeating_a_candidate(problem, searched):
    new = candidate("x", ["y", "y**3"], NAMES, coefficients=[5.0, 5.0])
    other = front(new, *searched.of("y")[:2])
    both = joined(problem, searched, other)
    assert both.candidates[:-1] == searched.candidates
    assert both.candidates[-1].terms == new.terms
    assert both.candidates[-1].coefficients != new.coefficients  # fitted to the measurements, not taken over
    assert joined(problem, searched, searched) == searched
    assert joined(problem, searched, replace(searched, interrupted=True)).interrupted


def test_a_settled_front_holds_what_was_chosen(searched):
    made = candidate("y", ["x", "y"], NAMES)
    chosen = choice(trial(searched.of("x")[0], made))
    assert settled(searched, chosen).candidates == (*searched.candidates, made)
    assert settled(searched, choice(trial(*leaders(searched)))) == searched
    assert settled(searched, replace(chosen, interrupted=True)).interrupted
