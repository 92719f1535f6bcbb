"""pysindy is run on the same data, and its terms are read as ours."""

import numpy as np
import pytest

pytest.importorskip("pysindy")

from benchmarks.experiments import Experiment
from benchmarks.peers import fit, pysindy, trajectories
from discover.expr import Polynomial, text


def test_its_terms_are_ours() -> None:
    rng = np.random.default_rng(0)
    names = ("prey", "predator")
    t = np.linspace(0.0, 1.0, 400)
    X = [np.stack([np.cos(k * t + 1) + 0.3 * np.sin(7 * t + k), np.sin(3 * t + k)], axis=1) for k in (1.0, 2.0)]
    found = fit([x + 0.5 * rng.standard_normal(x.shape) for x in X], [x[:, :0] for x in X], t, names, 2)
    offered = {text(term, names) for term in Polynomial(3).build(names)}
    assert found
    assert {term for _, term in found} <= offered


@pytest.mark.parametrize("weak", [False, True])
def test_it_finds_a_clean_oscillator(weak: bool) -> None:
    record = pysindy(Experiment("forced oscillator", n_trajectories=2, n_samples=600), 0.0, seed=1, weak=weak)
    assert record["exact"]
    assert record["error"] < 0.05


def test_it_can_be_offered_a_sine() -> None:
    experiment = Experiment("pendulum", parameters=(("c", 0.5),), terms=("sin(theta)",))
    record = pysindy(experiment, 0.0, seed=1, weak=False)
    assert "omega: sin(theta)" not in record["missing"]


def test_it_sees_the_same_measurements() -> None:
    experiment = Experiment("lorenz", n_trajectories=2, n_samples=40)
    X, _, t = trajectories(experiment, 0.05, seed=2)
    frame = experiment.frame(0.05, seed=2)
    np.testing.assert_allclose(np.concatenate(X)[:, 0], frame["x"])
    np.testing.assert_allclose(t, frame["t"][:40])
