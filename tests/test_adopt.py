import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import discover
from discover import from_pysindy
from discover.errors import SettingError
from discover.expr import parse, text
from discover.peers import PySINDy
from discover.simulate import SYSTEMS, clean_trajectories

needs_pysindy = pytest.mark.skipif(PySINDy.missing() is not None, reason=f"pysindy: {PySINDy.missing()}")
LORENZ = SYSTEMS["lorenz"]
NAMES = ["x", "y", "z z"]


def model_of(features, Xi, names=("x", "y"), kind="SINDy"):
    """Return what is read of a fitted model: its library by placeholders, its numbers and its names."""
    library = SimpleNamespace(get_feature_names=lambda given: [f.format(*given) for f in features])
    made = {"coefficients": lambda: np.array(Xi), "feature_library": library, "feature_names": list(names)}
    return type(kind, (SimpleNamespace,), {})(**made, optimizer=SimpleNamespace(coef_=np.array(Xi)))


def fitted(**settings):
    import pysindy

    X = clean_trajectories(LORENZ, 1, 2000)[0][0]
    model = pysindy.SINDy(optimizer=pysindy.STLSQ(threshold=0.2), **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X.T, t=LORENZ.dt, feature_names=NAMES)
    return model, X


@needs_pysindy
def test_terms_names_and_numbers_are_kept():
    model, X = fitted()
    found = from_pysindy(model)
    assert list(found.equations) == NAMES
    terms = {text(term.expr, found.law.names): term.value for term in found.equations["y"].terms}
    assert set(terms) == {"x", "y", "x*`z z`"}
    rates = found.function()(X.T[:50])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.allclose(rates, model.predict(X.T[:50]), rtol=1e-9)


@needs_pysindy
def test_it_is_a_discovery_like_any_other(tmp_path):
    model, X = fitted()
    found = from_pysindy(model)
    assert found.verdict.word == "several"
    assert "not judged" in found.verdict.reasons[0]
    assert found.simulate(X[:, 0], np.linspace(0, 1, 5)).sizes["time"] == 5
    found.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json") == found
    found.report(tmp_path / "report.html")
    assert "fitted pysindy model" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "9.97" in found.latex()
    assert len(found.sympy()) == 3


def test_features_are_read_as_pysindy_writes_them():
    model = model_of(["1", "{0}^2 {1}", "sin(2 {1})", "{0} cos(1 {1})"], [[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0]])
    found = from_pysindy(model)
    points = np.array([[0.3, 0.7], [1.1, -0.2]])
    x, y = points.T
    assert found.function()(points) == pytest.approx(
        np.stack([1 + 2 * x**2 * y, 3 * np.sin(2 * y) + 4 * x * np.cos(y)], 1)
    )


def test_equal_features_are_one_term():
    (term,) = from_pysindy(model_of(["{0}", "{0}"], [[1.0, 2.0]], names=("x",))).equations["x"].terms
    assert term.value == 3.0
    assert term.expr == parse("x", ["x"])


def test_inputs_have_no_equation_and_maps_stay_maps():
    found = from_pysindy(model_of(["{0}", "{1}"], [[0.5, 2.0]], names=("x", "u"), kind="DiscreteSINDy"))
    assert list(found.equations) == ["x"]
    assert found.law.inputs == ("u",)
    assert found.law.kind == "map"


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (3, "takes a fitted pysindy model, got int"),
        (model_of(["{0}_1"], [[1.0]], names=("x",)), 'term "v0_1" of the pysindy model cannot be read'),
        (model_of(["{0}"], [[1.0]], names=("x", "x")), "need names that differ"),
        (SimpleNamespace(coefficients=1, feature_library=2, optimizer=SimpleNamespace()), "is not fitted"),
    ],
)
def test_what_cannot_be_taken_over_is_told(model, told):
    with pytest.raises(SettingError, match=told):
        from_pysindy(model)


HALL = "Complexity,Loss,Equation\n1,9.0,x0\n3,0.5,x0 * x1\n5,0.4,x0 * (1.999 * x1)\n6,0.39,max(x0 ^ 2.0 * x1)\n"


@pytest.fixture
def hall(tmp_path):
    (tmp_path / "hall_of_fame.csv").write_text(HALL, encoding="utf-8")
    return tmp_path


def test_a_hall_of_fame_becomes_a_discovery(hall):
    found = discover.from_pysr(hall, target="F", names=["m", "a"])
    (equation,) = found.equations.values()
    assert text(equation.terms[0].expr, found.law.names) == "m*a"
    assert found.table()["equation"].tolist() == ["F = m", "F = m·a", "F = m·(1.999·a)"]
    assert found.verdict.word == "several"
    assert any("max" in note for note in found.law.provenance.notes)
    assert found.predict(np.array([[3.0, 2.0]])) == pytest.approx(6.0)
    found.save(hall / "law.json")
    assert discover.load_law(hall / "law.json") == found


def test_with_its_data_a_hall_of_fame_is_fitted_and_judged(hall):
    m, a = np.random.default_rng(0).uniform(1.0, 3.0, (2, 100))
    table = {"m": m, "a": a, "F": 2.0 * m * a + 0.01 * np.random.default_rng(1).standard_normal(100)}
    found = discover.from_pysr(hall / "hall_of_fame.csv", data=table, target="F", names=["m", "a"])
    (term,) = found.equations["F"].terms
    assert abs(term.value - 2.0) < 4 * term.std < 0.01
    assert found.verdict.word == "law", found.verdict.reasons


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"names": ["m"]}, "The formulas use 2 columns, and 1 were named"),
        ({"names": ["m", "m"]}, "must differ"),
        ({"names": ["y", "a"]}, "must differ"),
    ],
)
def test_names_that_do_not_fit_a_hall_of_fame(hall, options, said):
    with pytest.raises(SettingError, match=said):
        discover.from_pysr(hall, **options)


def test_a_folder_without_a_hall_of_fame(tmp_path):
    with pytest.raises(discover.DataError, match=r"There is no hall_of_fame\.csv"):
        discover.from_pysr(tmp_path)
