"""Conserved quantities as people read them: scaled, with plain numbers where the data allow, and their evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from discover.equation import Equation, Provenance, Term, Verdict
from discover.expr import Expr
from discover.inference.conserved import Found
from discover.inference.constancy import Track
from discover.problem import Array

TRACES, TRACE_SAMPLES = 8, 300
"""Trajectories whose values are kept for the picture, and samples of each."""

DENSITY = {1: 1, 2: 2, 3: 4, 4: 6}
"""Denominators of plain fractions, and how many fractions with these or smaller ones a unit of length holds."""

COINCIDENCE, AGREES = 0.1, 2.0
"""Chance of meeting some such fraction, up to which one is taken; standard errors within which it has to lie."""

Z95 = 1.959964
"""Standard errors on either side of a 95 % interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A quantity along one trajectory.

    Attributes:
        trajectory: its label.
        time: shape (n_samples,).
        values: of the quantity at the measured states, shape (n_samples,).
        noise: standard deviation that the measurement gives them, shape (n_samples,).
        level: its weighted mean; `error` the standard error of that.
    """

    trajectory: str
    time: Array
    values: Array
    noise: Array
    level: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """One conserved quantity, or one that was refused.

    Attributes:
        equation: its name on the left, its terms with error bars on the right; constants that were taken for plain
            fractions have no error.
        p_value: chance that noise alone moves the quantity as much along the trajectories.
        held_out: the same on trajectories, or halves of the only one, that its coefficients were not fitted to.
        share: what it moves slowly, noise and all, over its spread where coordinates are of different times.
        drift: upper bound (95 %) on what of that is no noise.
        reach: standard deviation of its levels between trajectories, over the same spread.
        tells_levels: whether trajectories have different values of it, beyond their errors.
        rivals: text of other sums that these data cannot tell from it.
        refusal: why it is not taken for conserved; None where it is.
        traces: its values, for the picture.
    """

    equation: Equation
    p_value: float
    held_out: float
    share: float
    drift: float
    reach: float
    tells_levels: bool
    rivals: tuple[str, ...]
    refusal: str | None
    traces: tuple[Trace, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.equation.target

    @property
    def expr(self) -> Expr:
        """It as one expression, its numbers to a hundredth of their errors."""
        return replace(self.equation, terms=tuple(_to_its_error(term) for term in self.equation.terms)).rhs


@dataclass(frozen=True, slots=True)
class Conservation:
    """What a search for conserved quantities says; plain data.

    Attributes:
        names: of the variables, states first.
        units: of each, None where unknown.
        time: name of the time; `time_unit` its unit.
        quantities: those that are conserved, functionally independent.
        refused: the nearest that are not.
        verdict: "law", "several" or "none", with its reasons.
        n_terms: how many terms were on offer.
        interrupted: whether the search was cut short.
        provenance: where the data come from, and how to repeat it.
    """

    names: tuple[str, ...]
    units: tuple[str | None, ...]
    time: str
    time_unit: str | None
    quantities: tuple[Quantity, ...]
    refused: tuple[Quantity, ...]
    verdict: Verdict
    n_terms: int
    interrupted: bool
    provenance: Provenance


def _to_its_error(term: Term) -> Term:
    """Return a term with its number rounded to a hundredth of its error, so that it can be read and copied."""
    if not term.std > 0.0:
        return term
    places = 2 - int(np.floor(np.log10(term.std)))
    return replace(term, value=round(term.value, places))


def quantity(
    name: str, found: Found, terms: Sequence[Expr], tracks: Sequence[Track], names: Sequence[str], time: str
) -> Quantity:
    """Return a sum as people read it."""
    still, chosen = found.still, [terms[k] for k in found.chosen]
    c, covariance = readable(still.coefficients, still.covariance)
    scale = c[0] / still.coefficients[0]
    std = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    written = tuple(
        Term(expr, float(v), float(s), float(v - Z95 * s), float(v + Z95 * s))
        for expr, v, s in zip(chosen, c, std, strict=True)
    )
    rows = tuple(tuple(row) for row in covariance.tolist())
    equation = Equation(name, time, tuple(names), written, np.nan, np.nan, np.nan, kind="algebraic", covariance=rows)
    traces = [
        _trace(track.of(found.chosen), c, level * scale, abs(scale) * error)
        for track, level, error in zip(tracks, still.levels.tolist(), still.errors.tolist(), strict=True)
    ]
    return Quantity(
        equation=equation,
        p_value=still.p_value,
        held_out=still.held_out,
        share=still.share,
        drift=still.drift,
        reach=still.reach,
        tells_levels=still.tells_levels,
        rivals=tuple(_in_words(rival, terms, names) for rival in found.rivals),
        refusal=found.refusal,
        traces=tuple(traces[:TRACES]),
    )


def _trace(track: Track, c: Array, level: float, error: float) -> Trace:
    every = max(1, -(-len(track.time) // TRACE_SAMPLES))
    here = slice(None, None, every)
    return Trace(track.trajectory, track.time[here], (c @ track.values)[here], track.noise(c)[here], level, error)


def _in_words(one: Found, terms: Sequence[Expr], names: Sequence[str]) -> str:
    from discover.expr import add, constant, multiply, text

    c, _ = readable(one.still.coefficients, one.still.covariance)
    total: Expr | None = None
    for value, k in zip(c.tolist(), one.chosen, strict=True):
        product = terms[k] if value == 1.0 else multiply(constant(float(f"{value:.4g}")), terms[k])
        total = product if total is None else add(total, product)
    assert total is not None  # a sum has a term
    return text(total, names)


def readable(c: Array, covariance: Array) -> tuple[Array, Array]:
    """Return coefficients scaled so that as many as possible are plain fractions, and their covariance.

    A multiple of a conserved quantity is conserved too, so one coefficient is 1. Others within the error of a fraction
    with a small denominator become that fraction, where the error is small beside it, and those that remain are
    adjusted for what they share with them.

    >>> c, covariance = readable(np.array([0.4999, 1.0, -0.3337]), np.diag([1e-6, 0.0, 1e-6]))
    >>> np.round(c, 4).tolist()
    [0.5, 1.0, -0.3333]
    """
    best: tuple[float, Array, Array] | None = None
    for k in range(len(c)):
        J = (np.eye(len(c)) - np.outer(c / c[k], np.eye(len(c))[k])) / c[k]
        scaled, spread = c / c[k], J @ covariance @ J.T
        spread[k], spread[:, k] = 0.0, 0.0
        fractions = [_fraction(value, std, at == k) for at, (value, std) in _with_errors(scaled, spread)]
        n_other = sum(one is None for one in fractions)
        size = sum(abs(one.numerator) + one.denominator for one in fractions if one is not None)
        score = 100.0 * n_other + size + 1e-3 * k
        if best is None or score < best[0]:
            best = (score, *_settled(scaled, spread, fractions))
    assert best is not None  # a sum has a term
    return best[1], best[2]


def _with_errors(c: Array, covariance: Array) -> list[tuple[int, tuple[float, float]]]:
    std = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return list(enumerate(zip(c.tolist(), std.tolist(), strict=True)))


def _fraction(value: float, std: float, is_reference: bool) -> Fraction | None:
    """Return the plain fraction that a coefficient is within its error, None where there is none or many are."""
    if is_reference:
        return Fraction(1)
    for largest, density in DENSITY.items():
        near = Fraction(value).limit_denominator(largest) if abs(value) < 100 else Fraction(0)
        if near and 2.0 * AGREES * std * density < COINCIDENCE and abs(value - float(near)) <= AGREES * std + 1e-9:
            return near
    return None


def _settled(c: Array, covariance: Array, fractions: Sequence[Fraction | None]) -> tuple[Array, Array]:
    """Return coefficients with their fractions put in, the others as these leave them."""
    fixed = np.array([k for k, one in enumerate(fractions) if one is not None], dtype=np.int64)
    free = np.array([k for k, one in enumerate(fractions) if one is None], dtype=np.int64)
    out, spread = c.copy(), np.zeros_like(covariance)
    out[fixed] = [float(one) for one in fractions if one is not None]
    gain = covariance[np.ix_(free, fixed)] @ np.linalg.pinv(covariance[np.ix_(fixed, fixed)], hermitian=True)
    out[free] = c[free] + gain @ (out[fixed] - c[fixed])
    spread[np.ix_(free, free)] = covariance[np.ix_(free, free)] - gain @ covariance[np.ix_(fixed, free)]
    return out, spread
