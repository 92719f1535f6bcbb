import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from discover.errors import ExpressionError
from discover.expr import constant, derivative, evaluate, interval, interval_throughout, parse, variable
from tests.expr.strategies import N_VARIABLES, expressions, samples
from tests.reference import rounding_error, values

x, y = variable(0), variable(1)


def agree(found, expected, error):
    """Whether values agree within the rounding that may be trusted; True where none may."""
    sure = np.isfinite(error)
    return bool(np.all(np.abs(found[sure] - expected[sure]) <= error[sure]))


@given(expressions(), samples())
def test_evaluation_equals_the_reference_twin(expr, X):
    assert agree(evaluate(expr, X), values(expr, X), rounding_error(expr, X))


@given(expressions(), samples())
def test_a_sample_is_finite_where_the_twin_is(expr, X):
    sure = np.isfinite(rounding_error(expr, X))
    assert np.array_equal(np.isfinite(evaluate(expr, X))[sure], np.isfinite(values(expr, X))[sure])


@pytest.mark.parametrize(
    "written", ["x/(1/y)", "1/(1/y)", "exp(-1/y)", "atan(1/y)", "tanh(1/y)", "(1/y)**0", "1**(1/y)"]
)
def test_no_infinity_is_swallowed(written):
    assert np.isnan(evaluate(parse(written, ["x", "y"]), [[1.0], [0.0]])[0])


def test_a_constant_fills_every_sample():
    assert evaluate(constant(2), np.zeros((1, 3))).tolist() == [2.0, 2.0, 2.0]


def test_evaluation_refuses_what_it_cannot_do():
    with pytest.raises(ExpressionError, match="n_variables, n_samples"):
        evaluate(x, [1.0, 2.0])
    with pytest.raises(ExpressionError, match="X has 1 variables"):
        evaluate(y, [[1.0, 2.0]])
    with pytest.raises(ExpressionError, match="no value at a single sample"):
        evaluate(derivative(x, (1,)), [[1.0, 2.0]])


@given(
    expressions(),
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 3)), min_size=N_VARIABLES, max_size=N_VARIABLES),
    st.integers(0, 2**32 - 1),
)
def test_bounds_hold_every_value(expr, ranges, seed):
    lows = np.array([low for low, _ in ranges])
    highs = lows + np.array([width for _, width in ranges])
    bounds = interval(expr, lows.tolist(), highs.tolist())
    share = np.random.default_rng(seed).choice([0.0, 0.25, 0.5, 0.9, 1.0], (N_VARIABLES, 20))
    X = np.clip(lows[:, None] + share * (highs - lows)[:, None], lows[:, None], highs[:, None])
    found, error = evaluate(expr, X), rounding_error(expr, X)
    sure = np.isfinite(error) & np.isfinite(found)
    assume(sure.any())
    assert not bounds.is_empty
    assert np.all(found[sure] >= bounds.low - error[sure])
    assert np.all(found[sure] <= bounds.high + error[sure])


@given(
    expressions(),
    st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 3)), min_size=N_VARIABLES, max_size=N_VARIABLES),
    st.integers(0, 2**32 - 1),
)
def test_bounds_throughout_promise_a_value_everywhere(expr, ranges, seed):
    lows = np.array([low for low, _ in ranges])
    highs = lows + np.array([width for _, width in ranges])
    bounds = interval_throughout(expr, lows.tolist(), highs.tolist())
    assume(not bounds.is_empty)
    share = np.random.default_rng(seed).uniform(size=(N_VARIABLES, 200))
    share[:, :3] = [0.0, 0.5, 1.0]
    X = np.clip(lows[:, None] + share * (highs - lows)[:, None], lows[:, None], highs[:, None])
    X = np.concatenate([X, np.clip(np.zeros((N_VARIABLES, 1)), lows[:, None], highs[:, None])], axis=1)
    found, error = evaluate(expr, X), rounding_error(expr, X)
    sure = np.isfinite(error)
    assert np.isfinite(found[sure]).all()
    assert np.all(found[sure] >= bounds.low - error[sure])
    assert np.all(found[sure] <= bounds.high + error[sure])


@pytest.mark.parametrize(
    ("written", "low", "high", "certain"),
    [
        ("sin(1/x)", -1.0, 1.0, False),
        ("tanh(1/x)", -1.0, 1.0, False),
        ("exp(-1/x**2)", -1.0, 1.0, False),
        ("0*(1/x)", -1.0, 1.0, False),
        ("x/x", -1.0, 1.0, False),
        ("1/(x**2 + 1)", -3.0, 3.0, True),
        ("1/x**2", 0.0, 1.0, False),
        ("x**-2", -1.0, 1.0, False),
        ("x**4 - x**2", -2.0, 2.0, True),
        ("sqrt(x)", -1e-9, 1.0, False),
        ("sqrt(x)", 0.0, 1.0, True),
        ("log(x)", 0.0, 1.0, False),
        ("asin(x)", -1.0, 1.0, True),
        ("asin(x)", -1.0, 1.0001, False),
        ("tan(x)", 0.0, 1.5, True),
        ("tan(x)", 0.0, 1.6, False),
        ("x**0.5", -0.1, 1.0, False),
        ("cos(x)**2", -50.0, 90.0, True),
    ],
)
def test_where_a_value_is_certain(written, low, high, certain):
    assert interval_throughout(parse(written, ["x"]), [low], [high]).is_empty is not certain


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("x**2", 0, 4),
        ("x**3", -8, 1),
        ("x**-2", 0.25, np.inf),
        ("1/x", -np.inf, np.inf),
        ("1/(x + 2)", 1 / 3, np.inf),
        ("abs(x)", 0, 2),
        ("sin(x)", -1, np.sin(1)),
        ("cos(x)", np.cos(2), 1),
        ("tan(x/4)", np.tan(-0.5), np.tan(0.25)),
        ("tan(x)", -np.inf, np.inf),
        ("sqrt(x)", 0, 1),
        ("log(x)", -np.inf, 0),
        ("cosh(x)", 1, np.cosh(2)),
        ("acos(x)", 0, np.pi),
        ("exp(x) - 1", np.exp(-2) - 1, np.e - 1),
        ("(x + 2)**0.5", 0, 3**0.5),
        ("2**x", 0.25, 2),
        ("x**0", 1, 1),
        ("0*log(x)", 0, 0),
    ],
)
def test_bounds_are_tight_where_a_variable_occurs_once(written, low, high):
    bounds = interval(parse(written, ["x"]), [-2.0], [1.0])
    np.testing.assert_allclose(bounds, (low, high), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("written", ["sqrt(x)", "log(x)", "asin(x)", "x**0.5", "1/0", "sqrt(x) + x", "sin(log(x))"])
def test_bounds_are_empty_where_nothing_has_a_value(written):
    assert interval(parse(written, ["x"]), [-5.0], [-4.0]).is_empty


def test_ranges_are_checked():
    with pytest.raises(ExpressionError, match="upside down"):
        interval(x, [1.0], [0.0])
    with pytest.raises(ExpressionError, match="2 variables need a range"):
        interval(y, [1.0], [2.0])
