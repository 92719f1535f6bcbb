"""Refinement on trajectories: it gains, it covers, and nothing that is handed in makes it raise or hang."""

import numpy as np
import pytest

from discover.data import example
from discover.errors import DataError, SettingError
from discover.expr import Polynomial, call, constant, parse, variable
from discover.inference.trajectories import Measured, Refinement, refine
from discover.simulate import clean_trajectories, known_system
from tests.rationals import clean

x, y, z = variable(0), variable(1), variable(2)


def sides_of(system):
    """Return the true (coefficient, term) pairs of every state."""
    extra = [parse("sin(theta)", system.names)] if system.name == "pendulum" else []
    library = [*Polynomial(1 if extra else 3).build(system.names), *extra]
    Xi = system.true_terms(library)
    return [[(Xi[t, i], library[t]) for t in np.flatnonzero(Xi[:, i])] for i in range(Xi.shape[1])]


def flat(sides):
    return np.array([value for side in sides for value, _ in side])


def scaled(sides, factors):
    factors = iter(factors)
    return [[(value * next(factors), term) for value, term in side] for side in sides]


def measure(name, level, n_trajectories=2, n_samples=400, seed=0):
    """Return sides, noisy stretches and the noise; level is sigma / RMS of the clean values."""
    system = known_system(name)
    X, U = clean_trajectories(system, n_trajectories, n_samples, seed)
    sigma = level * np.sqrt(np.mean(X**2, axis=(0, 2)))
    noisy = X + sigma[:, None] * np.random.default_rng([seed, 1]).standard_normal(X.shape)
    time = system.dt * np.arange(n_samples)
    return sides_of(system), [Measured(time, *each) for each in zip(noisy, U, strict=True)], sigma


@pytest.mark.parametrize("level", [0.01, 0.05])
@pytest.mark.parametrize(
    "name", ["lorenz", "van der pol", "rossler", "lotka-volterra", "pendulum", "forced oscillator", "fitzhugh-nagumo"]
)
def test_refinement_gains(name, level):
    sides, stretches, sigma = measure(name, level)
    truth = flat(sides)
    begin = scaled(sides, 1 + level * np.random.default_rng(2).standard_normal(len(truth)))
    found = refine(begin, stretches, sigma, first_length=25)
    assert found.accepted
    assert found.length >= 200
    assert 0.8 < found.chi2 < 1.1
    assert np.linalg.norm(found.coefficients - truth) < 0.5 * np.linalg.norm(flat(begin) - truth)
    assert (np.abs(found.coefficients - truth) < 4.5 * found.std).all()


def test_intervals_cover():
    """40 draws of 4 coefficients: 95 % intervals hold the truth in 90 to 99.5 %."""
    inside = []
    for seed in range(40):
        sides, stretches, sigma = measure("lotka-volterra", 0.05, 1, 200, seed)
        low, high = refine(sides, stretches, sigma, first_length=25).interval()
        inside.append((low <= flat(sides)) & (flat(sides) <= high))
    assert 0.90 <= np.mean(inside) <= 0.995


def test_a_start_from_zero_arrives():
    sides, stretches, sigma = measure("lorenz", 0.01)
    far = refine(scaled(sides, np.zeros(7)), stretches, sigma, first_length=25)
    near = refine(sides, stretches, sigma, first_length=25)
    np.testing.assert_allclose(far.coefficients, near.coefficients, atol=0.2 * near.std.min())


def test_the_same_call_gives_the_same_bits():
    sides, stretches, sigma = measure("lorenz", 0.02)
    one, other = (refine(sides, stretches, sigma, first_length=25) for _ in range(2))
    assert np.array_equal(one.coefficients, other.coefficients)
    assert np.array_equal(one.covariance, other.covariance)


@pytest.fixture(scope="module")
def pelts() -> tuple[list, list[Measured]]:
    """Hudson Bay pelts: 21 years of hare and lynx, and rough values of the law's coefficients."""
    table = example("pelts")
    states = np.array([table["hare"].values, table["lynx"].values])
    sides = [[(0.5, x), (-0.025, x * y)], [(-0.8, y), (0.025, x * y)]]
    return sides, [Measured(np.asarray(table["time"].values, dtype=float), states, np.empty((0, 21)))]


def test_the_pelts_agree_with_the_published_posterior(pelts):
    """Means and sd of the log-normal posterior by Carpenter (2018), Stan case study on these data."""
    found = refine(*pelts, np.full(2, 0.25), first_length=7, errors="relative")
    mean, sd = np.array([0.547, -0.0277, -0.800, 0.0241]), np.array([0.063, 0.0041, 0.089, 0.0035])
    assert found.accepted
    assert found.length == 21
    assert (np.abs(found.coefficients - mean) < 0.3 * sd).all()
    np.testing.assert_allclose(found.std, sd, rtol=0.1)


