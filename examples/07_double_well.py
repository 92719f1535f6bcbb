"""A ball in a double well, pushed to and fro: a law of second order from positions alone.

Nobody measured the velocity. `order=2` asks for x″ from x, and the velocity is found along with the law: terms
such as D(x, t), which is x′, stand for friction. The push is the same every period, so the time itself may
stand in a term. The ball wanders between the wells without a pattern; its law is one line.

Try: leave the push out of the library. What does the verdict say then?
"""

from pathlib import Path

import numpy as np

import discover
from discover.expr import parse
from discover.simulate import VectorField, simulate

NAMES = ("x", "t")


def record(noise: float, seed: int) -> dict[str, np.ndarray]:
    """Return a minute of a ball in two wells, its position measured with noise."""
    law = parse('x - x**3 - 0.2*D(x, "t", 1) + 0.3*cos(1.2*t)', NAMES, ["t"])
    ball = VectorField(("x",), ("t",), (law,), time="t", orders=(2,))
    t = np.arange(0.0, 60.0, 0.06)
    x = simulate(ball, [0.5, 0.0], t)["x"].values
    return {"t": t, "x": x + noise * np.random.default_rng(seed).standard_normal(len(t))}


def main() -> discover.Discovery:
    """Find the law from positions, then ask it for a motion that nobody recorded."""
    data = record(noise=0.01, seed=1)
    usual = discover.TimeDerivatives(discover.Polynomial(3))
    found = discover.dynamics(data, library=usual + discover.Terms("cos(1.2*t)", "sin(1.2*t)"), order=2)
    print(found)
    Path("out").mkdir(exist_ok=True)
    found.report("out/double_well.html")

    t = np.arange(0.0, 30.0, 0.05)
    quiet = found.simulate({"x": 1.0, "x'": 0.0}, t)  # from rest in the right-hand well
    wells = "both wells" if float(quiet["x"].min()) < 0 else "one well"
    print(f"\nFrom rest at x = 1 the ball visits {wells} within {t[-1]:.0f} seconds.")
    return found


if __name__ == "__main__":
    main()
