import numpy as np
import pytest

from discover.judge.probability import TEMPERATURE, probabilities, surplus
from tests.judge.systems import candidate

NAMES = ("x", "y")
N_ROWS = 400
NOTHING = candidate("x", [], NAMES, loss=1001.0, score=5000.0)
RIGHT = candidate("x", ["x", "y"], NAMES, loss=1.0, score=420.0)
MORE = candidate("x", ["x", "y", "x*y"], NAMES, loss=0.995, score=424.0)


def scored(*candidates):
    return {one: one.score for one in candidates}


def test_probabilities_sum_to_one_and_follow_the_scores():
    found = probabilities(scored(NOTHING, RIGHT, MORE), RIGHT, N_ROWS)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found[RIGHT] > found[MORE] > found[NOTHING]


def test_terms_cost_what_makes_the_chosen_ones_likeliest():
    """1000 · 400 / 2 is the chi-square that each of the chosen terms explains, so the prior is that wide."""
    assert surplus(scored(NOTHING, RIGHT, MORE), RIGHT, N_ROWS) == pytest.approx(np.log(500.0))
    found = probabilities(scored(NOTHING, RIGHT, MORE), RIGHT, N_ROWS)
    assert np.log(found[RIGHT] / found[MORE]) == pytest.approx((4.0 + np.log(500.0)) / 2 / TEMPERATURE)


def test_weak_terms_keep_the_price_of_one_row():
    weak = candidate("x", [], NAMES, loss=1.5, score=5000.0)
    assert surplus(scored(weak, RIGHT, MORE), RIGHT, N_ROWS) == 0.0


def test_a_misfit_that_all_share_makes_terms_no_stronger():
    losses = [(NOTHING, 10_010.0), (RIGHT, 10.0), (MORE, 9.99)]
    tenfold = [candidate("x", ["x", "y", "x*y"][: one.n_terms], NAMES, loss=loss) for one, loss in losses]
    found = surplus(scored(*tenfold), tenfold[1], N_ROWS)
    assert found == pytest.approx(surplus(scored(NOTHING, RIGHT, MORE), RIGHT, N_ROWS), rel=1e-3)


@pytest.mark.parametrize("chosen", [NOTHING, RIGHT])
def test_without_rows_or_terms_there_is_no_strength(chosen):
    assert surplus(scored(NOTHING, RIGHT), chosen, 0 if chosen is RIGHT else N_ROWS) == 0.0


def test_a_law_alone_is_certain():
    assert probabilities(scored(RIGHT), RIGHT, N_ROWS) == {RIGHT: 1.0}
