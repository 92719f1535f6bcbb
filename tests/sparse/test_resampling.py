import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import Polynomial, compile_program
from discover.simulate import SYSTEMS, clean_trajectories
from discover.sparse import bagged, derivative_gram, stlsq
from discover.sparse.resampling import resampled
from discover.sparse.stepwise import stepwise
from discover.sparse.thresholding import mstls, sr3
from tests.sparse.test_thresholding import conserving

TERMS = Polynomial(3).build(["x", "y", "z"])
XI = SYSTEMS["lorenz"].true_terms(TERMS)
SOLVERS = {
    "stlsq": lambda G, e: stlsq(G, 3, [0.3], equalities=e)[0],
    "mstls": lambda G, e: mstls(G, 3, np.geomspace(1e-3, 1, 8), equalities=e),
    "sr3": lambda G, e: sr3(G, 3, [0.3], equalities=e)[0],
    "forward": lambda G, e: stepwise(G, 3, 4, equalities=e)[-1],
}


@pytest.fixture(scope="module")
def grams():
    X = clean_trajectories(SYSTEMS["lorenz"], 1, 2000)[0][0]
    X_dot = compile_program(SYSTEMS["lorenz"].expressions(), 3).evaluate(X)
    X_dot += 0.1 * np.random.default_rng(0).standard_normal(X_dot.shape)
    return derivative_gram(X, X_dot, TERMS, n_folds=20)


@pytest.mark.parametrize("name", SOLVERS)
def test_equalities_hold_in_every_model_whatever_is_drawn_or_left_out(grams, name):
    equalities = conserving()
    bag = resampled(grams, 3, SOLVERS[name], n_models=6, left_out=4, equalities=equalities, seed=1)
    broken = np.einsum("rip,mip->mr", equalities.A, bag.models) - equalities.b
    assert np.abs(broken).max() < 1e-9
    assert bag.offered[:, [1, 2, 5, 6]].all()
    assert np.all(bag.offered.sum(axis=1) == 16)
    assert not bag.models.transpose(0, 2, 1)[~bag.offered].any()


def test_the_bootstrap_of_stlsq_is_a_bag(grams):
    bag = resampled(grams, 3, SOLVERS["stlsq"], n_models=30, seed=3)
    fast = bagged(grams, 3, 0.3, n_models=30, seed=3)
    assert np.array_equal(bag.inclusion, (fast != 0).mean(axis=0))
    assert np.median(fast, axis=0) == pytest.approx(bag.median, abs=0.02)


def test_true_terms_are_included_nearly_whenever_they_are_offered(grams):
    """Not always: where another true term is left out, what takes its place may push one aside."""
    bag = resampled(grams, 3, SOLVERS["stlsq"], n_models=40, left_out=1, bootstrap=False)
    assert np.all(bag.inclusion[XI.T != 0] >= 0.9)
    whole = stlsq(grams.sum(axis=0), 3, [0.3])[0]
    assert bag.median == pytest.approx(whole, abs=0.05)


def test_without_bootstrap_nor_leaving_out_all_models_are_one(grams):
    bag = resampled(grams, 3, SOLVERS["stlsq"], n_models=3, bootstrap=False)
    assert np.array_equal(bag.models[0], bag.models[2])


def test_the_seed_is_all_that_it_depends_on(grams):
    bags = [resampled(grams, 3, SOLVERS["stlsq"], 6, 2, seed=s, n_jobs=n) for s, n in ((1, 1), (1, 2), (2, 1))]
    assert np.array_equal(bags[0].models, bags[1].models)
    assert not np.array_equal(bags[0].models, bags[2].models)


@pytest.mark.parametrize("left_out", [-1, 20, 99])
def test_more_cannot_be_left_out_than_there_is(grams, left_out):
    with pytest.raises(SettingError, match=f"left_out must be from 0 to less than the 20 terms .*got {left_out}"):
        resampled(grams, 3, SOLVERS["stlsq"], left_out=left_out)
