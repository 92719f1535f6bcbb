"""A beam between two magnets: its motion looks the same in a mirror, and the data say so before anybody asks.

Moon and Holmes's beam swings about one magnet, then about the other (Duffing's equation). Nobody tells the program that
left and right are alike. It fits the law once more with everything on offer that could tell them apart, finds all of it
zero within its errors, and suggests the mirror, in the words that would require it. Taken at its word, with
`augment=`, every recording counts for its mirror image too, but not twice: the error bars stay honest.

A beam that was only ever seen about one magnet has the same law. But nobody looked on the other side, and the program
says that these data do not tell.

Try: tilt the table (add 0.1 to the acceleration). The mirror is no longer suggested.

Source: Moon and Holmes (1979), doi:10.1016/0022-460X(79)90520-0.
"""

from pathlib import Path

import numpy as np

import discover
from discover.simulate import VectorField, simulate

LAW = ("v", "x - x**3 - 0.1*v")
BOTH = ([1.5, 0.4], [-1.3, 0.9], [0.3, -1.4])
ONE_SIDE = ([1.3, 0.0], [0.6, 0.1], [1.1, 0.2])


def recordings(starts, error: float = 0.03, n: int = 200, seed: int = 2) -> dict[str, np.ndarray]:
    """Return the deflection and velocity of a beam after each of some starts, with errors of 3 %."""
    names, t = ("x", "v"), 0.06 * np.arange(n)
    law = VectorField(names, (), tuple(discover.parse(text, names) for text in LAW))
    runs, rng = [simulate(law, start, t) for start in starts], np.random.default_rng(seed)
    columns = {"run": np.repeat(np.arange(len(starts)), n), "t": np.tile(t, len(starts))}
    for name in names:
        clean = np.concatenate([run[name].values for run in runs])
        columns[name] = clean + error * np.sqrt(np.mean(clean**2)) * rng.standard_normal(len(clean))
    return columns


def picture(data: dict[str, np.ndarray], one_sided: dict[str, np.ndarray], path: Path) -> None:
    """Draw the measured states, and in grey where the mirror takes them."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), sharex=True, sharey=True, layout="constrained")
    pairs = ((data, "both magnets: the mirror is told"), (one_sided, "one magnet: it is not"))
    for axis, (table, title) in zip(axes, pairs, strict=True):
        axis.plot(-table["x"], -table["v"], ".", color="0.8", markersize=3, label="in the mirror")
        axis.plot(table["x"], table["v"], ".", markersize=3, label="measured")
        axis.set(xlabel="x", title=title)
    axes[0].set_ylabel("v")
    axes[1].legend(frameon=False, loc="lower center")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> discover.Discovery:
    """Find the law, take the suggestion, and look at a beam that never changed sides."""
    both, one_side = recordings(BOTH), recordings(ONE_SIDE)
    found = discover.dynamics(discover.load(both, time="t", group="run"))
    print(*repr(found).split("\n\n")[:3], sep="\n\n")

    (suggestion,) = found.law.suggestions
    mirror = suggestion.text.removeprefix("symmetric: ")
    augmented = discover.dynamics(discover.load(both, time="t", group="run"), augment=mirror)
    print(
        f"\nEvery recording and its mirror image, {mirror}, counted once:",
        *repr(augmented).splitlines()[:2],
        sep="\n  ",
    )

    unseen = discover.dynamics(discover.load(one_side, time="t", group="run"))
    print("\nAbout one magnet only:", *(f"  {one.note}" for one in unseen.law.suggestions), sep="\n")

    folder = Path("out")
    folder.mkdir(exist_ok=True)
    picture(both, one_side, folder / "mirror.png")
    found.report(folder / "mirror.html")
    print("\nPictures: out/mirror.png, out/mirror.html")
    return found


if __name__ == "__main__":
    main()
