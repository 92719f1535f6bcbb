"""Formulas to be found: where they come from, how their data are drawn, and what the truth is.

A formula is a text over variables with ranges and units; every draw takes fresh values from its own seed. Those
of Udrescu and Tegmark (2020, doi:10.1126/sciadv.aay2631), of SRSD (Matsubara et al. 2022, arXiv:2206.10540) and of
EmpiricalBench (Cranmer 2023, arXiv:2305.01582) come from `--data DIR`; the unseen ones stand in `formulas_unseen`.
"""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.formulas_nested import NESTED
from benchmarks.formulas_unseen import UNSEEN
from benchmarks.plan import Record
from discover.expr import Expr, constant, evaluate, parse, substitute, variable

Array = np.ndarray

TARGET = "y_"
N_ROWS = 1000
BASE = ("m", "s", "kg", "K", "V")
"""What the exponents of the tables count."""

FEYNMAN, SRSD, EMPIRICAL = "feynman_equations.csv", "srsd_equations.csv", "empiricalbench"
NINE = ("hubble", "kepler", "newton", "planck", "leavitt", "schechter", "bode", "ideal_gas", "rydberg")
NESTED_ROWS = 300
FEW, MANY = 60, 1000
"""Rows of the unseen formulas: as many as their seed says, between these."""

INSET = 0.15
"""Largest share of a range that the seed cuts off at either end, so that no two draws share their ranges."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A column: its name, range and unit (None where unknown), and how values are spread over the range.

    `spread` is "even", "log", "log signed" or "whole".
    """

    name: str
    low: float
    high: float
    unit: str | None = None
    spread: str = "even"

    def draw(self, n_rows: int, rng: np.random.Generator) -> Array:
        """Return values (n_rows,)."""
        if self.spread == "whole":
            return rng.integers(round(self.low), round(self.high), n_rows, endpoint=True).astype(np.float64)
        if self.spread == "even":
            return rng.uniform(self.low, self.high, n_rows)
        size = np.exp(rng.uniform(math.log(self.low), math.log(self.high), n_rows))
        return size if self.spread == "log" else size * rng.choice([-1.0, 1.0], n_rows)

    def narrowed(self, rng: np.random.Generator) -> "Variable":
        """Return the variable with its range cut at both ends by what the generator says."""
        if self.spread == "whole":
            return self
        cut = rng.uniform(0.0, INSET, 2)
        if self.spread == "even":
            low, high = self.low + cut[0] * (self.high - self.low), self.high - cut[1] * (self.high - self.low)
        else:
            decades = math.log(self.high / self.low)
            low, high = self.low * math.exp(cut[0] * decades), self.high * math.exp(-cut[1] * decades)
        return Variable(self.name, low, high, self.unit, self.spread)


