"""Data in which no law of motion is to be found, though some of them look as if there were one."""

import numpy as np

from discover.simulate import SYSTEMS, clean_trajectories

N_SAMPLES = 1000


def lorenz(seed):
    """Return one trajectory of Lorenz's system, shape (3, n_samples)."""
    return clean_trajectories(SYSTEMS["lorenz"], 1, N_SAMPLES, seed)[0][0]


def white_noise(rng, seed):
    """Nothing follows from anything."""
    return rng.standard_normal((2, N_SAMPLES))


def random_walk(rng, seed):
    """Smooth to the eye, and every step is new."""
    return np.cumsum(rng.standard_normal((2, N_SAMPLES)), axis=1)


def shuffled(rng, seed):
    """The points of an attractor, in no order."""
    return lorenz(seed)[:, rng.permutation(N_SAMPLES)]


def phase_randomised(rng, seed):
    """The spectrum of each variable as it was, and all else gone."""
    spectrum = np.fft.rfft(lorenz(seed))
    phase = np.exp(2j * np.pi * rng.random(spectrum.shape))
    phase[:, 0] = 1.0
    return np.fft.irfft(spectrum * phase, n=N_SAMPLES)


def fixed_point(rng, seed):
    """At rest, and measured with noise."""
    return np.array([[1.5], [-0.7]]) + 0.05 * rng.standard_normal((2, N_SAMPLES))


NULLS = {
    function.__name__: function for function in (white_noise, random_walk, shuffled, phase_randomised, fixed_point)
}


def null_table(kind, seed):
    """Return null data of one kind as a dict of columns."""
    X = NULLS[kind](np.random.default_rng([seed, len(kind)]), seed)
    return {"t": 0.01 * np.arange(X.shape[1])} | dict(zip("xyz", X, strict=False))
