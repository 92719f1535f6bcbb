"""Two stars that draw each other: what does their motion conserve?

Position and velocity of one star about the other are measured with errors of 1 %, on four orbits. Nothing is said about
forces. Which sums of few terms stay where they began? A gravitational energy needs 1/r, so that is offered beside the
usual polynomials. What comes back are the energy and the angular momentum, each with error bars and its evidence.

Then the same question is asked of orbits in a thin gas, which slows the star a little: the energy is no longer
conserved, and nothing is claimed.

Try: ask one orbit alone. Everything that is constant on a closed curve fits then, and the verdict says so.
"""

from pathlib import Path

import numpy as np

import discover
from discover.simulate import VectorField, simulate

NAMES = ("x", "y", "u", "v")
STARTS = [[1.0, 0.0, 0.0, 1.1], [0.0, 1.2, -0.8, 0.2], [-0.9, 0.3, -0.4, -1.0], [1.1, 0.4, 0.3, -0.8]]
INVERSE = "1/sqrt(x**2 + y**2)"


def orbits(drag: float = 0.0, noise: float = 0.01, n: int = 250) -> dict[str, np.ndarray]:
    """Return four orbits as one table."""
    sides = ("u", "v", f"-x/(x**2 + y**2)**1.5 - {drag}*u", f"-y/(x**2 + y**2)**1.5 - {drag}*v")
    law, t = VectorField(NAMES, (), tuple(discover.parse(side, NAMES) for side in sides)), 0.05 * np.arange(n)
    runs = [simulate(law, start, t) for start in STARTS]
    rng, columns = np.random.default_rng(4), {"orbit": np.repeat(["a", "b", "c", "d"], n), "t": np.tile(t, len(STARTS))}
    for name in NAMES:
        values = np.concatenate([run[name].values for run in runs])
        columns[name] = values + noise * np.sqrt(np.mean(values**2)) * rng.standard_normal(len(values))
    return columns


def main() -> discover.Conserved:
    """Ask both sets of orbits what they conserve."""
    offered = discover.Polynomial(2) + discover.Terms(INVERSE)
    found = discover.conserved(discover.load(orbits(), time="t", group="orbit"), library=offered)
    print(found)
    slowed = discover.conserved(discover.load(orbits(drag=0.02), time="t", group="orbit"), library=offered)
    print("\nIn a thin gas:", slowed.verdict.word)

    folder = Path("out")
    folder.mkdir(exist_ok=True)
    found.report(folder / "orbits.html")
    found.save(folder / "orbits.json")
    print("\nPicture: out/orbits.html")
    return found


if __name__ == "__main__":
    main()
