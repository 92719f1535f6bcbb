"""Symmetries that the data show are suggested, never imposed.

The law is fitted once more with all that could break a symmetry on offer: every small product of its variables. Wald's
statistic says whether what breaks it is zero within its errors, the same errors say how much of the rates it could be
at most, and where the measured points lie says whether the data were ever on the other side.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import cast

import numpy as np

from discover.equation import Law, Suggestion
from discover.errors import ExpressionError
from discover.expr import Expr, Polynomial, simplify
from discover.inference.chisquare import factors, triangle
from discover.inference.rows import assemble
from discover.inference.symmetry import Image, Symmetry, covered, measured_points
from discover.judge.requirements import chance
from discover.judge.systems import Choice, System
from discover.problem import Array, Problem

LIKELY = 0.001
"""Chance below which a symmetry is not suggested: one true symmetry in a thousand is missed."""

SMALL = 0.1
"""What breaks a symmetry must be known to be less than this share of the rates."""

COVERED = 0.5
"""Share of the measured points that must find themselves among others after the change."""

MOST_TERMS = 40
"""Products of the variables that a fit offers to an equation beside its own terms."""

MOST_TOLD = 8
"""Suggestions that a law carries."""

LARGEST_GROUP = 200


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """The law's equations fitted with all that could break a symmetry.

    Attributes:
        libraries: terms of each target.
        values, covariance: of all coefficients, target by target: (n,) and (n, n).
        grams: for each target the mean of products of its rows' terms, (n_terms, n_terms).
        sizes: mean square of the law's rows, a number a target.
    """

    libraries: tuple[tuple[Expr, ...], ...]
    values: Array
    covariance: Array
    grams: tuple[Array, ...]
    sizes: tuple[float, ...]

    @property
    def gram(self) -> Array:
        """The Grams relative to the sizes, one below the other on a diagonal."""
        whole, first = np.zeros((len(self.values), len(self.values))), 0
        for gram, size in zip(self.grams, self.sizes, strict=True):
            cut = slice(first, first + len(gram))
            whole[cut, cut] = gram / (size or 1.0)
            first += len(gram)
        return whole


def with_suggestions(
    law: Law, problem: Problem, choice: Choice, possible: Iterable[Symmetry], spent: Callable[[], bool]
) -> Law:
    """Return a law that names the symmetries which the data show and nobody required.

    Args:
        law, problem, choice: the law and where it comes from.
        possible: what it is asked about.
        spent: whether to do without.
    """
    if law.verdict.word == "none" or not _is_plain(choice) or spent():
        return law
    own = _own_estimate(problem, choice)
    probe: Probe | None = None
    found, group = list[Suggestion](), list[Image]()
    for one in possible if own is not None else ():
        if len(found) >= MOST_TOLD or spent():
            break
        if (one.is_discrete and _is_in(one.images[0], group)) or _is_required(one, problem):
            continue
        if not _has(one, choice, own):
            continue
        probe = probe or _probe(problem, choice)
        if probe is None:
            break
        suggestion = _judged(one, probe, problem)
        if suggestion is not None:
            found.append(suggestion)
            group = _closed([*group, *(one.images if one.is_discrete else one.implied)])
    return replace(law, suggestions=tuple(sorted(found, key=lambda s: not s.told)))


def _has(one: Symmetry, choice: Choice, own: tuple[Array, Array] | None) -> bool:
    """Return whether the law that was found has a symmetry within its errors; not where its terms have no algebra."""
    try:
        return own is not None and min(_chance(one, choice.trial.candidates, *own), default=0.0) >= LIKELY
    except ExpressionError:
        return False


def _is_plain(choice: Choice) -> bool:
    return not any(c.denominator or any(c.inner) or not c.terms for c in choice.trial.candidates)


def _is_required(one: Symmetry, problem: Problem) -> bool:
    texts = {"".join(c.text.split()) for c in problem.constraints}
    return "".join(one.text.split()) in texts


def _is_in(image: Image, group: Sequence[Image]) -> bool:
    return image.key() in {other.key() for other in group}


def _closed(generators: Sequence[Image]) -> list[Image]:
    """Return all that the changes amount to one after the other, while they are few."""
    known = {one.key(): one for one in generators}
    new = list(known.values())
    while new and len(known) < LARGEST_GROUP:
        made = [a.after(b) for a in new for b in generators]
        new = list({one.key(): one for one in made if one.key() not in known}.values())
        known |= {one.key(): one for one in new}
    return list(known.values())


def _own_estimate(problem: Problem, choice: Choice) -> tuple[Array, Array] | None:
    """Return the law's own coefficients and their covariance."""
    fit = choice.trial.followed
    if fit is not None:
        return fit.coefficients, fit.covariance
    libraries = tuple(candidate.terms for candidate in choice.trial.candidates)
    probe = _fitted(problem, choice, libraries)
    return None if probe is None else (probe.values, probe.covariance)


@dataclass(frozen=True, slots=True)
class _Terms:
    """All that `chance` asks of a candidate."""

    terms: tuple[Expr, ...]


def _chance(one: Symmetry, system: Sequence, values: Array, covariance: Array) -> list[float]:
    return [chance(constraint, cast("System", system), values, covariance) for constraint in one.constraints]


