"""Laws sought between dimensionless groups, and given back in the units of the data: the same law, exactly.

A variable x is its group times a yardstick, x = S x*, so a term f(x*) is f(x/S): multiplied out, it is a term of the
data's own variables times a number, and coefficients, error bars and covariances are multiplied by that number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from discover.data import load
from discover.data.groups import Scales, Yardstick, known_dimensions, scales_of, time_dimension
from discover.data.units import compose, symbols
from discover.equation import Equation, Law, Provenance, Stretch, Term
from discover.errors import SettingError, UnitError
from discover.expr import VARIABLE, Expr, constant, dimension_of, divide, multiply, simplify, substitute, text, variable
from discover.expr.expansion import expand, monomial_expr
from discover.expr.inner import closed, opened
from discover.findings import Group
from discover.front import Candidate, Front
from discover.problem import Array, Problem

if TYPE_CHECKING:
    import xarray as xr

RUN = "trajectory"
"""The column that tells stretches apart."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What the variables of a problem are divided by.

    Attributes:
        problem: in the units of the data.
        kept: its variables that are left, in their order.
        names: of all variables, the time last.
        yardsticks: of all variables, then of the time; a formula has none of the time.
    """

    problem: Problem
    kept: tuple[int, ...]
    names: tuple[str, ...]
    yardsticks: tuple[Yardstick, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups, as people read them."""
        every = [*self.kept, *range(self.problem.n_variables, len(self.yardsticks))]
        return tuple(Group(self.names[v], self._told(v)) for v in every)

    def _told(self, v: int) -> str:
        yardstick, units = self.yardsticks[v], (*self.problem.units, self.problem.time_unit)
        n = len(self.names)
        whole = simplify(divide(variable(v), yardstick.expr()))
        if yardstick.powers:
            number = "" if abs(yardstick.number - 1.0) < 1e-12 else f" / {yardstick.number:.6g}"
            return text(whole, self.names[:n]) + number
        plain = text(variable(v), self.names)
        return plain if yardstick.number == 1.0 else f"{plain} / ({yardstick.number:.6g} {units[v]})"


def measure_of(problem: Problem) -> Measure:
    """Return what makes a problem dimensionless.

    Raises:
        SettingError: for problems that have no such form.
        UnitError: where units are missing, or do not allow it.
    """
    if problem.space or problem.cases or problem.formulation in ("discrete", "stochastic"):
        raise SettingError(
            "nondimensionalise=True is for trajectories of x' or x'' and for formulas so far, not for fields, cases, "
            "maps or stochastic laws; leave it out."
        )
    scales: Scales = scales_of(problem)
    dims = known_dimensions(problem)
    yardsticks = [scales.of(one, unit) for one, unit in zip(dims, problem.units, strict=True)]
    names = problem.names
    if problem.formulation != "algebraic":
        yardsticks.append(scales.of(time_dimension(problem), problem.time_unit))
        names = (*names, problem.time)
    kept = tuple(v for v in range(problem.n_variables) if v not in scales.used_up)
    return Measure(problem, kept, names, tuple(yardsticks))


def trajectories_in_groups(measure: Measure) -> "xr.Dataset":
    """Return the measured trajectories with everything divided by its yardstick."""
    problem, columns = measure.problem, dict[str, list[Array]]()
    label = RUN
    while label in measure.names:
        label += "_"
    for k, block in enumerate(problem):
        pace = measure.yardsticks[-1].at(block.X)
        run = np.full(block.n_samples, f"{block.trajectory} {k}")
        columns.setdefault(label, []).append(run)
        columns.setdefault(problem.time, []).append(block.time / pace)
        for v in measure.kept:
            columns.setdefault(problem.names[v], []).append(block.X[v] / measure.yardsticks[v].at(block.X))
    inputs = [problem.names[v] for v in measure.kept if v >= problem.n_states]
    table = {name: np.concatenate(parts) for name, parts in columns.items()}
    units = dict.fromkeys([problem.names[v] for v in measure.kept] + [problem.time], "1")
    return cast("xr.Dataset", load(table, time=problem.time, group=label, inputs=inputs, units=units))


def table_in_groups(measure: Measure) -> tuple[dict[str, Array], dict[str, dict[str, Array]]]:
    """Return a table's columns divided by their yardsticks, and how its errors are told: as `sigma`, or `weights`.

    Raises:
        SettingError: where no column is left to explain the target.
    """
    problem, block = measure.problem, measure.problem.blocks[0]
    columns = {problem.names[v]: block.X[v] / measure.yardsticks[v].at(block.X) for v in measure.kept}
    if len(columns) == problem.n_states:
        y, name = columns[problem.targets[0]], problem.targets[0]
        error = y.std(ddof=1) / np.sqrt(len(y))
        raise SettingError(
            f"All columns are used up by the scale of {name}, so {measure.groups[0].text} can only be a number, "
            f"{y.mean():.6g} ± {error:.2g}; there is nothing to search."
        )
    weights = {}
    for i, name in enumerate(problem.targets):
        size = measure.yardsticks[problem.target_index(name)].at(block.X)
        precision = np.ones(block.n_rows) if block.precision is None else block.precision[i]
        weights[name] = precision * size**2
    if problem.knows_errors:
        return columns, {"sigma": {name: 1.0 / np.sqrt(weight) for name, weight in weights.items()}}
    return columns, {"weights": weights}


