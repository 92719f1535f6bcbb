"""An epidemic in a town where nobody is born and nobody leaves: what is known beforehand, required of the law.

Susceptible, infected and recovered people are counted with errors of 10 %. Each equation by itself is found a little
wrong, and people appear and vanish in its simulation. But their sum cannot change, so let the law say so: then the
three equations are found together, what leaves one group arrives in the next, and every number is known better.

Try: require something that is false, such as "dS/dt + dI/dt == 0" (nobody recovers). The data object, and the law
says so.
"""

from pathlib import Path

import numpy as np

import discover
from discover.simulate import VectorField, simulate

TRUTH = ("-0.4*S*I", "0.4*S*I - 0.12*I", "0.12*I")
SUM = "dS/dt + dI/dt + dR/dt == 0"


def counts(n: int = 80, error: float = 0.10, seed: int = 3) -> dict[str, np.ndarray]:
    """Return daily counts of three outbreaks, in thousands."""
    names, day = ("S", "I", "R"), 0.5 * np.arange(n)
    law = VectorField(names, (), tuple(discover.parse(text, names) for text in TRUTH))
    starts = [[1.5, 0.2, 0.1], [1.1, 0.1, 0.4], [1.8, 0.05, 0.0]]
    clean = [simulate(law, start, day) for start in starts]
    rng, columns = np.random.default_rng(seed), {"outbreak": np.repeat(["a", "b", "c"], n), "day": np.tile(day, 3)}
    for name in names:
        values = np.concatenate([run[name].values for run in clean])
        columns[name] = values + error * np.sqrt(np.mean(values**2)) * rng.standard_normal(len(values))
    return columns


def picture(free: discover.Discovery, kept: discover.Discovery, path: Path) -> None:
    """Draw the total of the people as both laws have it, for a year and a half."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    days = np.linspace(0.0, 500.0, 400)
    figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    for found, label, style in ((free, "nothing required", "--"), (kept, f"required: {SUM}", "-")):
        run = found.simulate([1.5, 0.2, 0.1], days)
        axes.plot(days, run["S"] + run["I"] + run["R"], style, label=label)
    axes.set(xlabel="day", ylabel="people (thousands)", title="How many people the law has")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> discover.Discovery:
    """Find the law without and with what is known, and compare."""
    data = discover.load(counts(), time="day", group="outbreak")
    free = discover.dynamics(data, library=discover.Polynomial(2))
    kept = discover.dynamics(data, library=discover.Polynomial(2), require=[SUM, "positive: S, I, R"])
    print("Without:", *(f"  {line}" for line in repr(free).splitlines()[:3]), sep="\n")
    print("\nWith the sum and positive numbers required:", kept, sep="\n")

    folder = Path("out")
    folder.mkdir(exist_ok=True)
    picture(free, kept, folder / "epidemic.png")
    kept.report(folder / "epidemic.html")
    print("\nPictures: out/epidemic.png, out/epidemic.html")
    return kept


if __name__ == "__main__":
    main()