@dataclass(frozen=True)
class Formula:
    """A law to be found, y = f(x).

    Attributes:
        name: of the law.
        spelled: the right-hand side; "pi" is π.
        variables: the columns, those that do not matter included.
        unit: of y, None where unknown.
        n_rows: how many observations there are.
        table: measured columns and the target last, where nothing is drawn.
    """

    name: str
    spelled: str
    variables: tuple[Variable, ...]
    unit: str | None = None
    n_rows: int = N_ROWS
    table: Mapping[str, Array] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def law(self) -> Expr:
        """The right-hand side over the columns, in their order."""
        names = [one.name for one in self.variables]
        expr = parse(self.spelled, [*names, "pi"])
        return substitute(expr, [*(variable(i) for i in range(len(names))), constant(math.pi)])

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.variables]

    @property
    def units(self) -> dict[str, str]:
        """Units by column, that of the target included, where they are known."""
        known = {one.name: one.unit for one in self.variables} | {TARGET: self.unit}
        return {name: unit for name, unit in known.items() if unit is not None}

    def draw(self, n_rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return X (n_variables, n_rows) and clean y (n_rows,), drawn anew where y would not be finite."""
        X = np.empty((len(self.variables), 0))
        y = np.empty(0)
        for _ in range(100):
            more = np.array([one.draw(n_rows, rng) for one in self.variables])
            with np.errstate(all="ignore"):
                value = np.broadcast_to(np.asarray(evaluate(self.law, more), dtype=float), n_rows)
            good = np.isfinite(value)
            X, y = np.concatenate([X, more[:, good]], axis=1), np.concatenate([y, value[good]])
            if len(y) >= n_rows:
                return np.ascontiguousarray(X[:, :n_rows]), y[:n_rows].copy()
        raise ValueError(f"{self.name} is hardly ever finite in its ranges.")

    def observations(self, noise: float, rng: np.random.Generator) -> dict[str, Array]:
        """Return columns and the target with noise times its root mean square added; as measured where they are."""
        if self.table is not None:
            return dict(self.table)
        X, y = self.draw(self.n_rows, rng)
        y = y + noise * np.sqrt(np.mean(y**2)) * rng.standard_normal(len(y))
        return {**dict(zip(self.names, X, strict=True)), TARGET: y}


def _rows(folder: Path | None, file: str) -> list[Record]:
    path = _path(folder, file)
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _path(folder: Path | None, file: str) -> Path:
    if folder is None:
        raise SystemExit(f"This part of the suite laws needs --data DIR, the folder that holds {file}.")
    path = Path(folder) / file
    if not path.exists():
        raise SystemExit(f"There is no {path}; --data names the folder that holds {file}.")
    return path


def unit_of(exponents: Sequence[float]) -> str:
    """Return a unit as text from exponents of m, s, kg, K and V.

    >>> unit_of([2, -1, 1, 0, 0]), unit_of([0, 0, 0, 0, 0])
    ('m2 s-1 kg', '1')
    """
    return " ".join(base + ("" if n == 1 else f"{n:g}") for base, n in zip(BASE, exponents, strict=True) if n) or "1"


def feynman(folder: Path | None) -> list[Formula]:
    """Return the hundred laws of the Feynman lectures, 1000 rows drawn evenly from the ranges of the table."""
    found = []
    for row in _rows(folder, FEYNMAN):
        if row["set"] == "feynman":
            spelled = row["formula"].replace("arcsin", "asin").replace("arccos", "acos").replace("ln(", "log(")
            columns = tuple(
                Variable(one["name"], one["low"], one["high"], unit_of(one["units"]))
                for one in json.loads(row["variables"])
            )
            found.append(Formula(row["id"], spelled, columns, unit_of(json.loads(row["output_units"]))))
    return sorted(found, key=lambda one: one.name)


def srsd(folder: Path | None) -> list[Formula]:
    """Return the 120 laws of SRSD on realistic ranges, many of them over decades and some of whole numbers."""
    spreads = {("log", "pos"): "log", ("log", "pos_neg"): "log signed", ("uni", "pos"): "even", ("int", "pos"): "whole"}
    found = []
    for row in _rows(folder, SRSD):
        told = json.loads(row["variables"])
        keys = sorted((key for key in told if key != "v0"), key=lambda key: int(key[1:]))
        columns = []
        for key in keys:
            low, high = told[key]["range"]
            columns.append(Variable(key, low, high, unit_of(told[key]["units"]), spreads[tuple(told[key]["sampling"])]))
        spelled = row["prepared"].replace("^", "**")
        found.append(Formula(row["id"], spelled, tuple(columns), unit_of(told["v0"]["units"])))
    return found


def empirical(folder: Path | None) -> list[Formula]:
    """Return the nine laws of EmpiricalBench with the data that they were, or might have been, found in."""
    index = json.loads(_path(folder, f"{EMPIRICAL}/index.json").read_text(encoding="utf-8"))["problems"]
    found = []
    for told in (one for one in index if one["name"] in NINE):
        rows = _rows(folder, f"{EMPIRICAL}/{told['name']}.csv")
        columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
        (target,) = told["target"]
        table = {name: values for name, values in columns.items() if name != target} | {TARGET: columns[target]}
        inputs = tuple(_measured(name, values) for name, values in table.items() if name != TARGET)
        spelled = told["form_to_find"]
        n = len(told["fitted_constants"])
        for k, value in enumerate(told["fitted_constants"]):
            spelled = _with_number(spelled, "c" if n == 1 else f"c{k + 1}", value)
        found.append(Formula(told["name"], spelled, inputs, n_rows=len(rows), table=table))
    return found


def _measured(name: str, values: Array) -> Variable:
    """Return the range in which a measured column lies, as what the truth is compared on."""
    low, high = float(values.min()), float(values.max())
    if np.all(values == np.round(values)) and high - low < 100:
        return Variable(name, low, high, spread="whole")
    return Variable(name, max(low, -3.0), high, spread="log" if low > 0 else "even")


def _with_number(spelled: str, name: str, value: float) -> str:
    import re

    return re.sub(rf"\b{name}\b", f"({value!r})", spelled)


def unseen(seed: int) -> list[Formula]:
    """Return the forty unseen formulas with numbers, ranges, rows and columns that do not matter from the seed.

    >>> len(unseen(3))
    40
    """
    found = []
    for name, spelled, ranges, unit, constants in UNSEEN:
        rng = np.random.default_rng([seed, sum(map(ord, name))])
        for key, (low, high) in constants.items():
            spelled = _with_number(spelled, key, float(f"{rng.uniform(low, high):.3g}"))
        wanted = [Variable(key, low, high, u).narrowed(rng) for key, (low, high, u) in ranges.items()]
        extra = [_idle(k, wanted, rng) for k in range(int(rng.integers(1, 4)))]
        n_rows = round(math.exp(rng.uniform(math.log(FEW), math.log(MANY))))
        mixed = [(*wanted, *extra)[i] for i in rng.permutation(len(wanted) + len(extra))]
        found.append(Formula(name, spelled, tuple(mixed), unit, n_rows))
    return found


def nested(seed: int) -> list[Formula]:
    """Return the thirty formulas with nested constants, their numbers and ranges from the seed.

    >>> len(nested(3))
    30
    """
    found = []
    for name, spelled, ranges, constants in NESTED:
        rng = np.random.default_rng([seed, sum(map(ord, name))])
        for key, (low, high) in constants.items():
            spelled = _with_number(spelled, key, float(f"{rng.uniform(low, high):.3g}"))
        wanted = [Variable(key, low, high).narrowed(rng) for key, (low, high) in ranges.items()]
        found.append(Formula(name, spelled, tuple(wanted), n_rows=NESTED_ROWS))
    return found


def _idle(k: int, wanted: Sequence[Variable], rng: np.random.Generator) -> Variable:
    """Return a column that does not matter, like one of those that do."""
    like = wanted[int(rng.integers(len(wanted)))]
    scale = float(rng.uniform(0.5, 2.0))
    return Variable(f"idle{k + 1}", like.low * scale, like.high * scale, like.unit, like.spread)