def restored(law: Law, front: Front, measure: Measure, provenance: Provenance) -> tuple[Law, Front]:
    """Return a law between groups, and its front, in the units of the data.

    Args:
        law, front: in the groups.
        measure: what the variables were divided by.
        provenance: of the data themselves.
    """
    problem = measure.problem
    names = (*problem.names, *(name for name in law.names if name not in problem.names))
    back = _Back(measure, names, law.names)
    noise = [measure.yardsticks[names.index(name)].number for name in law.names[: len(law.evidence.noise)]]
    evidence = replace(
        law.evidence,
        stretches=tuple(back.stretch(one) for one in law.evidence.stretches),
        noise=tuple(float(size * one) for size, one in zip(noise, law.evidence.noise, strict=True)),
    )
    whole = replace(
        law,
        equations=tuple(back.equation(one) for one in law.equations),
        names=names,
        units=(*problem.units, *(problem.time_unit for _ in names[problem.n_variables :])),
        time_unit=problem.time_unit,
        evidence=evidence,
        provenance=provenance,
        groups=measure.groups,
        dimensionless=tuple(back.renamed(one) for one in law.equations),
        suggestions=(),  # between groups other variables may change places than between what has units
    )
    candidates = tuple(back.candidate(one) for one in front.candidates)
    return whole, replace(
        front, candidates=candidates, offers=(), below=(), forced=(), systems=(), system_scores=(), law=None
    )