def _probe(problem: Problem, choice: Choice) -> Probe | None:
    """Return the fit with every small product of the variables beside the law's own terms."""
    n, degree = len(problem.measured), 3
    while degree > 1 and comb(n + degree, degree) > MOST_TERMS:
        degree -= 1
    every = [simplify(term) for term in Polynomial(degree).build(problem.measured)]
    libraries = []
    for candidate in choice.trial.candidates:
        mine = {simplify(term) for term in candidate.terms}
        libraries.append((*candidate.terms, *(term for term in every if term not in mine)))
    return _fitted(problem, choice, tuple(libraries))


def _fitted(problem: Problem, choice: Choice, libraries: tuple[tuple[Expr, ...], ...]) -> Probe | None:
    """Return the equations fitted to the rows, under the covariance of the law that was found."""
    free = replace(problem, constraints=())
    every = tuple(dict.fromkeys(term for mine in libraries for term in mine))
    rows, column = assemble(free, every), {term: p for p, term in enumerate(every)}
    values, covariances, grams, sizes = [], [], [], []
    for i, (candidate, mine) in enumerate(zip(choice.trial.candidates, libraries, strict=True)):
        support = [column[term] for term in mine]
        law = np.zeros(len(mine))
        law[: candidate.n_terms] = _coefficients(choice, i)
        R = triangle(rows, i, support, factors(rows, i, support, law))
        if not np.isfinite(R).all() or rows.n_rows < 2 * len(mine):
            return None
        value, covariance = _solved(R, rows.n_rows)
        values.append(value)
        covariances.append(covariance)
        theta = np.concatenate([block[support] for block in rows.theta], axis=1)
        grams.append(theta @ theta.T / theta.shape[1])
        sizes.append(float(law @ grams[-1] @ law))
    whole, first = np.zeros((sum(map(len, values)),) * 2), 0
    for covariance in covariances:
        cut = slice(first, first + len(covariance))
        whole[cut, cut] = covariance
        first += len(covariance)
    return Probe(libraries, np.concatenate(values), whole, tuple(grams), tuple(sizes))


def _coefficients(choice: Choice, i: int) -> Array:
    fit = choice.trial.followed
    return np.array(choice.trial.candidates[i].coefficients) if fit is None else fit.coefficients[choice.trial.part(i)]


def _solved(R: Array, n_rows: int) -> tuple[Array, Array]:
    """Return coefficients and their covariance from the triangle of whitened rows; a bad fit widens it."""
    k = len(R) - 1
    norms = np.linalg.norm(R[:, :k], axis=0)
    norms[norms == 0.0] = 1.0
    inverse = np.linalg.pinv(R[:, :k] / norms, rcond=1e-12) / norms[:, None]
    value = inverse @ R[:, k]
    chi2 = float(np.sum((R[:, k] - R[:, :k] @ value) ** 2))
    return value, inverse @ inverse.T * max(1.0, chi2 / max(n_rows - k, 1))


def _judged(one: Symmetry, probe: Probe, problem: Problem) -> Suggestion | None:
    """Return what the data say of a symmetry that the law has; None where they speak against it."""
    system = [_Terms(terms) for terms in probe.libraries]
    odds = min(_chance(one, system, probe.values, probe.covariance), default=1.0)
    if odds < LIKELY:
        return None
    X = measured_points(problem)
    inside = min(covered(image, X) for image in one.images)
    share = breaking(one, probe)
    if inside < COVERED:
        told = f"it takes {1.0 - inside:.0%} of the measured points to where nothing was measured"
        return Suggestion(one.text, False, odds, share, _untold(one.text, told))
    if share > SMALL:
        told = f"terms that break it could still be {min(share, 9.99):.0%} of the rates"
        return Suggestion(one.text, False, odds, share, _untold(one.text, told))
    note = (
        f'The data show the symmetry "{one.text}": what would break it is zero within its errors (chance {odds:.2g}), '
        f"and at most {share:.1%} of the rates."
    )
    return Suggestion(one.text, True, odds, share, note)


def _untold(text: str, reason: str) -> str:
    return f'The law has the symmetry "{text}", which these data do not tell: {reason}.'


def breaking(one: Symmetry, probe: Probe) -> float:
    """Return the share of the rates that what breaks a symmetry is at most, at 95 %: of the worst equation."""
    A = [rows.A for c in one.constraints if (rows := c.rows(probe.libraries)) is not None]
    b = [rows.lower for c in one.constraints if (rows := c.rows(probe.libraries)) is not None]
    if not A:
        return 0.0
    A, b, C = np.concatenate(A), np.concatenate(b), probe.covariance
    inverse = np.linalg.pinv(A @ C @ A.T, rcond=1e-10, hermitian=True)
    off = C @ A.T @ inverse @ (A @ probe.values - b)
    spread = C @ A.T @ inverse @ A @ C
    worst, first = 0.0, 0
    for gram, size in zip(probe.grams, probe.sizes, strict=True):
        cut = slice(first, first + len(gram))
        first += len(gram)
        root = np.linalg.cholesky(gram + 1e-12 * np.trace(gram) * np.eye(len(gram)))
        eigen = np.linalg.eigvalsh(root.T @ spread[cut, cut] @ root)
        most = float(off[cut] @ gram @ off[cut]) + float(eigen.sum()) + 1.64 * float(np.sqrt(2.0 * np.sum(eigen**2)))
        worst = max(worst, np.sqrt(max(most, 0.0) / size) if size else np.inf)
    return float(worst)
