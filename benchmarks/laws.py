"""laws: formulas y = f(x) found from values alone, beside Operon and gplearn and what is published.

Parts, first in every key, so that `--only` picks them: "feynman" (100 laws, noise 0, 1, 10 % of y's root mean square,
with and without units), "unseen" (40 formulas of no published suite, with columns that do not matter), "nested" (30
with constants inside functions, in the full tier), "srsd" (120 on realistic ranges), "empirical" (9 with their
measured data), "beside" (17 of Feynman's for the peers, 30 s). A case is `discover.law` from table to verdict,
`--data DIR` holding the tables; formulas are scored as `equivalence` says, the chosen one with its constants as told
(SRBench) and fitted again to clean values (exact).
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

import discover
from benchmarks import formulas
from benchmarks.campaign import Campaign, Case
from benchmarks.equivalence import Match, match, srbench
from benchmarks.formulas import TARGET, Formula
from benchmarks.plan import UNFINISHED, Plan, Record, Table
from benchmarks.tabulate import answered, count, failures, middle
from discover.discovery import Discovery
from discover.equation import Equation
from discover.expr import Expr, compile_program, substitute, text, variable
from discover.find import LAW_ENGINES
from discover.front import Candidate
from discover.inference.description import n_tokens
from discover.inference.formulas import form_of

OURS = "symbolic"
PEERS = ("operon", "gplearn")
ALONE = ("operon",)
"""Those that use all cores themselves: their cases run one at a time."""

NOISES = (0.0, 0.01, 0.1)
SHORT, LONG, BESIDE = 10.0, 60.0, 30.0
"""Budgets in seconds; a search ends at the next step after them."""

WITHIN = (1.0, 11.0)
"""Seconds to solution that are counted; a step that had begun may end a little after the budget."""

N_FRESH = 2000
MOST_ON_FRONT = 80
PATIENCE = 8.0
"""Wall clock over budget after which a search ends even where its budget counts CPU seconds."""

STRIDE = 7
"""Cases are run in steps of so many, so that a run that is cut short has seen all kinds."""

HELD = {
    ("feynman", 0.0, False, SHORT): "90 · 96",
    ("feynman", 0.0, False, LONG): "97 · 100",
    ("feynman", 0.01, False, SHORT): "80 · 90",
    ("feynman", 0.01, False, LONG): "90 · 97",
    ("feynman", 0.1, False, SHORT): "50 · 62",
    ("feynman", 0.1, False, LONG): "63 · 75",
    ("feynman", 0.0, True, LONG): "97 · 100",
    ("feynman", 0.01, True, LONG): "92 · 98",
    ("feynman", 0.1, True, LONG): "70 · 82",
    ("unseen", 0.0, False, LONG): "50 · 75",
    ("unseen", 0.0, True, LONG): "78 · 92",
    ("srsd", 0.0, False, LONG): "65 · 80",
}
"""Per cent of the chosen formulas that are to be exact: to be held, aimed at."""

PUBLISHED = (
    "Published for Feynman's laws, other protocol (116 laws, ten trials, up to hours each), share solved by SRBench's "
    "rule at noise 0 · 1 · 10 %: AI Feynman 56 · 13 · 1, DSR 20 · 19 · 17, Operon 17 · 2 · 0; PhySO, with units, 58 · "
    "58 · 53. EmpiricalBench, an hour on eight cores, somewhere on the front by eye: PySR 7 of 9, Operon 2. SRSD, 30 "
    "minutes: TiSR 69, SymbolicRegression.jl 45 %."
)

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Cell:
    """What one row of a table is about.

    Attributes:
        part: of the suite.
        noise: on y over its root mean square.
        units: whether they are told.
        limit: seconds for each formula.
        engine: by the name under which it is registered.
    """

    part: str
    noise: float
    units: bool
    limit: float
    engine: str

    def case(self, formula: Formula, plan: Plan) -> Case:
        """Return the case of one formula."""
        told = "units" if self.units else "no units"
        key = f"{self.part} | noise {self.noise:g} | {told} | {self.limit:g} s | {self.engine} | {formula.name}"
        return Case(key, (self, formula.name, plan.data and str(plan.data), plan.seed, plan.clock))


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return what every engine found, part by part, our misses, and what failed."""
    peers = [name for name in plan.peers if name in PEERS]
    missing = {name: _missing(name) for name in peers}
    ready = [name for name, reason in missing.items() if reason is None]
    chosen = {
        cell: [case for case in (cell.case(one, plan) for one in wanted) if plan.only in case.key]
        for cell, wanted in _cells(plan, ready)
    }
    chosen = {cell: cases for cell, cases in chosen.items() if cases}
    records: dict[str, Record] = {}
    for alone in (False, True):
        some = [case for cell, cases in chosen.items() if (cell.engine in ALONE) is alone for case in cases]
        part = replace(campaign, jobs=1) if alone else campaign
        records |= part.run("laws" + ", one at a time" * alone, solved, some)
        campaign.interrupted |= part.interrupted
    found = {cell: [records.get(case.key) for case in cases] for cell, cases in chosen.items()}
    absent = "".join(f" {name} was not run: {reason}." for name, reason in missing.items() if reason)
    tables = [_table(part, found, absent) for part in dict.fromkeys(cell.part for cell in found)]
    return tuple(table for table in (*tables, _missed(records), failures(records)) if table.rows)


