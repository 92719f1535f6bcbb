"""Dye in a stirred tank: how much is carried, how much spreads, when the flow itself was measured.

A camera films a dye while four eddies fold it; a second instrument records both velocities, with noise. The flow is
an input: it stands in the terms, but has no equation of its own. The law that is found has two parts, transport,
-D(a·c, x) - D(b·c, y), and diffusion, and the latter's coefficient is the number a chemist wants.

A corner of the pictures is hidden for a while. Windows that would see it are left out, and the page says so:
out/tracer.html.

Try: leave the velocities out of the data. Does the verdict still believe in a law?
"""

from pathlib import Path

import numpy as np

import discover
from discover.expr import parse
from discover.simulate import VectorField, simulate

NAMES, AXES = ("c", "a", "b"), ("t", "x", "y")
LAW = 'D(c, "x", 2)*0.02 + D(c, "y", 2)*0.02 - D(a*c, "x", 1) - D(b*c, "y", 1)'


def film(noise: float, seed: int) -> dict[str, object]:
    """Return the dye and both velocities on a grid, each with noise of a share of its own spread."""
    t, x, y = np.linspace(0.0, 1.6, 56), *(np.linspace(0.0, 2.0 * np.pi, 40, endpoint=False) for _ in range(2))
    X, Y = np.meshgrid(x, y, indexing="ij")
    a, b = np.sin(X) * np.cos(Y) + 0.4, -np.cos(X) * np.sin(Y) + 0.2
    start = np.exp(-((X - 2.4) ** 2 + (Y - 2.7) ** 2)) + 0.7 * np.exp(-((X - 4.4) ** 2) - (Y - 4.0) ** 2)
    dye = VectorField(("c",), ("a", "b"), (parse(LAW, NAMES, AXES),), time="t", space=("x", "y"))
    c = simulate(dye, start[None], t, {"a": a, "b": b}, space=[x, y], boundary="periodic")["c"].values
    draw = np.random.default_rng(seed).standard_normal
    fields = {"c": c, "a": np.broadcast_to(a, c.shape), "b": np.broadcast_to(b, c.shape)}
    noisy = {name: (AXES, u + noise * u.std() * draw(c.shape)) for name, u in fields.items()}
    noisy["c"][1][20:28, :7, :7] = np.nan
    return {"t": t, "x": x, "y": y, **noisy}


def main() -> discover.Discovery:
    """Find transport and diffusion, and write the page with the pictures."""
    data = discover.load(film(noise=0.02, seed=1), space=["x", "y"], inputs=["a", "b"])
    usual = discover.Derivatives(discover.Polynomial(2), order=1, n_axes=2)
    found = discover.dynamics(data, library=usual + discover.Terms("D(c, x, 2)", "D(c, y, 2)", "D(c, x, 1, y, 1)"))
    print(found)
    Path("out").mkdir(exist_ok=True)
    found.report("out/tracer.html")
    spread = [term for term in found.equations["c"].terms if term.expr.orders[-1] in ((0, 2), (0, 0, 2))]
    print("\nDiffusivity along x and y:", ", ".join(f"{term.low:.4f} to {term.high:.4f}" for term in spread))
    return found


if __name__ == "__main__":
    main()