@pytest.mark.parametrize("first_length", [5, 7, 9])
def test_the_pelts_do_not_hang_on_the_first_length(pelts, first_length):
    found = refine(*pelts, np.full(2, 0.25), first_length=first_length, noise_error=0.5, errors="relative")
    np.testing.assert_allclose(found.coefficients, [0.540, -0.0271, -0.7995, 0.0239], rtol=0.01)


def test_a_poorly_known_noise_is_estimated_from_chi_square(pelts):
    wide, narrow = (
        refine(*pelts, np.full(2, level), first_length=7, noise_error=0.5, errors="relative") for level in (0.5, 0.25)
    )
    np.testing.assert_allclose(wide.std, narrow.std, rtol=0.05)
    assert wide.t_dof == wide.dof == 42 - 2 - 4
    known = refine(*pelts, np.full(2, 0.5), first_length=7, errors="relative")
    np.testing.assert_allclose(known.std, 2 * narrow.std / np.sqrt(narrow.chi2), rtol=0.05)
    assert known.t_dof == np.inf


def test_the_interval_is_wider_where_the_noise_is_less_known():
    sides, stretches, sigma = measure("lotka-volterra", 0.02, 1, 100)
    sure, unsure = (refine(sides, stretches, sigma, first_length=25, noise_error=e) for e in (0.0, 0.1))
    assert unsure.t_dof == pytest.approx(50)
    assert (np.diff(unsure.interval(), axis=0) > np.diff(sure.interval(), axis=0)).all()


def diverging(sides):
    return [[*sides[0], (1.0, x**3)], *sides[1:]]


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("cubed", diverging, "the law diverges"),
        ("logarithm of a negative", lambda s: [[*s[0], (0.1, call("log", x))], *s[1:]], "the law diverges"),
        ("not a number", lambda s: [[(np.nan, x)], *s[1:]], "the law diverges"),
        ("huge", lambda s: [[(1e300, x)], *s[1:]], "the law diverges"),
        ("term missing", lambda s: [s[0][:1], *s[1:]], "chi-square per degree of freedom"),
        ("no term at all", lambda s: [[], [], []], "chi-square per degree of freedom"),
    ],
)
def test_a_law_that_does_not_follow_is_refused_with_a_reason(name, change, reason):
    sides, stretches, sigma = measure("lorenz", 0.01, n_samples=100)
    wrong = change(sides)
    found = refine(wrong, stretches, sigma, first_length=25)
    assert not found.accepted
    assert reason in found.reason
    assert np.array_equal(found.coefficients, flat(wrong), equal_nan=True)
    assert np.isnan(found.covariance).all()
    assert all(np.isnan(states).all() for states in found.simulated)


def test_terms_that_cannot_be_told_apart_have_infinite_errors():
    sides, stretches, sigma = measure("lorenz", 0.01, n_samples=100)
    twice = [[*sides[0], (0.0, x + y)], *sides[1:]]
    found = refine(twice, stretches, sigma, first_length=25)
    assert found.accepted
    assert np.isinf(found.std[:3]).all()
    assert np.isfinite(found.std[3:]).all()


def test_missing_values_and_uneven_times_are_no_obstacle():
    sides, stretches, sigma = measure("lorenz", 0.01, n_samples=300)
    rng, patchy = np.random.default_rng(4), []
    for stretch in stretches:
        kept = np.sort(rng.choice(300, 220, replace=False))
        states = stretch.states[:, kept].copy()
        states[rng.random(states.shape) < 0.2] = np.nan
        patchy.append(Measured(stretch.time[kept], states, stretch.inputs[:, kept]))
    found = refine(sides, patchy, sigma, first_length=20)
    assert found.accepted
    assert found.length >= 80
    assert (np.abs(found.coefficients - flat(sides)) < 4.5 * found.std).all()


def test_stretches_are_cut_where_an_input_is_missing():
    sides, stretches, sigma = measure("forced oscillator", 0.02, 1)
    stretches[0].inputs[0, 150:160] = np.nan
    found = refine(sides, stretches, sigma, first_length=25)
    assert found.accepted
    assert np.isnan(found.simulated[0][:, 150:160]).all()
    assert np.isfinite(found.simulated[0][:, [149, 160]]).all()
    assert sorted(found.segment_first.tolist()) == [0, 160]
    assert found.segment_stretch.tolist() == [0, 0]


def test_what_is_simulated_stays_beside_the_data():
    sides, stretches, sigma = measure("van der pol", 0.05, n_samples=200)
    found = refine(sides, stretches, sigma, first_length=25)
    squares = sum(
        np.sum(((s.states - m) / sigma[:, None]) ** 2) for s, m in zip(stretches, found.simulated, strict=True)
    )
    assert squares / found.dof == pytest.approx(found.chi2, rel=1e-9)
    for stretch, first, state in zip(found.segment_stretch, found.segment_first, found.initial_states.T, strict=True):
        assert np.array_equal(found.simulated[stretch][:, first], state)


