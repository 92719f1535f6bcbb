"""Every experiment has a truth in the terms of its library, and a file that loads."""

from pathlib import Path

import numpy as np
import pytest

import discover
from benchmarks.experiments import GROUP, TIME, USUAL, VARIANTS, Experiment
from benchmarks.recovery import key


@pytest.mark.parametrize("experiment", [*USUAL, *VARIANTS], ids=lambda experiment: experiment.key)
def test_every_state_has_true_terms(experiment: Experiment) -> None:
    assert {target for target, _ in experiment.truth()} == set(experiment.system().states)


def test_no_two_experiments_have_the_same_key() -> None:
    keys = [experiment.key for experiment in (*USUAL, *VARIANTS)]
    assert len(set(keys)) == len(keys)
    assert len({key(experiment, noise, 1) for experiment in USUAL for noise in (0.01, 0.05)}) == 2 * len(USUAL)


def test_the_truth_of_lorenz_is_what_lorenz_wrote() -> None:
    assert Experiment("lorenz", parameters=(("rho", 45.0),)).truth() == pytest.approx(
        {
            ("x", "x"): -10.0,
            ("x", "y"): 10.0,
            ("y", "x"): 45.0,
            ("y", "y"): -1.0,
            ("y", "x*z"): -1.0,
            ("z", "z"): -8 / 3,
            ("z", "x*y"): 1.0,
        }
    )


def test_a_parameter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="sigma"):
        Experiment("lorenz", parameters=(("sgima", 1.0),)).system()


@pytest.mark.parametrize("n_trajectories", [1, 2])
def test_the_file_is_what_was_measured(tmp_path: Path, n_trajectories: int) -> None:
    experiment = Experiment("forced oscillator", n_trajectories=n_trajectories, n_samples=50)
    experiment.write(tmp_path / "data.csv", noise=0.01, seed=3)
    data = discover.load(tmp_path / "data.csv", time=TIME, group=GROUP, inputs=["u"])
    frame = experiment.frame(noise=0.01, seed=3)
    np.testing.assert_allclose(data["x"].values.ravel(), frame["x"], rtol=1e-8)
    assert data["u"].attrs["role"] == "input"
    assert len(set(frame[GROUP].tolist())) == n_trajectories
    assert "--inputs" in experiment.options()