def _missing(name: str) -> str | None:
    needs = getattr(LAW_ENGINES[name], "missing", lambda: None)
    return needs()


def _cells(plan: Plan, peers: Sequence[str]) -> Iterable[tuple[Cell, list[Formula]]]:
    """Yield the cells of the tier and the formulas of each; the fast one takes forty laws of all parts."""
    engines = (OURS, *peers)
    limits = (SHORT, LONG) if plan.full else (SHORT,)
    every = (lambda n: 1) if plan.full else (lambda n: n)
    for limit in limits:
        for noise in NOISES if plan.full else NOISES[:2]:
            laws = _some("feynman", plan, every(5))
            beside = engines if plan.full or not noise else engines[:1]  # half an hour is all that the fast tier has
            yield from ((Cell("feynman", noise, False, limit, engine), laws) for engine in beside)
            yield Cell("feynman", noise, True, limit, OURS), laws
        laws = _some("unseen", plan, every(4))
        yield from ((Cell("unseen", 0.0, False, limit, engine), laws) for engine in engines)
        yield Cell("unseen", 0.0, True, limit, OURS), laws
        if plan.full:
            yield Cell("nested", 0.0, False, limit, OURS), _some("nested", plan, 1)
        laws = _some("srsd", plan, every(20))
        yield from ((Cell("srsd", 0.0, False, limit, engine), laws) for engine in engines)
    laws = _some("empirical", plan, every(2))[: None if plan.full else 4]
    yield from ((Cell("empirical", 0.0, False, SHORT, engine), laws) for engine in engines)
    if plan.full and peers:
        laws = formulas.feynman(plan.data)[::6]
        yield from ((Cell("beside", 0.0, False, BESIDE, engine), laws) for engine in engines)


def _some(part: str, plan: Plan, every: int) -> list[Formula]:
    """Return every so many formulas of a part, in steps."""
    laws = _all(part, plan.data, plan.seed)[::every]
    return [law for k in range(STRIDE) for law in laws[k::STRIDE]]


def _all(part: str, folder: Path | None, seed: int) -> list[Formula]:
    if part in ("unseen", "nested"):
        return (formulas.unseen if part == "unseen" else formulas.nested)(seed)
    return {
        "feynman": formulas.feynman,
        "beside": formulas.feynman,
        "srsd": formulas.srsd,
        "empirical": formulas.empirical,
    }[part](folder)


def _table(part: str, found: dict[Cell, list[Record | None]], absent: str) -> Table:
    columns = (
        "engine",
        "noise",
        "units",
        "budget",
        "chosen exact",
        "held · aimed, %",
        "within 1 · 10 s",
        "a constant too many",
        "exact on the front",
        "SRBench",
        "R² > 0.999",
        "size",
        "median s",
        "CPU s",
        "evaluations",
        "law/several/none",
        "wrong law",
    )
    rows = [_row(cell, records) for cell, records in found.items() if cell.part == part]
    return Table(f"Formulas: {part}", columns, tuple(rows), PUBLISHED + absent)


def _row(cell: Cell, records: list[Record | None]) -> tuple[str, ...]:
    words = [record["verdict"] for record in answered(records)]
    held = HELD.get((cell.part, cell.noise, cell.units, cell.limit), "–") if cell.engine == OURS else "–"
    told = (cell.engine, f"{100 * cell.noise:g} %", "yes" if cell.units else "", f"{cell.limit:g} s")
    return (
        *told,
        count(records, lambda record: record["exact"]),
        held,
        " · ".join(str(sum(one["exact"] and one["seconds"] <= s for one in answered(records))) for s in WITHIN),
        str(sum(record["superfluous"] > 0 for record in answered(records))),
        count(records, lambda record: record["on_front"]),
        count(records, lambda record: record["srbench"]),
        count(records, lambda record: record["r2"] > 0.999),
        middle(records, "size", "{:.0f}"),
        middle(records, "seconds"),
        middle(records, "cpu"),
        middle(records, "n_evals", "{:.0f}"),
        "/".join(str(words.count(word)) for word in ("law", "several", "none")) if words else UNFINISHED,
        count(records, lambda record: record["verdict"] == "law" and not record["exact"]),
    )


def _missed(records: dict[str, Record]) -> Table:
    """Return what was chosen instead of every law that the symbolic engine missed."""
    rows = [
        (
            key,
            record["chosen"][:100],
            record["verdict"],
            f"{1 - record['r2']:.2g}",
            "yes" if record["on_front"] else "",
            record["stage"],
        )
        for key, record in records.items()
        if f"| {OURS} |" in key and "error_text" not in record and not record["exact"]
    ]
    return Table("Missed", ("case", "chosen instead", "verdict", "1 - R²", "on the front", "stage"), tuple(rows))


