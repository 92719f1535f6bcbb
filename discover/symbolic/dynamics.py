"""Which expressions govern trajectories? A search on the rows of a problem, without derivatives of the data.

Every feature of a bank, and every template over a grid of its constant, is contracted to a column; few columns are
chosen by a beam on rows that are whitened under the leader's own covariance; what is chosen is fitted, constants
inside and all, under the errors-in-variables covariance that it implies itself, and ranked by its chi-square and the
length of what was written down. So candidates stand on one scale with those of a library.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from discover.contract import Budget, Observer
from discover.errors import SettingError, UnitError
from discover.expr import Expr, Library, constant, dimension_of, has_derivative, opened, simplify
from discover.front import Candidate, Front
from discover.inference.angles import in_degrees
from discover.inference.candidates import Stop
from discover.inference.chisquare import estimate, factors, penalty
from discover.inference.denominators import terms_below
from discover.inference.nested import fit_nested, nested_candidate
from discover.inference.offer import offer
from discover.inference.rows import assemble
from discover.inference.tameness import is_tame, without_excused
from discover.inference.targets import over_targets, share_of
from discover.problem import Block, Problem
from discover.symbolic.alike import Alike
from discover.symbolic.columns import SETS, Columns, Feature, enumerated, given, joined, stretches
from discover.symbolic.features import within
from discover.symbolic.gridded import gridded
from discover.symbolic.limits import USUAL, Limits
from discover.symbolic.pursuit import Regression, Support, pursue, regression

MAX_TERMS = 5
N_ROUNDS = 3
TRIED, TRIED_PER_SIZE = 24, 8
"""Supports of each round that are fitted with the constants inside them."""

CLOSE = 12.0
KEPT_PER_SIZE, MOST_KEPT = 2, 40
LUCK = 1.5
"""Standard deviations below its expectation to which a chi-square still counts."""

ENOUGH = 0.3
"""Chi-square per whitened row below which less is no merit."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Terms of a library that are on offer beside what the search makes up, at a library's price.

    Attributes:
        terms: of each target.
        n_library: how many there are to choose from; 0 for none.
    """

    terms: tuple[tuple[Expr, ...], ...] = ()
    n_library: int = 0


@dataclass(slots=True, eq=False)
class Hunt:
    """The search for one target: every candidate so far, by its form.

    Attributes:
        problem: the data, `target` which left-hand side.
        n_library: how many terms of a library are on offer.
        found: fitted candidates by the shapes of their terms, scores not yet on a common scale.
        tame: which features noise moves in proportion only.
        n_rows: rows that candidates are fitted to.
        n_fits: how many were fitted.
    """

    problem: Problem
    target: int
    n_library: int
    found: dict[frozenset[Expr], Candidate] = field(default_factory=dict)
    tame: dict[Expr, bool] = field(default_factory=dict)
    n_rows: int = 0
    n_fits: int = 0

    def _is_tame(self, feature: Feature) -> bool:
        if feature.expr not in self.tame:
            self.tame[feature.expr] = is_tame(feature.expr, self.problem)
        return self.tame[feature.expr]

    def add(self, features: Sequence[Feature], surcharges: Sequence[float]) -> None:
        """Fit a sum of features, unless its form was fitted before."""
        like = _unfitted(self.problem.targets[self.target], features, surcharges)
        key = frozenset(like.shapes)
        if key in self.found or len(key) < len(features) or not all(map(self._is_tame, features)):
            return
        self.n_fits += 1
        one = fit_nested(self.problem, self.target, like.terms, like.places)
        if one is None or not all(is_tame(term, self.problem) for term in one.terms if term not in self.tame):
            return
        self.n_rows = one.estimate.n_rows
        self.found[key] = nested_candidate(one, like, self.target, 1.0, self.price(like))

    def price(self, candidate: Candidate) -> float:
        """Return what a candidate costs: its numbers, and the choice of its terms."""
        inside = math.log(self.n_rows) * sum(map(len, candidate.inner))
        return penalty(len(candidate.terms), self.n_rows, max(1, self.n_library)) + inside + sum(candidate.surcharge)

    def nothing(self) -> None:
        """Let it compete that nothing drives the target."""
        rows = assemble(self.problem, (constant(1.0),))
        one, self.n_rows = estimate(rows, self.target, ()), rows.n_rows
        loss = one.chi2 / one.n_rows
        target = self.problem.targets[self.target]
        self.found[frozenset()] = Candidate(target, (), (), (), loss, one.chi2, 0.0)

    def ranked(self) -> list[Candidate]:
        """Return the candidates, the best score first, chi-squares on the scale of the smallest."""
        scale = max(1.0, min(c.loss for c in without_excused(list(self.found.values()))))
        sound = without_excused(list(self.found.values()))
        scored = [replace(c, score=self._misfit(c, scale) + self.price(c)) for c in sound]
        return sorted(scored, key=lambda c: c.score)

    def _misfit(self, candidate: Candidate, scale: float) -> float:
        """Return a candidate's chi-square, but no less than noise must leave by and large: more is no merit.

        Steep features are moved so far by noise that their own covariance excuses any misfit.
        """
        dof = max(1, self.n_rows - candidate.n_parameters)
        error = 4.0 * self.problem.noise_error**2
        return max(candidate.loss * self.n_rows / scale, dof * max(0.0, 1.0 - LUCK * math.sqrt(2.0 / dof + error)))

    def kept(self) -> list[Candidate]:
        """Return the best of each number of terms, and all near the best."""
        order = self.ranked()
        closest = min(order, key=lambda c: c.loss)
        per_size, found, laws = dict[int, int](), list[Candidate](), Alike(self.problem)
        for candidate in order:
            if candidate is not closest and laws.known(candidate):
                continue
            rank = per_size.get(len(candidate.terms), 0)
            near = candidate.score < order[0].score + CLOSE and len(found) < MOST_KEPT
            if rank < KEPT_PER_SIZE or near or candidate is closest:
                per_size[len(candidate.terms)] = rank + 1
                found.append(candidate)
        return found


def _unfitted(target: str, features: Sequence[Feature], surcharges: Sequence[float]) -> Candidate:
    nan, n = float("nan"), len(features)
    inner = tuple(feature.places for feature in features)
    return Candidate(
        target=target,
        terms=tuple(feature.expr for feature in features),
        coefficients=(nan,) * n,
        std=(nan,) * n,
        loss=nan,
        score=nan,
        r2=nan,
        inner=inner if any(inner) else (),
        surcharge=tuple(surcharges) if any(surcharges) else (),
    )


def refusal(problem: Problem) -> str | None:
    """Return why the search cannot take trajectories, or None."""
    if problem.space:
        return "it searches the laws of trajectories, and no fields over space yet"
    if problem.formulation == "stochastic":
        return "it searches drifts without noise in them only; take engine='sparse'"
    if problem.cases:
        return "it searches one form with one set of numbers; leave by= out"
    return None if problem.n_rows else "there is no stretch of data long enough for a single row"


def search_dynamics(
    problem: Problem,
    limits: Limits = USUAL,
    library: Library | None = None,
    budget: Budget = Budget(),  # noqa: B008  frozen
    seed: int = 0,
    observe: Observer = lambda step, share: None,
    n_jobs: int | None = None,
) -> Front:
    """Return the front of every target: sums of features that explain its rows.

    Args:
        problem: trajectories in weak or strong form, or a map.
        limits: what expressions may be made of.
        library: terms that compete at a library's price, beside what the search makes up; None for none.
        budget: of candidates fitted, or of time.
        seed: of the stretches that features are looked at on.
        observe: told the step and the share done.
        n_jobs: threads over targets.

    An interrupt ends the search with what it has.
    """
    blocks, offered = stretches(problem, seed), _offered(library, problem)
    n, share = len(problem.targets), share_of(budget, len(problem.targets))
    hunts = [Hunt(problem, i, offered.n_library) for i in range(n)]
    for hunt in hunts:
        hunt.nothing()
    parts: list[Columns] = []
    interrupted = False
    try:
        for done, part in _made(problem, blocks, limits, seed):
            parts.append(part)
            observe("features", done)
            if share.spent():
                break

        def one(i: int, stop: Stop) -> Hunt:
            _hunted(hunts[i], blocks, *_with_library(problem, blocks, parts, offered, i), stop)
            return hunts[i]

        interrupted = over_targets(one, n, n_jobs, share, observe)[1]
    except KeyboardInterrupt:
        interrupted = True
    stopped = any(share.spent(hunt.n_fits) for hunt in hunts)
    fitted = sum(hunt.n_fits for hunt in hunts)
    notes = [f"{fitted} sums of expressions were fitted, with the constants inside them."]
    notes += ["The budget ended the search early."] if stopped else []
    return Front(
        targets=problem.targets,
        candidates=tuple(candidate for hunt in hunts for candidate in hunt.kept()),
        n_library=max(1, offered.n_library),
        n_rows=max(hunt.n_rows for hunt in hunts),
        notes=tuple(notes),
        interrupted=interrupted,
        unfinished=stopped,
    )


def _offered(library: Library | None, problem: Problem) -> Offered:
    """Return the terms of a library for every target, and how many there are to choose from."""
    if library is None:
        return Offered()
    if any(terms_below(library, problem)):
        raise SettingError("The symbolic engine makes up quotients by itself; give it a library without denominators.")
    choices = offer(library, problem)
    return Offered(choices.each, choices.n_choices)


def _made(problem: Problem, blocks: tuple[Block, ...], limits: Limits, seed: int) -> Iterator[tuple[float, Columns]]:
    """Yield the share done and the columns of every source of features."""
    allowed = _legality(problem, limits)
    sets = within(limits, SETS)
    moving = [term for term in offer(None, problem).terms if has_derivative(term)] if problem.order > 1 else []
    plain = [feature for feature in map(Feature, (constant(1.0), *moving)) if allowed is None or allowed(feature)]
    yield 0.05, given(problem, blocks, plain, [feature.surcharge for feature in plain])
    for k, operators in enumerate(sets):
        yield 0.1 + 0.4 * (k + 1) / len(sets), enumerated(problem, blocks, operators, allowed, seed)
    for k, part in enumerate(gridded(problem, blocks, allowed)):
        yield min(1.0, 0.5 + 0.07 * (k + 1)), part


def _legality(problem: Problem, limits: Limits) -> Callable[[Feature], bool] | None:
    """Return what says whether a feature keeps the limits and the units, None where there is nothing to ask."""
    n = problem.n_variables
    known = any(dimension is not None for dimension in problem.dimensions)
    if limits.is_usual and not known:
        return None

    def allowed(feature: Feature) -> bool:
        form = opened(feature.expr, feature.places, n)
        if not limits.is_usual and not limits.allows(form, n):
            return False
        if not known:
            return True
        try:
            dimension_of(
                form,
                (*problem.dimensions, *(None for _ in feature.places)),
                axes=(problem.time_dimension,),
                dimensionless_constants_only=True,
            )
        except UnitError:
            return False
        return not in_degrees(feature.expr, problem)

    return allowed


def _with_library(
    problem: Problem, blocks: tuple[Block, ...], parts: Sequence[Columns], offered: Offered, i: int
) -> tuple[Columns, frozenset[Expr]]:
    """Return all columns of one target, and the terms of the library, which come at its own price."""
    if not offered.n_library:
        return joined(parts), frozenset()
    terms = [Feature(simplify(term)) for term in offered.terms[i]]
    own = frozenset(feature.expr for feature in terms)
    return joined([given(problem, blocks, terms, [0.0] * len(terms)), *parts]), own


def _hunted(hunt: Hunt, blocks: tuple[Block, ...], columns: Columns, own: frozenset[Expr], stop: Stop) -> None:
    """Search one target, round after round under the covariance of the leader so far, until stopped.

    `own` are the terms of the library, in canonical form.
    """
    problem, last = hunt.problem, None
    for number in range(N_ROUNDS):
        leader = hunt.ranked()[0]
        if stop(hunt.n_fits) or (number and frozenset(leader.shapes) == last):
            return
        last = frozenset(leader.shapes)
        fitted = [Feature(term, places) for term, places in zip(leader.terms, leader.places, strict=True)]
        prices = [feature.surcharge for feature in fitted]
        wide = joined([columns, given(problem, blocks, fitted, prices)]) if fitted else columns
        for support in _of_every_size(pursue(_regression(hunt, blocks, wide, leader), MAX_TERMS)):
            if stop(hunt.n_fits):
                return
            features = [wide.make(p) for p in support]
            hunt.add(features, [0.0 if f.expr in own else f.surcharge for f in features])


def _of_every_size(supports: Sequence[tuple[float, Support]]) -> list[Support]:
    """Return the best supports, and the best few of every size: rows that are not whitened yet rank badly."""
    found = [support for _, support in supports[:TRIED]]
    for size in range(1, MAX_TERMS + 1):
        found += [support for _, support in supports if len(support) == size][:TRIED_PER_SIZE]
    return list(dict.fromkeys(support for support in found if support))


def _regression(hunt: Hunt, blocks: tuple[Block, ...], columns: Columns, leader: Candidate) -> Regression:
    """Return the regression of a target on columns, whitened under the covariance of the leader if it has terms."""
    problem, i = hunt.problem, hunt.target
    Z, y = columns.values, np.concatenate([block.Y[i] for block in blocks])
    least = 1e-12 * float(y @ y)
    if leader.terms:
        rows = assemble(problem, leader.terms, blocks=blocks)
        both, at = np.concatenate([Z, y[None]]), 0
        whitenings = factors(rows, i, range(len(leader.terms)), np.array(leader.coefficients))
        for block, whitening in zip(blocks, whitenings, strict=True):
            part = np.ascontiguousarray(both[:, at : at + block.n_rows])
            whitening.apply(part)
            both[:, at : at + block.n_rows] = part
            at += block.n_rows
        Z, y, least = both[:-1], both[-1], ENOUGH * len(y)
    each = math.log(problem.n_rows)
    choice = 2.0 * math.log(max(1, hunt.n_library))
    return regression(Z, y, columns.group, columns.price + each * (1 + columns.n_inner) + choice, least)
