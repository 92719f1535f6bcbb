"""Calibration: of the equations that are given 90 %, are nine of ten right? And how often is a law wrong?

Systems, lengths, sampling and noise are drawn at random from the seed, hard ones among them: 100 to 1000
samples, one to three trajectories, noise of 0.1 to 10 % of the RMS. The probability is that of the whole structure.
"""

import time

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.experiments import SINE, Experiment
from benchmarks.metrics import brier, reliability
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, failures

SYSTEMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lorenz", ()),
    ("van der pol", ()),
    ("rossler", ()),
    ("lotka-volterra", ()),
    ("pendulum", SINE),
    ("forced oscillator", ()),
    ("fitzhugh-nagumo", ()),
    ("logistic growth", ()),
    ("hopf", ()),
)
TRAJECTORIES, LENGTHS, STEPS = (1, 2, 3), (100, 160, 250, 400, 700, 1000), (0.5, 1.0, 1.0, 2.0)
NOISES = (0.001, 0.003, 0.01, 0.02, 0.05, 0.1)
EDGES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
DRAWS, MANY_DRAWS = 45, 800
BUDGET = "60s"


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return stated probability against frequency, and what the verdicts were worth."""
    seeds = plan.seeds(MANY_DRAWS if plan.full else DRAWS)
    cases = [Case(f"calibration | seed {seed}", (seed,)) for seed in seeds]
    records = campaign.run("calibration", judged, [case for case in cases if plan.only in case.key])
    done = answered(records.values())
    tables = (_reliability(done), _verdicts(done), failures(records))
    return tuple(table for table in tables if table.rows)


def drawn(seed: int) -> tuple[Experiment, float]:
    """Return the experiment and the noise of a seed."""
    rng = np.random.default_rng([seed, 99])
    name, terms = SYSTEMS[seed % len(SYSTEMS)]
    n_trajectories, n_samples = int(rng.choice(TRAJECTORIES)), int(rng.choice(LENGTHS))
    step, noise = float(rng.choice(STEPS)), float(rng.choice(NOISES))
    setting = f"{n_trajectories} x {n_samples}, step {step:g}"
    return Experiment(name, setting, step, n_trajectories, n_samples, terms=terms), noise


def judged(seed: int) -> Record:
    """Return the probability of every equation found, whether its terms are exact, and the verdict."""
    from discover import dynamics, load
    from discover.data.formulate import formulate
    from discover.expr import text

    experiment, noise = drawn(seed)
    started = time.perf_counter()
    data = load(experiment.frame(noise, seed), time="t", group="run", inputs=list(experiment.system().inputs))
    found = dynamics(data, library=experiment.library(), seed=seed, budget=BUDGET, n_jobs=1)
    truth: dict[str, set[str]] = {}
    for target, term in experiment.truth():
        truth.setdefault(target, set()).add(term)
    names = formulate(data).names
    exact = [
        {text(term.expr, names) for term in equation.terms} == truth.get(equation.target, set())
        for equation in found.law.equations
    ]
    return {
        "experiment": experiment.key,
        "noise": noise,
        "verdict": found.verdict.word,
        "exact": exact,
        "probability": [equation.probability for equation in found.law.equations],
        "seconds": round(time.perf_counter() - started, 2),
    }


def _reliability(done: list[Record]) -> Table:
    pairs = [(p, bool(e)) for r in done for p, e in zip(r["probability"], r["exact"], strict=True) if p == p]
    rows = [
        (f"{low:g}–{high:g}", str(n), f"{stated:.3f}", f"{happened:.3f}")
        for low, high, n, stated, happened in reliability(pairs, EDGES)
    ]
    if pairs:
        rows.append(("Brier score", str(len(pairs)), "–", f"{brier(pairs):.4f}"))
    return Table("Probability of an equation's structure", ("stated between", "n", "mean stated", "exact"), tuple(rows))


def _verdicts(done: list[Record]) -> Table:
    rows = []
    for word in ("law", "several", "none"):
        mine = [record for record in done if record["verdict"] == word]
        rows.append((word, str(len(mine)), str(sum(all(record["exact"]) for record in mine))))
    wrong = [r["experiment"] + f", noise {r['noise']:g}" for r in done if r["verdict"] == "law" and not all(r["exact"])]
    note = f"Laws that were wrong: {'; '.join(wrong) or 'none'}."
    return Table("Verdicts", ("verdict", "given", "all terms exact"), tuple(rows), note)
