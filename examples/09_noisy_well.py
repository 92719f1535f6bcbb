"""A double well: drift and noise of a particle that chance kicks from one valley into the other.

The particle rolls downhill in a landscape with two valleys, and is kicked at random, harder the farther out it
is. No path can be predicted, and no two runs are alike; what can be found is the slope of the landscape
(the drift f) and the strength of the kicks (g): dx = f(x) dt + g(x) dW.

Try: keep the first 60 seconds only (`t < 60`). What does the verdict say of the drift, and what of the noise?
"""

from pathlib import Path

import numpy as np

import discover


def particle(duration: float = 400.0, dt: float = 0.02, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return times and positions of dx = (x - x³) dt + √(0.2 + 0.2 x²) dW, in steps of dt/10 by Euler's rule."""
    n, fine = round(duration / dt), 10
    h = dt / fine
    kicks = np.random.default_rng(seed).standard_normal((n, fine))
    x, path = 1.0, np.empty(n)
    for k in range(n):
        path[k] = x
        for kick in kicks[k]:
            x += (x - x**3) * h + np.sqrt((0.2 + 0.2 * x**2) * h) * kick
    return dt * np.arange(n), path


def main() -> discover.Discovery:
    """Find the drift and the noise, and look at the particle's own landscape."""
    t, x = particle()
    found = discover.dynamics(discover.load({"t": t, "x": x}, time="t"), form=discover.Stochastic())
    print(found)
    print("\nthe truth: dx = (x - x³) dt + g dW with g² = 0.2 + 0.2 x²")

    # Many paths from one start: none is the measured one, but it should look like one of them.
    paths = found.simulate([1.0], np.linspace(0.0, 50.0, 501), seed=1, n_paths=100)
    ends = paths["x"].values.reshape(100, -1)[:, -1]
    print(f"after 50 time units {np.mean(ends < 0):.0%} of 100 simulated particles are in the other valley")

    page = Path("out") / "noisy_well.html"
    page.parent.mkdir(exist_ok=True)
    found.report(page)
    print(f"\nThe landscape as a picture: {page}")
    return found


if __name__ == "__main__":
    main()
