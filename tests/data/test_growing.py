"""Noise that grows with the signal is found where it is, and not where it is not."""

import numpy as np
import pytest

from discover import dynamics, load
from discover.data.formulate import formulate
from discover.data.growing import growing_noise

TIME = np.linspace(0.0, 20.0, 600)
WAVES = np.array([2.0 * np.sin(TIME), 2.0 * np.cos(TIME)])


def noisy(part: float, level: float, seed: int) -> np.ndarray:
    """Return waves under noise of that share of their RMS, of whose variance `part` grows with the value."""
    rng, rms = np.random.default_rng(seed), np.sqrt(2.0)
    size = level * np.sqrt((1.0 - part) * rms**2 + part * WAVES**2)
    return WAVES + size * rng.standard_normal(WAVES.shape)


@pytest.mark.parametrize("seed", range(4))
def test_noise_in_per_cent_of_the_value_is_found(seed: int) -> None:
    base, share = growing_noise([(TIME, noisy(1.0, 0.05, seed))])
    np.testing.assert_allclose(share, 0.05, rtol=0.2)
    assert (base < 0.02).all()


def test_noise_of_one_size_is_left_alone() -> None:
    alarms = 0
    for seed in range(40):
        base, share = growing_noise([(TIME, noisy(0.0, 0.05, seed))])
        alarms += share.any()
        np.testing.assert_allclose(base[share == 0.0], 0.05 * np.sqrt(2.0), rtol=0.25)
    assert alarms <= 2


def test_noise_alone_does_not_grow_with_itself() -> None:
    rng = np.random.default_rng(0)
    assert not any(growing_noise([(TIME, rng.standard_normal((2, len(TIME))))])[1].any() for _ in range(10))


def test_nothing_is_concluded_from_a_few_samples() -> None:
    base, share = growing_noise([(TIME[:20], noisy(1.0, 0.05, 0)[:, :20])])
    assert base.shape == share.shape == (2,)
    assert not share.any()
    assert not growing_noise([(TIME[:5], WAVES[:, :5])])[1].any()


def test_every_sample_gets_its_own_noise() -> None:
    X = noisy(1.0, 0.05, 1)
    problem = formulate(load({"t": TIME, "a": X[0], "b": X[1]}))
    assert problem.growing is not None
    assert any("grows with the size" in note for note in problem.notes)
    block = problem.blocks[0]
    size = problem.noise_on(block)
    crest, crossing = np.argmax(np.abs(WAVES[0])), np.argmin(np.abs(WAVES[0]))
    assert size[0, crest] == pytest.approx(0.1, rel=0.25)
    assert 0.0 < size[0, crossing] < 0.02
    np.testing.assert_allclose(problem.noise[0], 0.05 * np.sqrt(2.0), rtol=0.2)


def test_the_law_does_not_describe_the_noise() -> None:
    X = noisy(1.0, 0.05, 2)
    found = dynamics({"t": TIME, "a": X[0], "b": X[1]}, seed=0)
    assert {name: len(equation.terms) for name, equation in found.equations.items()} == {"a": 1, "b": 1}
    for equation, truth in zip(found.equations.values(), (1.0, -1.0), strict=True):
        (term,) = equation.terms
        assert abs(term.value - truth) < 4.0 * term.std
