"""Laws of drift and diffusion: intervals, and the verdict on records too short, smooth or blurred."""

import numpy as np
import pytest

import discover
from discover.equation import squared_name
from discover.expr import text
from discover.simulate import SYSTEMS, generate
from tests.noisy import found_well, path, path_data


def found(x, dt=0.05, **options):
    return discover.dynamics(path_data(x, dt), form=discover.Stochastic(), **options)


def words(law):
    return {e.key: {text(t.expr, e.names) for t in e.terms} for e in law.all_equations}


def test_a_double_well_is_a_law_with_intervals_that_hold_the_truth():
    well = found_well()
    assert well.verdict.word == "law"
    assert words(well.law) == {"x": {"x", "x**3"}, squared_name("x"): {"1"}}
    truth = {"x": {"x": 1.0, "x**3": -1.0}, squared_name("x"): {"1": 0.25}}
    for equation in well.law.all_equations:
        for term in equation.terms:
            assert term.low < truth[equation.key][text(term.expr, equation.names)] < term.high
            assert term.inclusion > 0.9
    assert well.law.kind == "stochastic"
    assert well.law.diffusion[0].kind == "diffusion"
    assert well.law.estimator == "increments"


def test_coefficients_carry_units():
    columns = {"t [s]": 0.05 * np.arange(4000), "x [m]": path(n=4000)[0]}
    law = discover.dynamics(discover.load(columns, time="t"), form=discover.Stochastic()).law
    units = {text(t.expr, e.names): t.unit for e in law.all_equations for t in e.terms}
    assert units["x**3"] == "1/(m^2 s)"
    assert units["1"] == "m^2/s"


def test_brownian_motion_has_no_drift_and_is_no_law():
    nothing = found(path(("0",), ("1",), 4000, 0.05, 2))
    assert nothing.verdict.word == "none"
    assert nothing.verdict.reasons[0].startswith("No drift is seen, and the diffusion is constant")
    assert words(nothing.law)["x"] == set()


def test_a_record_of_a_few_relaxation_times_leaves_the_drift_open():
    for seed in range(4):
        short = found(path(("-x",), ("0.5",), 200, 0.05, 10 + seed))
        assert short.verdict.word != "law"


def test_a_smooth_path_is_told_to_be_one():
    smooth = discover.dynamics(generate(SYSTEMS["van der pol"], n_samples=600, seed=1), form=discover.Stochastic())
    assert smooth.verdict.word == "none"
    assert "is smooth" in smooth.verdict.reasons[0]


def test_an_orbit_under_measurement_noise_is_no_diffusion():
    data = generate(SYSTEMS["van der pol"], n_samples=1000, seed=1, noise=0.02)
    blurred = discover.dynamics(data, form=discover.Stochastic())
    assert blurred.verdict.word == "none"
    assert "measurement noise" in blurred.verdict.reasons[0]


def test_measurement_noise_on_a_diffusion_is_told_with_its_size():
    x = path() + 0.06 * np.random.default_rng(0).standard_normal((1, 10_000))
    noisy = found(x)
    assert noisy.verdict.word == "several"
    assert any("carries measurement noise of about 0.0" in reason for reason in noisy.verdict.reasons)
    assert noisy.law.evidence.noise[0] == pytest.approx(0.06, rel=0.15)
    assert noisy.law.diffusion[0].terms[0].low < 0.25 < noisy.law.diffusion[0].terms[0].high


def test_a_position_has_no_noise_of_its_own():
    x = path(("y", "x - x**3 - 0.5*y"), ("0", "0.25"), 8000, 0.05, 5, (1.0, 0.0))
    law = found(x).law
    assert words(law) == {"x": {"y"}, "y": {"x", "x**3", "y"}, squared_name("x"): set(), squared_name("y"): {"1"}}
    assert "x has no noise of its own" in law.verdict.reasons[0]


def test_probabilities_of_records_that_differ_in_length_mean_what_they_say():
    """Of drifts that are given 0.9 or more, at most one in ten is wrong."""
    sure = right = 0
    for seed in range(24):
        answer = found(path(("-x",), ("0.5",), 1200, 0.05, 40 + seed))
        scores = np.array([c.score for c in answer.front.of("x")])
        if 1.0 / np.exp(-0.5 * (scores - scores.min())).sum() >= 0.9:
            sure += 1
            right += words(answer.law)["x"] == {"x"}
    assert sure >= 3
    assert right >= 0.9 * sure


def walks(kicks, dt=0.05):
    """Return two relaxing states under given kicks (2, n), shape (2, n)."""
    x = np.zeros_like(kicks)
    for k in range(kicks.shape[1] - 1):
        x[:, k + 1] = x[:, k] * np.exp(-dt) + np.sqrt(dt) * kicks[:, k]
    return x


def test_noises_that_belong_together_are_told():
    kicks = np.random.default_rng(1).standard_normal((2, 4000))
    together = found(walks(np.stack([kicks[0], 0.8 * kicks[0] + 0.6 * kicks[1]])), library=discover.Polynomial(1))
    assert together.verdict.word == "several"
    assert any("The noises of x and y correlate by 0.8" in reason for reason in together.verdict.reasons)


def test_jumps_are_told():
    rng = np.random.default_rng(2)
    kicks = rng.standard_normal((1, 4000)) + 8.0 * (rng.random((1, 4000)) < 0.01)
    jumping = found(walks(kicks), library=discover.Polynomial(1))
    assert jumping.verdict.word == "several"
    assert any("heavier tails" in reason for reason in jumping.verdict.reasons)
