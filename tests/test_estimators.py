"""The engines as scikit-learn regressors: its own checks, and the ways that they are used."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from discover.errors import DataError, SettingError
from discover.estimators import SparseRegressor, SymbolicRegressor
from discover.expr import Polynomial

RNG = np.random.default_rng(5)
FRAME = pd.DataFrame(RNG.uniform(1.0, 3.0, (90, 3)), columns=["mass", "speed", "spare"])
ENERGY = 0.5 * FRAME["mass"] * FRAME["speed"] ** 2


def of_few_fits(**settings):
    return SymbolicRegressor(**{"budget": None, "max_evals": 300} | settings)


@pytest.mark.filterwarnings("ignore")  # the checks hand in what is warned of, on purpose
@pytest.mark.parametrize("model", [SparseRegressor(), of_few_fits(max_evals=20)], ids=lambda one: type(one).__name__)
def test_scikit_learn_finds_nothing_wrong(model):
    for one, check in estimator_checks_generator(model):
        try:
            check(one)
        except Exception as error:
            if type(error).__name__ == "SkipTest":
                continue
            raise


def test_a_formula_with_the_names_of_a_frame():
    model = of_few_fits().fit(FRAME, ENERGY)
    assert repr(model.law_).splitlines()[0] == "y = 0.5·mass·speed²"
    assert model.score(FRAME, ENERGY) > 1 - 1e-12
    assert {"complexity", "equation", "chosen"} <= set(model.equations_)
    assert model.feature_names_in_.tolist() == list(FRAME)


def test_a_sum_of_library_terms():
    y = 1.0 - 2.0 * FRAME["mass"] * FRAME["spare"]
    model = SparseRegressor(library=Polynomial(2)).fit(FRAME, y)
    terms = {repr(term.expr): term.value for term in model.law_.equations["y"].terms}
    assert sorted(terms.values()) == pytest.approx([-2.0, 1.0])


def test_weights_count_as_repeats_do():
    X, y = FRAME.to_numpy(), ENERGY.to_numpy() + 0.1 * RNG.standard_normal(90)
    weights = RNG.integers(0, 4, 90)
    weighted = of_few_fits().fit(X, y, sample_weight=weights)
    repeated = of_few_fits().fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    assert np.allclose(weighted.predict(X), repeated.predict(X))


def test_in_a_pipeline_a_grid_search_and_permutation_importance():
    steps = make_pipeline(MinMaxScaler((1.0, 2.0)), SparseRegressor())
    search = GridSearchCV(steps, {"sparseregressor__max_terms": [1, 4]}, cv=3).fit(FRAME, FRAME["mass"] ** 2 + 1.0)
    assert search.best_score_ > 0.999
    model = SparseRegressor().fit(FRAME, FRAME["mass"] * FRAME["speed"])
    importance = permutation_importance(model, FRAME, FRAME["mass"] * FRAME["speed"], random_state=0).importances_mean
    assert importance[2] == 0.0 < importance[:2].min()


def test_it_can_be_kept_and_cloned():
    model = of_few_fits(maxsize=9).fit(FRAME, ENERGY)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(FRAME), model.predict(FRAME))
    assert clone(model).get_params() == model.get_params()


def test_a_feature_that_never_changes_is_left_alone():
    X = np.column_stack([FRAME["mass"], np.ones(90)])
    model = SparseRegressor().fit(X, 3.0 * X[:, 0])
    assert model.predict([[2.0, 7.0]]) == pytest.approx([6.0])


def test_a_column_called_like_the_target():
    X = FRAME.rename(columns={"mass": "y"})
    assert list(SparseRegressor().fit(X, 2.0 * X["speed"]).law_.equations) == ["y_"]


@pytest.mark.parametrize(
    ("X", "y", "weights", "said"),
    [
        (np.ones((9, 2)), np.arange(9.0), None, "No feature changes"),
        (FRAME[:3], ENERGY[:3], None, "n_samples=3 rows are too few"),
        (FRAME, ENERGY, np.full(90, -1.0), "from zero on"),
        (FRAME, ENERGY, np.ones(3), "must have the shape"),
    ],
)
def test_data_that_cannot_be_used(X, y, weights, said):
    with pytest.raises(DataError, match=said):
        SparseRegressor().fit(X, y, sample_weight=weights)


def test_settings_are_checked_when_they_are_used():
    with pytest.raises(SettingError, match="maxsize"):
        SymbolicRegressor(maxsize=0).fit(FRAME, ENERGY)