def solved(cell: Cell, name: str, folder: str | None, seed: int, clock: str = "wall") -> Record:
    """Return what an engine found for one formula."""
    _ready(cell.engine)
    formula = next(one for one in _all(cell.part, folder and Path(folder), seed) if one.name == name)
    rng = np.random.default_rng([seed, sum(map(ord, name)), round(1e6 * cell.noise)])
    table = formula.observations(cell.noise, rng)
    units = formula.units if cell.units else None
    started, cpu = time.perf_counter(), time.process_time()
    limit, observe = (cell.limit, None) if clock == "wall" else (cell.limit * PATIENCE, _stops_after(cell.limit))
    found = discover.law(table, TARGET, units=units, engine=cell.engine, budget=limit, seed=seed, observe=observe)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    seconds = wall if clock == "wall" else cpu
    told = {"seconds": round(seconds, 3), "wall": round(wall, 3), "cpu": round(cpu, 3)}
    return {**told, **_scored(found, formula, rng)}


def _stops_after(limit: float) -> Callable[[str, float], None]:
    """Return an observer that interrupts a search at the first step after so many CPU seconds of this process."""
    end = time.process_time() + limit
    over = False

    def observe(step: str, share: float) -> None:
        nonlocal over
        if not over and time.process_time() > end:
            over = True  # once: what follows writes down the best so far
            raise KeyboardInterrupt

    return observe


@lru_cache
def _ready(engine: str) -> None:
    """Let an engine find a small law, so that no case pays for imports and compiled kernels."""
    x = np.linspace(1.0, 2.0, 40)
    discover.law({"x": x, "y": np.exp(0.3 * x) + 0.01 * np.sin(40 * x)}, "y", engine=engine, budget=1.0)


def _scored(found: Discovery, formula: Formula, rng: np.random.Generator) -> Record:
    """Return how what was found compares with the formula; the target is variable 0 of what was found."""
    law = substitute(formula.law, [variable(i + 1) for i in range(len(formula.names))])
    (equation,) = found.law.equations
    chosen = _compared(as_candidate(equation), law, formula, rng)
    others = found.front.candidates[:MOST_ON_FRONT]
    on_front = chosen.exact or any(_compared(one, law, formula, rng).exact for one in others)
    told = total(equation)
    X, y = draw(formula, N_FRESH, rng)
    names = [TARGET, *formula.names]
    return {
        "exact": chosen.exact,
        "superfluous": chosen.superfluous,
        "on_front": on_front,
        "srbench": srbench(told, law, names, X[:, :100]),
        "r2": _r2(told, X, y) if formula.table is None else equation.r2,
        "size": n_tokens(told),
        "verdict": found.verdict.word,
        "doubt": max((1.0 - term.inclusion for term in equation.terms), default=1.0),
        "chosen": text(told, names),
        "stage": next((n.rpartition(": ")[2] for n in found.front.notes if "shortest description" in n), ""),
        "n_evals": found.front.n_library,
    }


def draw(formula: Formula, n_rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return fresh values of all variables, a row of zeros for the target first, and clean y."""
    X, y = formula.draw(n_rows, rng)
    return np.concatenate([np.zeros((1, n_rows)), X]), y


def _compared(candidate: Candidate, law: Expr, formula: Formula, rng: np.random.Generator) -> Match:
    form = form_of(candidate, len(formula.names) + 1)
    return match(form, law, lambda n_rows: draw(formula, n_rows, rng))


def as_candidate(equation: Equation) -> Candidate:
    """Return an equation as the candidate that it came from, with the constants that it tells."""
    return Candidate(
        target=equation.target,
        terms=tuple(term.expr for term in equation.terms),
        coefficients=tuple(term.value for term in equation.terms),
        std=tuple(term.std for term in equation.terms),
        loss=equation.loss,
        score=0.0,
        r2=equation.r2,
        inner=tuple(tuple(one.place for one in term.inner) for term in equation.terms),
    )


def total(equation: Equation) -> Expr:
    """Return the right-hand side as one expression.

    >>> x = np.linspace(1.0, 2.0, 60)
    >>> found = discover.law({"x": x, "y": 2.0 * x}, "y", budget=None, max_evals=100)
    >>> total(found.equations["y"])
    Expr(2*x1)
    """
    parts = [term.expr if term.is_reference else term.value * term.expr for term in equation.terms]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def _r2(told: Expr, X: Array, y: Array) -> float:
    """Return R² of what was told on fresh clean values; minus infinity where it is not finite there."""
    value = compile_program([told], len(X)).evaluate(X)[0]
    spread = float(np.sum((y - y.mean()) ** 2))
    rest = float(np.sum((value - y) ** 2))
    return 1.0 - rest / spread if np.isfinite(rest) and spread > 0 else -1e300
