"""Term, Equation, Law, Verdict, Evidence: plain data; what is saved, drawn and exported."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from discover.expr import Expr, add, constant, divide, multiply
from discover.findings import Contrast, Demand, Group, Suggestion
from discover.notebook import Shown
from discover.problem import Array

Word = Literal["law", "several", "none"]
Kind = Literal["derivative", "map", "stochastic", "diffusion", "algebraic"]

LEAST_FRAMES = 8
"""Times of a movie in two or three dimensions that are kept at least, before its frames are thinned."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A constant inside a term that was fitted, such as the 0.7 of exp(-0.7 x).

    Attributes:
        place: which of the constants of the term's expression it is.
        value: the fitted number; `std` its standard error.
        low, high: its 95 % interval.
    """

    place: int
    value: float
    std: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Term:
    """One additive term of a law: a coefficient with its error bar, times an expression.

    Attributes:
        expr: the term without its coefficient.
        value: the fitted coefficient, in `unit`.
        std: its standard error (NaN where unknown).
        low, high: its 95 % interval.
        unit: text of the coefficient's unit, None where unknown.
        inclusion: probability that the term belongs to the law.
        share: its Shapley share of the explained variance; the shares of an equation sum to its R².
        drop: how much R² is lost when it is left out and the others are fitted again.
        alternatives: terms that the data cannot tell from this one, as text.
        inner: the constants inside the expression that were fitted.
    """

    expr: Expr
    value: float
    std: float
    low: float
    high: float
    unit: str | None = None
    inclusion: float = float("nan")
    share: float = float("nan")
    drop: float = float("nan")
    alternatives: tuple[str, ...] = ()
    inner: tuple[Inner, ...] = ()

    @property
    def is_reference(self) -> bool:
        """Whether the coefficient is 1 by choice and not by measurement: the others are relative to it."""
        return self.value == 1.0 and self.std == 0.0


@dataclass(frozen=True, slots=True)
class Equation(Shown):
    """d(target)/d(time) = Σ value · expr, or its kin: the second derivative, a field's u_t, the next value of a map.

    In `terms`, D(expr, multi_index) differentiates along `axes`: time first, then the space coordinates.
    A rational law divides that sum by another one, `denominator`, of which one coefficient is 1 by choice.

    Attributes:
        target: the variable on the left.
        time: the variable it is differentiated by.
        names: the variables that the expressions' leaves count, states first, then inputs.
        terms: the right-hand side.
        r2: share of the variance of its rows that it explains, on all data.
        held_out_r2: the same on folds that its coefficients were not fitted to.
        loss: whitened mean squared error of the rows, about 1 where the law and the noise explain them.
        space: names of the space coordinates that the target is a field over, in order; empty for an ODE.
        kind: "derivative", or "map" where the left side is the target's next value, x[n+1]; "stochastic" for
            the drift f of dx = f dt + g dW, "diffusion" for the square g² of that noise's amplitude; "algebraic"
            where the left side is the target itself.
        order: how often the left side is differentiated by time: 2 for x″ and u_tt.
        denominator: what the terms are divided by; its first term is the reference, of value 1 and without
            error, to which all other coefficients are relative. Empty where nothing is divided by.
        covariance: of the coefficients, those of the terms first, then of the denominator; empty where unknown.
        probability: of these terms among all candidates that were found; None where it was not worked out.
    """

    target: str
    time: str
    names: tuple[str, ...]
    terms: tuple[Term, ...]
    r2: float
    held_out_r2: float
    loss: float
    space: tuple[str, ...] = ()
    kind: Kind = "derivative"
    order: int = 1
    denominator: tuple[Term, ...] = ()
    covariance: tuple[tuple[float, ...], ...] = ()
    probability: float | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes that D differentiates along: time, then space."""
        return (self.time, *self.space)

    @property
    def key(self) -> str:
        """What a front calls the left side: the target, or the name of its squared noise."""
        return squared_name(self.target) if self.kind == "diffusion" else self.target

    @property
    def numerator(self) -> Expr:
        """The sum of the terms with their fitted numbers, as one expression."""
        return _sum(self.terms)

    @property
    def divisor(self) -> Expr | None:
        """The sum that the numerator is divided by, as one expression; None where there is none."""
        return _sum(self.denominator) if self.denominator else None

    @property
    def rhs(self) -> Expr:
        """The right-hand side with its fitted numbers, as one expression."""
        return self.numerator if self.divisor is None else divide(self.numerator, self.divisor)

    @property
    def complexity(self) -> int:
        return sum(term.expr.complexity + 2 for term in (*self.terms, *self.denominator))


