"""A pendulum whose law nobody told: the sine is found, not offered.

A pendulum of 1.2 m is let go at 143 degrees, far from where its swing is harmonic, and loses a little to the air.
A sensor reports angle and angular velocity with an error of one per cent. The library on offer by default holds
powers and products of the two; no power series explains so wide a swing, the judge sees that, and expressions are
made up for what is left. What comes out has a sine in it, and the acceleration of gravity before the sine.

The page is out/untold_pendulum.html.

Try: let it go at 20 degrees instead. Why may the library keep its law then, and should you mind?
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.integrate import solve_ivp

import discover

GRAVITY, LENGTH, DRAG = 9.81, 1.2, 0.25
"""Metres per second squared, metres, one per second."""


def measured(start: float = 2.5, error: float = 0.01, seed: int = 0) -> pd.DataFrame:
    """Return angle and angular velocity for 8 seconds, noisy."""
    t = np.linspace(0.0, 8.0, 401)
    swing = solve_ivp(
        lambda _, y: [y[1], -GRAVITY / LENGTH * np.sin(y[0]) - DRAG * y[1]],
        (0.0, 8.0),
        [start, 0.0],
        t_eval=t,
        rtol=1e-10,
        atol=1e-12,
    ).y
    noise = error * np.sqrt(np.mean(swing**2, axis=1, keepdims=True))
    theta, omega = swing + noise * np.random.default_rng(seed).standard_normal(swing.shape)
    return pd.DataFrame({"t [s]": t, "theta [rad]": theta, "omega [rad/s]": omega})


def main() -> discover.Discovery:
    """Find the law without a word about sines, and read gravity off it."""
    data = discover.load(measured(), time="t")
    found = discover.dynamics(data)
    print(found)

    (pull,) = (term for term in found.equations["omega"].terms if abs(term.value) > 1.0)
    print(
        f"\ng = {-pull.value * LENGTH:.2f} m/s² ({-pull.high * LENGTH:.2f} to {-pull.low * LENGTH:.2f}; true {GRAVITY})"
    )

    Path("out").mkdir(exist_ok=True)
    found.report("out/untold_pendulum.html")
    return found


if __name__ == "__main__":
    main()