@dataclass(frozen=True, slots=True)
class _Back:
    """The way back from the groups of a measure; `names` are those of the data, `groups` those of the law."""

    measure: Measure
    names: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def places(self) -> list[int]:
        """Which variable of the data each of the groups stands for."""
        return [self.names.index(name) for name in self.groups]

    def size(self, target: str, order: int) -> Yardstick:
        """Return what a left-hand side is divided by."""
        one = self.measure.yardsticks[self.names.index(target)]
        if self.measure.problem.formulation == "algebraic":
            return one
        pace = self.measure.yardsticks[-1]
        powers = dict(one.powers)
        for v, exponent in pace.powers:
            powers[v] = powers.get(v, 0) - order * exponent
        return Yardstick(one.number / pace.number**order, tuple((v, p) for v, p in powers.items() if p))

    def term(
        self, expr: Expr, inner: Sequence[int], size: Yardstick, whole: bool = False
    ) -> tuple[Expr, float, list[int]]:
        """Return size times a term of the groups as a term of the data's variables, a number, and where constants are.

        The last are, for each of the constants at the places `inner`, its place in the new term. A `whole` term has the
        number inside, since its coefficient is 1 by choice.
        """
        first = len(self.names)
        free = opened(_moved(expr, len(self.groups), first), inner, 2 * first)
        images = [variable(v) for v in range(first)]
        images += [divide(variable(v), self._yardstick(v)) for v in self.places]
        images += [variable(v) for v in range(len(images), 2 * first)]
        images += [variable(2 * first + k) for k in range(len(inner))]
        product = multiply(size.expr(), self._timed(substitute(free, images), free))
        products, made, number = expand(product), simplify(product), 1.0
        if len(products) == 1:
            ((monomial, number),) = products.items()
            made = monomial_expr(monomial)
        number *= size.number
        if whole and number != 1.0:
            made = multiply(constant(number), made)
            made, number = made if inner else simplify(made), 1.0
        order = [argument - 2 * first for opcode, argument in made.tape if opcode == VARIABLE and argument >= 2 * first]
        values = [expr.constants[place] for place in inner]
        shut, places = closed(made, 2 * first, values)
        where = dict(zip(order, places, strict=True))
        return shut, float(number), [where[k] for k in range(len(inner))]

    def _yardstick(self, v: int) -> Expr:
        one = self.measure.yardsticks[min(v, len(self.measure.yardsticks) - 1)]
        return multiply(constant(one.number), one.expr()) if one.powers else constant(one.number)

    def _timed(self, expr: Expr, free: Expr) -> Expr:
        """Return a term with the yardstick of the time for every derivative by it."""
        n = sum(sum(orders) for orders in free.orders)
        pace = self.measure.yardsticks[-1]
        if not n:
            return expr
        if pace.powers or any(self.measure.yardsticks[v].powers for v in self.places if v < len(self.names)):
            raise SettingError("Derivatives by time within terms have no groups of parameters; leave order=2 out.")
        return multiply(constant(pace.number**n), expr)

    def equation(self, one: Equation) -> Equation:
        """Return an equation in the units of the data."""
        size = self.size(one.target, one.order)
        above = [self._term(term, size, term.is_reference) for term in one.terms]
        below = [self._term(term, Yardstick(1.0), False) for term in one.denominator]
        reference = below[0][1] if below else 1.0
        terms = tuple(_times(term, factor / reference) for term, factor in above)
        under = tuple(_times(term, factor / reference) for term, factor in below)
        factors = np.array([factor / reference for _, factor in (*above, *below)])
        covariance = np.array(one.covariance) * np.outer(factors, factors) if one.covariance else ()
        return replace(
            one,
            names=self.names,
            time=self.measure.problem.time if self.measure.problem.formulation != "algebraic" else one.time,
            terms=tuple(replace(term, unit=self._unit(one, term)) for term in terms),
            denominator=under,
            covariance=tuple(tuple(row) for row in np.asarray(covariance).tolist()),
        )

    def _term(self, term: Term, size: Yardstick, whole: bool) -> tuple[Term, float]:
        expr, factor, places = self.term(term.expr, [one.place for one in term.inner], size, whole)
        inner = tuple(replace(one, place=place) for one, place in zip(term.inner, places, strict=True))
        return replace(term, expr=expr, inner=inner, alternatives=()), factor

    def _unit(self, one: Equation, term: Term) -> str | None:
        """Return the unit of a coefficient; None where the term has none of its own."""
        problem = self.measure.problem
        if one.denominator or term.inner:
            return None
        units = [None if unit is None else symbols(unit) for unit in problem.units]
        clock = symbols(problem.time_unit) if problem.time_unit else None
        units += [clock for _ in self.names[problem.n_variables :]]
        left = units[self.names.index(one.target)]
        try:
            mine = dimension_of(term.expr, units, axes=[clock]) if term.expr.variables else symbols("1")
        except UnitError:
            return None
        if left is None or mine is None:
            return None
        rate = left if clock is None or problem.formulation == "algebraic" else left / clock**one.order
        return compose(rate / mine)

    def renamed(self, one: Equation) -> Equation:
        """Return an equation of the groups, each of which bears the name of what it stands for."""
        images = [variable(v) for v in self.places]
        return replace(
            one,
            names=self.names,
            terms=tuple(replace(term, expr=substitute(term.expr, images)) for term in one.terms),
            denominator=tuple(replace(term, expr=substitute(term.expr, images)) for term in one.denominator),
        )

    def candidate(self, one: Candidate) -> Candidate:
        """Return a row of the front in the units of the data."""
        problem = self.measure.problem
        order = 0 if problem.formulation == "algebraic" else problem.order_of(problem.targets.index(one.target))
        size = self.size(one.target, order)
        fixed = [value == 1.0 and std == 0.0 for value, std in zip(one.coefficients, one.std, strict=True)]
        above = [self.term(e, p, size, own) for e, p, own in zip(one.terms, one.places, fixed, strict=True)]
        below = [self.term(e, (), Yardstick(1.0)) for e in one.denominator]
        reference = below[0][1] if below else 1.0
        up = np.array([factor / reference for _, factor, _ in above])
        down = np.array([factor / reference for _, factor, _ in below])
        return replace(
            one,
            terms=tuple(e for e, _, _ in above),
            coefficients=tuple((up * one.coefficients).tolist()),
            std=tuple((up * one.std).tolist()),
            denominator=tuple(e for e, _, _ in below),
            divisors=tuple((down * one.divisors).tolist()) if below else (),
            divisor_std=tuple((down * one.divisor_std).tolist()) if below else (),
            inner=tuple(tuple(places) for _, _, places in above) if one.inner else (),
            alternatives=("",) * len(above) if one.alternatives else (),
        )

    def stretch(self, one: Stretch) -> Stretch:
        """Return a stretch of evidence in the units of the data."""
        problem = self.measure.problem
        if problem.formulation == "algebraic":
            X = problem.blocks[0].X[:, one.time.astype(int)]
            sizes = [self.measure.yardsticks[problem.target_index(name)].at(X) for name in problem.targets]
            return replace(one, measured=X, simulated=one.simulated * np.array(sizes))
        label, _, number = one.trajectory.rpartition(" ")
        block = problem.blocks[int(number)]
        rows = {v: k for k, v in enumerate(self.places)}
        start = block.X[:, :1]
        pace = float(self.measure.yardsticks[-1].at(start)[0])
        sizes = np.array([float(yardstick.at(start)[0]) for yardstick in self.measure.yardsticks])
        measured = np.array(
            [
                one.measured[rows[v]] * sizes[min(v, len(sizes) - 1)]
                if v in rows
                else np.full(one.time.size, start[v, 0])
                for v in range(len(self.names))
            ]
        )
        simulated = one.simulated * sizes[: len(one.simulated), None]
        return Stretch(label, one.time * pace, measured, simulated)


def _moved(expr: Expr, n: int, by: int) -> Expr:
    """Return an expression whose variables are counted from `by` on."""
    return substitute(expr, [variable(by + v) for v in range(n)])


def _times(term: Term, factor: float) -> Term:
    if term.is_reference:
        return term
    ends = sorted((term.low * factor, term.high * factor)) if np.isfinite(term.low) else (term.low, term.high)
    return replace(term, value=term.value * factor, std=term.std * abs(factor), low=ends[0], high=ends[1])