def _sum(terms: tuple[Term, ...]) -> Expr:
    """Return Σ value · expr; a reference term, 1 by choice, stands there without its coefficient."""
    total: Expr | None = None
    for term in terms:
        product = term.expr if term.is_reference else multiply(constant(term.value), term.expr)
        total = product if total is None else add(total, product)
    return constant(0.0) if total is None else total


def squared_name(state: str) -> str:
    """Return what a front calls the square of the noise's amplitude on a state.

    >>> squared_name("x")
    'g²(x)'
    """
    return f"g²({state})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure we may be: `word`, and the reasons in sentences."""

    word: Word
    reasons: tuple[str, ...]


def _same(mine: tuple[Array, ...], its: tuple[Array, ...]) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(mine, its, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """One piece of measured trajectory beside what the law makes of it.

    Attributes:
        trajectory: its label.
        time: shape (n_samples,).
        measured: shape (n_variables, n_samples).
        simulated: shape (n_states, n_samples), NaN where the simulation left the finite numbers.
    """

    trajectory: str
    time: Array
    measured: Array
    simulated: Array

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stretch) or self.trajectory != other.trajectory:
            return False
        return _same((self.time, self.measured, self.simulated), (other.time, other.measured, other.simulated))


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """One piece of a measured field beside what the law makes of it.

    Attributes:
        trajectory: its label.
        axes: names of its axes, time first, then space.
        coordinates: along each axis, shapes (n_t,), (n_x,), …
        measured: shape (n_variables, n_t, n_x, …), NaN where nothing was measured.
        simulated: shape (n_states, n_t, n_x, …), NaN where the simulation left the finite numbers.
    """

    trajectory: str
    axes: tuple[str, ...]
    coordinates: tuple[Array, ...]
    measured: Array
    simulated: Array

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Patch) or (self.trajectory, self.axes) != (other.trajectory, other.axes):
            return False
        mine, its = (*self.coordinates, self.measured), (*other.coordinates, other.measured)
        return len(mine) == len(its) and _same((*mine, self.simulated), (*its, other.simulated))

    def thinned(self, most: int = 20_000) -> "Patch":
        """Return the patch with every k-th coordinate along its axes, so that `measured` has at most `most` values.

        Time and one space axis are thinned alike; of a movie in more dimensions, frames go before resolution.

        >>> t, x = np.arange(400.0), np.arange(300.0)
        >>> movie = np.zeros((1, 400, 300))
        >>> Patch("a", ("t", "x"), (t, x), movie, movie).thinned().measured.shape
        (1, 134, 100)
        """
        shape, steps = self.measured.shape[1:], [1] * len(self.axes)
        sizes = list(shape)
        while len(self.measured) * math.prod(sizes) > most and max(sizes) > 1:
            axis = 0 if len(shape) > 2 and sizes[0] > LEAST_FRAMES else int(np.argmax(sizes))
            steps[axis] += 1
            sizes[axis] = -(-shape[axis] // steps[axis])
        slices = tuple(slice(None, None, step) for step in steps)
        return replace(
            self,
            coordinates=tuple(along[cut] for along, cut in zip(self.coordinates, slices, strict=True)),
            measured=self.measured[(slice(None), *slices)],
            simulated=self.simulated[(slice(None), *slices)],
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bounded sample of data and simulation from which every figure is drawn.

    Attributes:
        stretches: measured and simulated pieces, at most a few thousand samples in all.
        segment: samples over which the simulation follows the data before it starts afresh.
        trajectory_chi2: chi-square per degree of freedom of the simulated trajectories (NaN: not fitted).
        noise: estimated noise level of each variable, standard deviation in its own unit.
        fields: measured and simulated pieces of fields, for laws over space.
    """

    stretches: tuple[Stretch, ...]
    segment: int
    trajectory_chi2: float
    noise: tuple[float, ...]
    fields: tuple[Patch, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a law comes from, so that another person can check and re-run it.

    Attributes:
        source: file name or description of the data.
        fingerprint: SHA-256 of the values, "sha256:…".
        n_samples, n_trajectories: size of the data.
        settings: every setting of the run, name and value as text.
        seed: the seed.
        versions: package versions, name and text.
        command: the command or call that repeats the run.
        notes: what was done to the data and what the search had to say.
        created: ISO time, UTC.
    """

    source: str
    fingerprint: str
    n_samples: int
    n_trajectories: int
    settings: tuple[tuple[str, str], ...]
    seed: int
    versions: tuple[tuple[str, str], ...]
    command: str
    notes: tuple[str, ...]
    created: str


@dataclass(frozen=True, slots=True)
class Law:
    """Equations, how sure we may be of them, and what that rests on.

    Attributes:
        equations: one per state, in the order of the states.
        names: every variable, states first, then inputs; `units` in the same order.
        time: name of the independent variable; `time_unit` its unit.
        estimator: how the coefficients were estimated: "trajectories", "weak form", "strong form", "single steps" of a
            map, "increments" of a stochastic law, or "least squares" for an algebraic one.
        space: names of the space coordinates, in order; empty for laws without space. `space_units` their units.
        cases: labels of the cases with coefficients of their own; their indicators, 1 in the case and 0 elsewhere,
            are the last of `names`. `by` is what the cases are called after.
        contrasts: which coefficients differ between the cases.
        diffusion: of a stochastic law dx_i = f_i dt + g_i dW_i (Itô), the equations of g_i², one per state; then
            E[(dx_i)²] = g_i² dt, the diffusion coefficient of a Fokker-Planck equation is g_i²/2, and the
            noises of different states are independent.
        requirements: what the law had to obey.
        suggestions: symmetries that nobody required and the data show.
        groups: dimensionless quantities that the law was sought in, where that was asked for; `dimensionless` are the
            equations between them, in which every name stands for its group.
    """

    equations: tuple[Equation, ...]
    names: tuple[str, ...]
    units: tuple[str | None, ...]
    time: str
    time_unit: str | None
    estimator: str
    verdict: Verdict
    evidence: Evidence
    provenance: Provenance
    space: tuple[str, ...] = ()
    space_units: tuple[str | None, ...] = ()
    cases: tuple[str, ...] = ()
    by: str = ""
    contrasts: tuple[Contrast, ...] = ()
    diffusion: tuple[Equation, ...] = ()
    requirements: tuple[Demand, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    groups: tuple[Group, ...] = ()
    dimensionless: tuple[Equation, ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes that D differentiates along: time, then space."""
        return (self.time, *self.space)

    @property
    def axis_units(self) -> tuple[str | None, ...]:
        """The units of `axes`, None where unknown."""
        known = self.space_units or (None,) * len(self.space)
        return (self.time_unit, *known)

    @property
    def kind(self) -> Kind:
        """What stands on the left: "derivative", "map" for the next value, or "stochastic" for the increments."""
        return self.equations[0].kind if self.equations else "derivative"

    @property
    def all_equations(self) -> tuple[Equation, ...]:
        """The equations of the states, then those of the diffusion."""
        return (*self.equations, *self.diffusion)

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(equation.target for equation in self.equations)

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.names[len(self.equations) :]

    @property
    def measured(self) -> tuple[str, ...]:
        """States and inputs, but for coordinates that stand in terms and the indicators of cases."""
        n = len(self.names) - len(self.cases)
        return tuple(name for name in self.names[:n] if name in self.states or name not in self.axes)
