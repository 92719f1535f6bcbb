"""Lorenz's butterfly: an exact law does not mean a long forecast.

Three noisy recordings of the Lorenz system give back its seven terms. Two simulations of the very law that
was found, started a millionth apart, then show why weather is forecast for days and not for months.

Try: raise the noise to 0.05, then to 0.2. What fails first, the terms or the coefficients?
"""

import numpy as np

import discover
from discover.simulate import generate, known_system


def main() -> discover.Discovery:
    """Find the seven terms, then follow two neighbours until they part."""
    lorenz = known_system("lorenz")
    data = generate(lorenz, n_trajectories=3, n_samples=1000, noise=0.01, seed=1)
    found = discover.dynamics(data)
    print(found)
    print("\nthe truth:", ", ".join(lorenz.equations), dict(lorenz.parameters))

    t = np.arange(0.0, 30.0, 0.05)
    start = np.array([-8.0, 7.0, 27.0])
    one = found.simulate(start, t)["x"]
    other = found.simulate(start + np.array([1e-6, 0.0, 0.0]), t)["x"]
    parted = t[np.abs(one.values - other.values) > 1.0]
    print(f"Two starts a millionth apart have nothing in common after t = {parted[0]:.1f}.")
    return found


if __name__ == "__main__":
    main()
