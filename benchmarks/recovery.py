"""Recovery: six known systems, measured with noise, through the way of `discover run`.

An answer is right when its terms are exactly the true ones and every coefficient lies within 1 % of the
truth at 1 % noise, and within 5 % at 5 % noise. The noise is sigma / RMS(clean) of every state.
"""

from collections.abc import Sequence

from benchmarks.campaign import Campaign, Case
from benchmarks.experiments import USUAL, VARIANTS, Experiment
from benchmarks.peers import PYSINDY, pysindy
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, largest, middle
from benchmarks.trial import find, find_by_command

NOISES = (0.01, 0.05)
SEEDS, FEWER_SEEDS = 10, 3
HOLD = 0.9

Group = tuple[Experiment, float]


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return tables of the usual samplings, of other ones, of the command line, of peers and of every failure."""
    usual = {(e, noise): plan.seeds(SEEDS) for e in USUAL for noise in NOISES}
    others = {(e, noise): plan.seeds(SEEDS if plan.full else FEWER_SEEDS) for e in VARIANTS for noise in NOISES}
    command = {(e, 0.01): plan.seeds(1)[:1] for e in USUAL}
    ours = campaign.run("recovery", find, _cases({**usual, **others}, "", plan))
    by_command = campaign.run("discover run", find_by_command, _cases(command, "command | ", plan))
    tables = (
        _table("Exact recovery, three trajectories of 1000 samples", usual, ours, "", plan),
        _table("The same systems sampled otherwise, and with other parameters", others, ours, "", plan),
        _table("Through the command `discover run`", command, by_command, "command | ", plan),
        *_peers(usual, plan, campaign),
        _failures({**ours, **by_command}),
    )
    return tuple(table for table in tables if table.rows)


def key(experiment: Experiment, noise: float, seed: int, prefix: str = "") -> str:
    """Return the key of a case: what, how noisy, and the seed."""
    return f"{prefix}{experiment.key} | noise {noise:g} | seed {seed}"


def _cases(groups: dict[Group, range], prefix: str, plan: Plan) -> list[Case]:
    cases = [
        Case(key(experiment, noise, seed, prefix), (experiment, noise, seed))
        for (experiment, noise), seeds in groups.items()
        for seed in seeds
    ]
    return [case for case in cases if plan.only in case.key]


def right(record: Record) -> bool:
    """Return whether the terms are exact and the coefficients as near as the noise asks for."""
    return bool(record["exact"]) and record["error"] < max(0.01, record["noise"])


def _table(title: str, groups: dict[Group, range], records: dict[str, Record], prefix: str, plan: Plan) -> Table:
    rows = []
    for (experiment, noise), seeds in groups.items():
        keys = [key(experiment, noise, seed, prefix) for seed in seeds]
        mine = [records.get(name) for name in keys if plan.only in name]
        if mine:
            rows.append((experiment.key, f"{100 * noise:g} %", *_cells(mine)))
    columns = ("system | sampling", "noise", "right", "exact terms", "median error", "largest", "law/several/none")
    note = (
        f"right: exact terms, and every coefficient within 1 % (5 % at 5 % noise); {100 * HOLD:.0f} % are asked for. "
        "error: max |found - true| / |true|, a missing term counting 1. "
        "coverage: true values inside the 95 % intervals of exact answers."
    )
    return Table(title, (*columns, "coverage", "median s"), tuple(rows), note)


def _cells(mine: Sequence[Record | None]) -> tuple[str, ...]:
    done = answered(mine)
    words = [sum(record["verdict"] == word for record in done) for word in ("law", "several", "none")]
    finished = [record for record in mine if record is not None]
    hits = sum(right(record) for record in done)
    mark = " ✗" if finished and hits < HOLD * len(finished) else ""
    return (
        count(mine, right) + mark,
        count(mine, lambda record: record["exact"]),
        middle(mine, "error"),
        largest(mine, "error"),
        "/".join(map(str, words)),
        _coverage([record for record in done if record["exact"]]),
        middle(mine, "seconds"),
    )


def _coverage(records: Sequence[Record]) -> str:
    inside = [t["low"] <= t["true"] <= t["high"] for record in records for t in record["terms"]]
    return f"{100 * sum(inside) / len(inside):.0f} %" if inside else "–"


def _peers(groups: dict[Group, range], plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    if "pysindy" not in plan.peers:
        return ()
    rows = []
    records: dict[str, Record] = {}
    for weak, name in enumerate(PYSINDY):
        cases = [Case(case.key, (*case.arguments, bool(weak))) for case in _cases(groups, f"{name} | ", plan)]
        records |= campaign.run(name, pysindy, cases)
    for experiment, noise in groups:
        seeds = groups[experiment, noise]
        cells = []
        for name in PYSINDY:
            keys = [key(experiment, noise, seed, f"{name} | ") for seed in seeds]
            mine = [records.get(one) for one in keys if plan.only in one]
            cells += [count(mine, lambda record: record["exact"]), middle(mine, "error")]
        rows.append((experiment.key, f"{100 * noise:g} %", *cells))
    columns = [cell for name in PYSINDY for cell in (f"{name}: exact", "median error")]
    note = "pysindy 2.1.0 at its defaults (threshold 0.1; finite differences; weak: 100 subdomains), the same data."
    return (Table("Peers on the usual samplings", ("system | sampling", "noise", *columns), tuple(rows), note),)


def _failures(records: dict[str, Record]) -> Table:
    rows = []
    for name, record in records.items():
        if "error_text" in record:
            rows.append((name, "–", "–", record["error_text"][:200]))
        elif not right(record):
            wrong = [f"lacks {term}" for term in record["missing"]] + [f"has {term}" for term in record["extra"]]
            rows.append((name, record["verdict"], f"{record['error']:.2g}", "; ".join(wrong) or "coefficients"))
    note = 'Again: python -m benchmarks recovery --seed SEED --seeds 1 --only "SYSTEM | SAMPLING | noise NOISE".'
    return Table("Every answer that was not right", ("case", "verdict", "error", "wrong"), tuple(rows), note)
