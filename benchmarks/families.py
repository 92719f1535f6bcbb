"""Families: recordings that share one form, with coefficients of which some differ. Is it said which?

Each draw takes a system, three to five recordings of it, and for every coefficient a coin: shared by all recordings, or
drawn anew in each (15 % to 60 % apart). A form is right where every case has exactly the true terms; sharing is right
where the law has one number for exactly the coefficients that were shared. Intervals are those of single cases.
"""

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle, percent
from discover.expr import Polynomial, compile_program, constant, multiply, parse, text

NOISES = (0.01, 0.05)
SEEDS, MORE_SEEDS = 5, 25
BUDGET = "180s"

Array = np.ndarray
Name = tuple[str, str]
"""Target and term."""


@dataclass(frozen=True, slots=True)
class Form:
    """A system: its terms with usual coefficients, where it starts, and how it is sampled."""

    terms: dict[str, dict[str, float]]
    start: tuple[float, ...]
    dt: float
    n_samples: int
    degree: int


FORMS = {
    "populations": Form(
        {"x": {"x": 1.0, "x*y": -0.5}, "y": {"y": -1.0, "x*y": 0.5}}, (2.0, 1.0), dt=0.05, n_samples=300, degree=3
    ),
    "FitzHugh-Nagumo": Form(
        {"v": {"1": 0.5, "v": 1.0, "v**3": -0.33, "w": -1.0}, "w": {"1": 0.056, "v": 0.08, "w": -0.064}},
        (-1.0, 1.0),
        dt=0.25,
        n_samples=500,
        degree=3,
    ),
    "Lorenz": Form(
        {"x": {"x": -10.0, "y": 10.0}, "y": {"x": 30.0, "y": -1.0, "x*z": -1.0}, "z": {"z": -8 / 3, "x*y": 1.0}},
        (1.0, 2.0, 25.0),
        dt=0.02,
        n_samples=600,
        degree=2,
    ),
}


def drawn(form: Form, rng: np.random.Generator) -> tuple[list[dict[Name, float]], set[Name]]:
    """Return the coefficients of each case, and those that all cases share."""
    names = [(target, term) for target, terms in form.terms.items() for term in terms]
    shared = {name for name in names if rng.random() < 0.5}
    if len(shared) == len(names):
        shared.pop()
    steps = {name: rng.permutation(np.linspace(-0.3, 0.3, 5)) for name in names}
    cases = []
    for k in range(int(rng.integers(3, 6))):
        factor = {name: 1.0 if name in shared else 1.0 + float(steps[name][k]) for name in names}
        cases.append({(target, term): form.terms[target][term] * factor[target, term] for target, term in names})
    return cases, shared


def trajectory(form: Form, coefficients: dict[Name, float]) -> Array:
    """Return a clean trajectory of one case, shape (n_states, n_samples), after the start was left behind."""
    from scipy.integrate import solve_ivp

    states = list(form.terms)
    sides = [constant(0.0)] * len(states)
    for (target, term), value in coefficients.items():
        at = states.index(target)
        sides[at] = sides[at] + multiply(constant(value), parse(term, states))
    program = compile_program(sides, len(states))
    t = form.dt * np.arange(form.n_samples)
    run = solve_ivp(
        lambda _, x: program.evaluate(x[:, None])[:, 0], (0.0, t[-1]), form.start, t_eval=t, rtol=1e-9, atol=1e-9
    )
    return run.y


def judged(kind: str, noise: float, seed: int) -> Record:
    """Draw one family, search it, and compare what is said with what was drawn."""
    from discover import dynamics, load

    form, rng = FORMS[kind], np.random.default_rng([seed, list(FORMS).index(kind), round(1000 * noise)])
    cases, shared = drawn(form, rng)
    clean = [trajectory(form, one) for one in cases]
    if not all(X.shape[1] == form.n_samples and np.isfinite(X).all() for X in clean):
        raise ValueError("a drawn system leaves the finite numbers")
    parts = [X + noise * np.sqrt((X**2).mean(axis=1, keepdims=True)) * rng.standard_normal(X.shape) for X in clean]
    labels = [f"case {k}" for k in range(len(cases))]
    columns = {"t": np.tile(form.dt * np.arange(form.n_samples), len(cases))}
    columns |= dict(zip(form.terms, np.concatenate(parts, axis=1), strict=True))
    columns["run"] = np.repeat(np.array(labels, dtype=object), form.n_samples)
    started = time.perf_counter()
    found = dynamics(load(columns, group="run"), by="run", library=Polynomial(form.degree), seed=seed, budget=BUDGET)
    names = list(form.terms)
    terms = [
        {(t, text(q.expr, names)): q for t, eq in found.case(label).equations.items() for q in eq.terms}
        for label in labels
    ]
    right = all(set(mine) == set(true) for mine, true in zip(terms, cases, strict=True))
    inside = [
        q.low <= true[name] <= q.high
        for mine, true in zip(terms, cases, strict=True)
        for name, q in mine.items()
        if name in true
    ]
    told = {(one.target, text(one.expr, names)) for one in found.law.contrasts if one.shared}
    return {
        "kind": kind,
        "noise": noise,
        "n_cases": len(cases),
        "right": right,
        "sharing": right and told == shared,
        "false_shared": len(told - shared),
        "missed_shared": len(shared - told),
        "n_coefficients": len(cases[0]),
        "covered": sum(inside) if right else 0,
        "n_intervals": len(inside) if right else 0,
        "verdict": found.verdict.word,
        "seconds": round(time.perf_counter() - started, 3),
    }


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return how often form and sharing are right, and what the intervals of single cases cover."""
    seeds = plan.seeds(MORE_SEEDS if plan.full else SEEDS)
    cases = [
        Case(f"{kind} | noise {noise} | seed {seed}", (kind, noise, seed))
        for kind in FORMS
        for noise in NOISES
        for seed in seeds
    ]
    cases = [case for case in cases if plan.only in case.key]
    records = campaign.run("families", judged, cases)
    rows = []
    for kind in FORMS:
        for noise in NOISES:
            mine = [records.get(case.key) for case in cases if case.arguments[:2] == (kind, noise)]
            if mine:
                rows.append((kind, f"{100 * noise:g} %", *_cells(mine)))
    columns = ("system", "noise", "form", "sharing", "law", "wrongly shared", "wrongly apart", "coverage", "median s")
    note = "Three to five recordings a draw, each coefficient shared or not by a coin; of draws, then of coefficients."
    return Table("One form, coefficients of which some differ", columns, tuple(rows), note), failures(records)


def _cells(mine: list[Record | None]) -> tuple[str, ...]:
    done = answered(mine)
    n = sum(record["n_coefficients"] for record in done)
    return (
        count(mine, lambda record: record["right"]),
        count(mine, lambda record: record["sharing"]),
        count(mine, lambda record: record["verdict"] == "law"),
        percent(sum(record["false_shared"] for record in done), n),
        percent(sum(record["missed_shared"] for record in done), n),
        percent(sum(record["covered"] for record in done), sum(record["n_intervals"] for record in done)),
        middle(mine, "seconds"),
    )
