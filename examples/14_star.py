"""A form with a hole: how fast does a star move away, when nobody knows how bright its continuum is?

The spectrum of a star was measured at 160 velocities about one absorption line, each with the error that
counting photons has. The line is a Gaussian, that much is known; what it is cut out of, the continuum, is
an unknown function f(v). The search looks for f, and fits the line together with it.

Try: loss="huber" with a few cosmic rays added to the counts; or a straight line for f, "(a + b*v)*(...)".
"""

from pathlib import Path

import numpy as np

import discover

LINE = "f(v)*(1 - depth*exp(-(v - v0)**2/(2*width**2)))"


def main() -> discover.Discovery:
    """Make the spectrum, find the continuum and the line, and draw both."""
    rng = np.random.default_rng(4)
    v = np.linspace(-400.0, 400.0, 160)
    counts = (9000.0 + 4.0 * v) * (1.0 - 0.45 * np.exp(-((v - 37.0) ** 2) / (2 * 55.0**2)))
    error = np.sqrt(counts)
    table = {"v": v, "flux": counts + error * rng.standard_normal(160), "error": error}
    found = discover.law(table, target="flux", sigma="error", form=LINE, budget="20s")
    print(found)
    print(*(note for note in found.law.provenance.notes if note.startswith("Constants")), sep="\n")

    folder = Path("out")
    folder.mkdir(exist_ok=True)
    found.report(folder / "star.html")
    draw(table, found, folder / "star.png")
    print(f"The spectrum and the law: {folder / 'star.png'} and {folder / 'star.html'}")
    return found


def draw(table: dict[str, np.ndarray], found: discover.Discovery, path: Path) -> None:
    """Draw the measured spectrum with its errors, and the formula through it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.errorbar(table["v"], table["flux"], table["error"], fmt=".", color="0.45", markersize=3, linewidth=0.7)
    fine = np.linspace(table["v"].min(), table["v"].max(), 600)
    axes.plot(fine, found.predict(fine[:, None])[:, 0], color="C3", linewidth=1.4)
    axes.set_xlabel("velocity [km/s]")
    axes.set_ylabel("photons")
    axes.set_title("An absorption line in a continuum that nobody told", fontsize=10)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
