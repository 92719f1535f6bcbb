"""Nothing: data that follow no law of the library. How often is one claimed all the same?

White noise, random walks, a Lorenz trajectory with its samples shuffled, one with its phases drawn anew, and
one fixed point under noise. The verdict "law" is a false alarm; of 20 data sets at most one may get it.
"""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.campaign import Campaign, Case
from benchmarks.plan import Plan, Record, Table
from benchmarks.tabulate import answered, count, middle
from discover.simulate import clean_trajectories, known_system

EACH = 4
"""Data sets of each kind, which makes the 20 of the promise; ten times as many in the full tier."""

SIZES = (400, 1000, 2000)
DT = 0.01
BUDGET = "180s"
WORDS = ("law", "several", "none")

Array = np.ndarray


def white(rng: np.random.Generator, n: int) -> Array:
    """Return independent normal numbers, shape (3, n)."""
    return rng.standard_normal((3, n))


def walk(rng: np.random.Generator, n: int) -> Array:
    """Return random walks, shape (2, n)."""
    return np.cumsum(rng.standard_normal((2, n)), axis=1)


def shuffled(rng: np.random.Generator, n: int) -> Array:
    """Return samples of the Lorenz attractor in random order, shape (3, n): the cloud without the flow."""
    return lorenz(rng, n)[:, rng.permutation(n)]


def rephased(rng: np.random.Generator, n: int) -> Array:
    """Return the Lorenz spectra with fresh phases, shape (3, n): each variable's rhythm without the law.

    Source: Theiler et al. (1992), doi:10.1016/0167-2789(92)90102-S.
    """
    X = lorenz(rng, n)
    mean = X.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(X - mean, axis=1)
    phases = rng.uniform(0.0, 2 * np.pi, spectrum.shape)
    return mean + np.fft.irfft(np.abs(spectrum) * np.exp(1j * phases), n, axis=1)


def fixed_point(rng: np.random.Generator, n: int) -> Array:
    """Return a fixed point of Lorenz's system under 1 % of noise, shape (3, n): at rest nothing can be learned."""
    x = np.sqrt(8 / 3 * 27)
    point = np.array([x, x, 27.0])[:, None]
    return point * (1.0 + 0.01 * rng.standard_normal((3, n)))


def lorenz(rng: np.random.Generator, n: int) -> Array:
    """Return a clean trajectory on the Lorenz attractor, shape (3, n)."""
    X, _ = clean_trajectories(known_system("lorenz"), 1, n, int(rng.integers(2**31)))
    return X[0]


KINDS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "white noise": white,
    "random walk": walk,
    "shuffled Lorenz": shuffled,
    "phase-randomised Lorenz": rephased,
    "fixed point": fixed_point,
}


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return the verdicts by kind of data, and every data set that was called a law."""
    seeds = plan.seeds(10 * EACH if plan.full else EACH)
    cases = [Case(key(kind, seed), (kind, seed)) for kind in KINDS for seed in seeds]
    cases = [case for case in cases if plan.only in case.key]
    records = campaign.run("nothing", judged, cases)
    rows = []
    for kind in (*KINDS, "all"):
        mine = [records.get(case.key) for case in cases if kind in ("all", case.arguments[0])]
        if mine:
            counts = [count(mine, lambda record, word=word: record["verdict"] == word) for word in WORDS]
            rows.append((kind, *counts, middle(mine, "seconds")))
    columns = ("data", *(f'"{word}"' for word in WORDS), "median s")
    note = f"Of {EACH * len(KINDS)} data sets at most one may be called a law. Lengths {SIZES}; degree-3 library."
    return (Table("Verdicts where there is no law", columns, tuple(rows), note), _not_none(records))


def key(kind: str, seed: int) -> str:
    """Return the key of a case."""
    return f"{kind} | seed {seed}"


def judged(kind: str, seed: int) -> Record:
    """Draw one data set, search it, and return the verdict with what was claimed."""
    from discover import dynamics
    from discover.export import law_text

    number = list(KINDS).index(kind)
    n = SIZES[seed % len(SIZES)]
    X = KINDS[kind](np.random.default_rng([seed, number]), n)
    data = {"t": DT * np.arange(n), **{f"x{i}": x for i, x in enumerate(X)}}
    started = time.perf_counter()
    found = dynamics(data, seed=seed, budget=BUDGET, n_jobs=1)
    return {
        "kind": kind,
        "seed": seed,
        "n_samples": n,
        "verdict": found.verdict.word,
        "reasons": list(found.verdict.reasons),
        "law": law_text(found.law),
        "seconds": round(time.perf_counter() - started, 3),
    }


def _not_none(records: dict[str, Record]) -> Table:
    rows = [
        (name, record["verdict"], str(record["n_samples"]), " ".join(record["law"].split("\n")[:3]))
        for name, record in records.items()
        if record in answered([record]) and record["verdict"] != "none"
    ]
    failures = [
        (name, "failed", "–", record["error_text"]) for name, record in records.items() if "error_text" in record
    ]
    note = 'Again: python -m benchmarks nothing --seed SEED --seeds 1 --only "KIND".'
    return Table(
        "Data sets that were not called nothing",
        ("case", "verdict", "samples", "claimed"),
        tuple(rows + failures),
        note,
    )
