"""Three cups of tea, one plan: the same question asked of many data sets, each answered by a process of its own.

Three cups of different material cool beside each other. A plan says once how the law is sought; every file becomes a
job with a law, a report and a line in the manifest, and one page shows them all. All three obey T′ = k (room − T): the
room's temperature should come out the same for every cup, and k should not. In a terminal the same is

    discover batch plan.toml --output cups
    discover summary cups

Try: end it with Ctrl-C half-way and run it again with `resume=True`; nothing that was finished is done twice. Then add
`matrix.engine = ["sparse", "pysindy"]` to the plan, or spoil one of the files, and look at the page again.
"""

from pathlib import Path

import numpy as np

import discover

ROOM, HOT = 21.0, 88.0
RATES = {"glass": 0.06, "paper": 0.035, "steel": 0.012}

PLAN = """\
[defaults]
time = "time"
degree = 1
max_evals = 1000      # a budget in candidates: the same laws on every machine

[[jobs]]
data = "*.csv"
"""


def measure(folder: Path) -> None:
    """Write the temperature of each cup, once a minute."""
    rng, t = np.random.default_rng(17), np.arange(0.0, 90.0)
    for cup, rate in RATES.items():
        temperature = ROOM + (HOT - ROOM) * np.exp(-rate * t) + 0.3 * rng.standard_normal(t.size)
        table = np.column_stack([t, temperature])
        np.savetxt(folder / f"{cup}.csv", table, delimiter=",", header="time [min],T [degC]", comments="", fmt="%.3f")


def main() -> discover.Discovery:
    """Write the data and the plan, find the laws, and compare what they say."""
    folder = Path("out/cups")
    folder.mkdir(parents=True, exist_ok=True)
    measure(folder)
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")

    batch = discover.run_batch(folder / "plan.toml", output=folder / "laws", resume=True)
    print(batch.table()[["job", "verdict", "law"]].to_string(index=False))
    page, _ = discover.summary(batch.folder)
    print(f"\nall of them on one page: {page}")

    for cup in RATES:
        equation = discover.load_law(batch.folder / cup / "law.json").equations["T"]
        warming, cooling = (term.value for term in sorted(equation.terms, key=lambda term: -term.value))
        print(f"{cup}: k = {-cooling:.4f} per minute, room {warming / -cooling:.1f} °C")
    return discover.load_law(batch.folder / "glass" / "law.json")


if __name__ == "__main__":
    main()
