"""Measurements that a known system would give: trajectories with noise, from a seed."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.errors import SettingError
from discover.simulate.forward import run
from discover.simulate.layout import one_trajectory, several_trajectories
from discover.simulate.systems import System

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

OVERSAMPLING = 8  # inputs are known to the simulation on a grid so many times finer than the samples
N_TONES = 3


def generate(
    system: System, n_trajectories: int = 1, n_samples: int = 1000, noise: float = 0.0, seed: int = 0
) -> "xr.Dataset":
    """Return trajectories of a known system with white normal noise on its states.

    Args:
        system: what is simulated, at steps of `system.dt`.
        n_trajectories: how many, from initial states drawn within `system.spread` of `system.x0`.
        n_samples: samples of each.
        noise: level, that is sigma / RMS(clean) of each variable over all trajectories; inputs stay clean.
        seed: the same seed gives the same numbers.

    Returns:
        Dimension "time" for one trajectory, else "sample" with coordinates "trajectory" and "time".

    Raises:
        SettingError: for numbers out of range.

    >>> from discover.simulate.systems import LORENZ
    >>> dict(generate(LORENZ, n_trajectories=3, n_samples=100, noise=0.01).sizes)
    {'sample': 300}
    """
    if n_trajectories < 1 or n_samples < 2 or not noise >= 0:
        raise SettingError(
            "generate needs n_trajectories >= 1, n_samples >= 2 and noise >= 0, "
            f"got {n_trajectories}, {n_samples} and {noise}."
        )
    field, time = system.field(), np.arange(n_samples, dtype=np.float64) * system.dt
    X, U = clean_trajectories(system, n_trajectories, n_samples, seed)
    sigma = noise * np.sqrt(np.mean(X**2, axis=(0, 2)))
    X = X + sigma[:, None] * np.random.default_rng([seed, 1]).standard_normal(X.shape)
    source = f"{system.name}, noise {noise:g} (sigma / RMS of the clean values), seed {seed}"
    if n_trajectories == 1:
        return one_trajectory(field, time, X[0], U[0], source)
    labels = [str(number) for number in range(n_trajectories)]
    return several_trajectories(field, labels, [time] * n_trajectories, list(X), list(U), source)


def clean_trajectories(system: System, n_trajectories: int, n_samples: int, seed: int = 0) -> tuple[Array, Array]:
    """Return states (n_trajectories, n_states, n_samples) and inputs (n_trajectories, n_inputs, n_samples)."""
    rng = np.random.default_rng([seed, 0])
    X0 = np.array(system.x0) + np.array(system.spread) * rng.uniform(-1.0, 1.0, (n_trajectories, len(system.states)))
    fine = OVERSAMPLING if system.inputs else 1
    n_waiting = int(np.ceil(system.burn_in / system.dt))
    t = np.arange((n_waiting + n_samples - 1) * fine + 1, dtype=np.float64) * (system.dt / fine)
    U = _tones(rng, (n_trajectories, len(system.inputs)), t / system.input_period)
    X, notes = run(system.field(), X0, t, U, rtol=1e-11, max_steps=1_000_000)
    if notes:
        raise SettingError(f'"{system.name}" cannot be run for {n_samples} samples: {notes[0]}')
    return X[:, :, n_waiting * fine :: fine], U[:, :, n_waiting * fine :: fine]


def _tones(rng: np.random.Generator, shape: tuple[int, int], cycles: Array) -> Array:
    """Return sums of sines with incommensurate frequencies and random phases, shape (*shape, n_samples)."""
    frequencies = np.sqrt([1.0, 3.0, 7.0])[:N_TONES]
    phases = rng.uniform(0.0, 2 * np.pi, (*shape, N_TONES))
    waves = np.sin(2 * np.pi * frequencies[:, None] * cycles + phases[..., None])
    return waves.sum(axis=2)