def test_data_without_noise_are_fitted_to_the_digits_that_the_noise_allows():
    sides, stretches, sigma = measure("lorenz", 0.0, n_samples=200)
    found = refine(scaled(sides, [1.001] * 7), stretches, np.full(3, 1e-5), first_length=25)
    assert found.accepted
    assert found.length == 200
    np.testing.assert_allclose(found.coefficients, flat(sides), rtol=1e-6)
    assert found.n_substeps > 1
    assert sigma.tolist() == [0.0] * 3


def test_too_few_samples_are_a_refusal():
    sides, stretches, sigma = measure("lorenz", 0.01, 1, 3)
    found = refine(sides, stretches, sigma, first_length=25)
    assert not found.accepted
    assert "more unknowns than measurements" in found.reason


def test_the_budget_is_asked_before_every_length():
    sides, stretches, sigma = measure("lotka-volterra", 0.01)
    asked, told = [], []

    def spent() -> bool:
        asked.append(None)
        return len(asked) > 2

    found = refine(
        sides, stretches, sigma, first_length=25, spent=spent, observe=lambda step, share: told.append((step, share))
    )
    assert found.reason == "the budget was spent"
    assert [length for length, _ in found.history] == [25, 50]
    assert told == [("trajectories of 25 samples", 0.0), ("trajectories of 50 samples", pytest.approx(1 / 5))]


def test_no_budget_at_all_leaves_the_start():
    sides, stretches, sigma = measure("lotka-volterra", 0.01)
    found: Refinement = refine(sides, stretches, sigma, first_length=25, spent=lambda: True)
    assert not found.accepted
    assert np.array_equal(found.coefficients, flat(sides))


def test_the_longest_length_may_be_limited():
    sides, stretches, sigma = measure("lotka-volterra", 0.01)
    found = refine(sides, stretches, sigma, first_length=25, max_length=60)
    assert [length for length, _ in found.history] == [25, 50]


GOOD = Measured(np.arange(10.0), np.ones((1, 10)), np.empty((0, 10)))


@pytest.mark.parametrize(
    ("stretches", "options", "error", "message"),
    [
        ([GOOD], {"noise": [0.1, 0.1]}, SettingError, "1 positive numbers, one per state"),
        ([GOOD], {"noise": [0.0]}, SettingError, "positive numbers"),
        ([GOOD], {"noise": [np.nan]}, SettingError, "positive numbers"),
        ([GOOD], {"first_length": 2}, SettingError, "at least 3 samples, not 2"),
        ([GOOD], {"errors": "log"}, SettingError, '"additive" or "relative", not "log"'),
        ([], {}, DataError, "two samples in a row"),
        (
            [Measured(np.arange(10.0), -np.ones((1, 10)), GOOD.inputs)],
            {"errors": "relative"},
            DataError,
            "not positive",
        ),
        ([Measured(np.arange(9.0), np.ones((1, 10)), GOOD.inputs)], {}, DataError, r"stretch 0 has 9 times"),
        ([Measured(np.arange(10.0)[::-1], GOOD.states, GOOD.inputs)], {}, DataError, "time must increase.*9.0 to 8.0"),
        ([Measured(GOOD.time, GOOD.states, np.full((1, 10), np.nan))], {}, DataError, "known inputs"),
    ],
)
def test_what_cannot_be_used_is_said(stretches, options, error, message):
    settings = {"noise": [0.1], "first_length": 5, **options}
    with pytest.raises(error, match=message):
        refine([[(-1.0, x)]], stretches, **settings)


@pytest.mark.parametrize("errors", ["additive", "relative"])
def test_quotients_are_fitted_like_sums(errors):
    """x' = a x / (1 + b x): the coefficient below enters nonlinearly and is found with the one above."""
    x, t = variable(0), np.linspace(0.0, 3.0, 200)
    (X,) = clean(("-5*x/(1 + 3.3*x)",), ((2.0,),), 3.0, 200)[1]
    noise = 0.01 * X if errors == "relative" else np.full_like(X, 0.01)
    data = Measured(t, X + noise * np.random.default_rng(4).standard_normal(X.shape), np.empty((0, 200)))
    below = [(1.0, constant(1.0)), (2.0, x)]
    found = refine([[(-3.0, x)]], [data], np.array([0.01]), first_length=25, errors=errors, divisors=[below])
    assert found.accepted
    assert found.coefficients == pytest.approx([-5.0, 3.3], rel=0.05)
    assert (np.abs(found.coefficients - [-5.0, 3.3]) < 3.5 * found.std).all()
    assert found.covariance.shape == (2, 2)


def test_a_pole_on_the_way_is_refused():
    x, t = variable(0), np.linspace(0.0, 3.0, 200)
    (X,) = clean(("-5*x/(1 + 3.3*x)",), ((2.0,),), 3.0, 200)[1]
    below = [(1.0, constant(1.0)), (-1.0, x)]
    found = refine(
        [[(-3.0, x)]], [Measured(t, X, np.empty((0, 200)))], np.array([1e-3]), first_length=25, divisors=[below]
    )
    assert not found.accepted or abs(found.coefficients[1] - 3.3) < 0.1
