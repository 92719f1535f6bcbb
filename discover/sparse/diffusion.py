"""Drift and diffusion in turns: which few terms of the library each of them needs.

Where the drift goes says what is left for the diffusion, and the diffusion says how much each step
counts for the drift. So both are selected, each on its Gram matrix under the weights of the other, until
neither changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from discover.contract import Budget, Observer
from discover.equation import squared_name
from discover.errors import SettingError
from discover.expr import Expr, Library, constant, text
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.diffusion import borrowed, pilot, sums, with_row
from discover.inference.instruments import shared_noise
from discover.inference.moments import Calculus, Diffusion, calculus
from discover.inference.offer import offer
from discover.problem import Array, Problem
from discover.sparse.paths import normalised, subset_path
from discover.sparse.select import neighbours

MOST_ROUNDS = 8
SETTLED = 0.05
"""Standard errors by which coefficients may still move when the turns end."""

SMALL_LIBRARY = 10
"""Terms up to which every subset is looked at."""

KEPT_PER_SIZE, CLOSE, LOOKED_AT = 2, 9.2, 64
"""Supports kept of each size, score behind the best within which all are kept, and how many are looked at closely."""

INDISTINGUISHABLE = 4.6
"""A swap of one term that costs less than this names an alternative: 2 ln 10."""

ENOUGH = 0.9
"""Share of a state's squared residuals from which on the noise of other states may be all there is."""

Support = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Every support looked at for one left-hand side, by its Gram matrix.

    Attributes:
        G: whitened Gram of the columns on offer, the left-hand side last.
        columns: which terms of the library they are.
        found: chi-square of each support, counted in columns.
        n_steps: steps of the record.
    """

    G: Array
    columns: Sequence[int]
    found: dict[Support, float]
    n_steps: int

    @property
    def scale(self) -> float:
        """Misfit that even the best support leaves: 1, or more where increments are not normal."""
        return max(1.0, min(self.found.values()) / self.n_steps)

    def scores(self) -> dict[Support, float]:
        """Return the criterion of every support, smaller is better."""
        scale, P = self.scale, len(self.columns)
        return {key: chi2 / scale + penalty(len(key), self.n_steps, P) for key, chi2 in self.found.items()}

    def fit(self, support: Support) -> tuple[Array, Array]:
        """Return the coefficients of a support and their covariance."""
        index = list(support)
        norms = np.sqrt(np.maximum(np.diag(self.G)[index], 1e-300))
        inverse = np.linalg.pinv(self.G[np.ix_(index, index)] / norms / norms[:, None], rcond=1e-12, hermitian=True)
        covariance = inverse / norms / norms[:, None]
        return covariance @ self.G[index, -1], covariance


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """What there is to choose from.

    Attributes:
        problem: the data; `library` all terms with their derivatives.
        drift, squared: for each state, which terms may stand in its drift and in its g².
        max_terms: longest sum considered.
    """

    problem: Problem
    library: Calculus
    drift: list[list[int]]
    squared: list[list[int]]
    max_terms: int


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """Where a turn of both selections ended.

    Attributes:
        model: the best drift and diffusion of every state; `noise` of the measurement, shape (n_states,).
        drift, squared: all supports looked at; `refusals` why some are no g².
        moved: by how many standard errors a coefficient moved at most.
    """

    model: Diffusion
    noise: Array
    drift: list[Regression]
    squared: list[Regression]
    refusals: list[dict[Support, str]]
    moved: float

    @property
    def supports(self) -> tuple[Support, ...]:
        return (*(_support(row) for row in self.model.drift), *(_support(row) for row in self.model.squared))


def search_diffusion(
    library: Library | None, problem: Problem, max_terms: int, budget: Budget, observe: Observer
) -> Front:
    """Return candidates for the drift of every state, and for its g².

    Raises:
        SettingError: where the library holds groups or forced terms.
    """
    drift, squared = offer(library, problem), offer(problem.diffusion or library, problem)
    if not all(menu.is_plain for menu in (*drift.menus, *squared.menus)):
        raise SettingError("Stochastic() takes libraries of single terms that may come and go: no groups, none forced.")
    terms = tuple(dict.fromkeys((*drift.terms, *squared.terms)))
    place = {term: p for p, term in enumerate(terms)}
    offered = Offered(
        problem,
        calculus(terms, problem.n_states, problem.n_variables),
        [[place[drift.terms[p]] for p in sorted(menu.columns)] for menu in drift.menus],
        [[place[squared.terms[p]] for p in sorted(menu.columns)] for menu in squared.menus],
        max_terms,
    )
    model = pilot(problem, offered.library, place.get(constant(1.0)))
    turn = _turn(offered, model, np.zeros(problem.n_states))
    for number in range(1, MOST_ROUNDS):
        observe("drift and diffusion", number / MOST_ROUNDS)
        before = turn
        noise = shared_noise(problem, offered.library, turn.model, turn.noise).noise
        turn = _turn(offered, turn.model, noise)
        if (turn.supports == before.supports and turn.moved < SETTLED) or budget.spent(2 * number):
            break
    return _front(offered, terms, turn)


def _turn(offered: Offered, model: Diffusion, noise: Array) -> Turn:
    """Select every drift under the weights of the diffusion, then every g² around that drift."""
    problem, library = offered.problem, offered.library
    forward = _regressions(sums(problem, library, model, noise).drift, offered.drift, problem.n_rows, offered.max_terms)
    model, moved = _updated(model, forward, [{}] * problem.n_states, squared=False)
    around = _regressions(
        sums(problem, library, model, noise).squared, offered.squared, problem.n_rows, offered.max_terms
    )
    lent = borrowed(problem, library, model, noise) > ENOUGH
    refusals = [_refusals(problem, library, each, i, bool(lent[i])) for i, each in enumerate(around)]
    model, shifted = _updated(model, around, refusals, squared=True)
    return Turn(model, noise, forward, around, refusals, max(moved, shifted))


def _support(row: Array) -> Support:
    return tuple(np.flatnonzero(row).tolist())


def _regressions(grams: Array, columns: list[list[int]], n_steps: int, max_terms: int) -> list[Regression]:
    found = []
    for G, mine in zip(grams, columns, strict=True):
        index = [*mine, len(G) - 1]
        found.append(searched(G[np.ix_(index, index)], mine, n_steps, max_terms))
    return found


def searched(G: Array, columns: Sequence[int], n_steps: int, max_terms: int) -> Regression:
    """Return all supports of a small library, or those on the best-subset path and around the best of them."""
    P, most = len(columns), max(1, min(max_terms, len(columns)))
    regression = Regression(G, columns, {(): float(G[-1, -1])}, n_steps)
    if P <= SMALL_LIBRARY:
        for size in range(1, most + 1):
            _add(regression, combinations(range(P), size))
        return regression
    _add(regression, subset_path(G, P, 0, most))
    last = None
    while last != (best := min(regression.scores().items(), key=lambda item: (item[1], item[0]))[0]):
        last = best
        _add(regression, (support for support in neighbours(G, best) if len(support) <= most))
    return regression


def _add(regression: Regression, supports: Iterable[Support]) -> None:
    """Work out the chi-square of supports that are new, those of one size together."""
    sizes: dict[int, list[Support]] = {}
    for support in supports:
        if support not in regression.found:
            sizes.setdefault(len(support), []).append(tuple(support))
    A, norms = normalised(regression.G, len(regression.columns), 0)
    total = regression.G[-1, -1]
    for size, same in sizes.items():
        index = np.array(same, dtype=int).reshape(len(same), size)
        blocks = A[index[:, :, None], index[:, None, :]] + 1e-12 * np.eye(size)
        right = A[index, -1]
        explained = np.einsum("sk,sk->s", np.linalg.solve(blocks, right[:, :, None])[:, :, 0], right)
        for support, gain in zip(same, explained.tolist(), strict=True):
            regression.found[support] = float(total - gain * norms[-1] ** 2)


def _updated(
    model: Diffusion, found: list[Regression], refusals: list[dict[Support, str]], *, squared: bool
) -> tuple[Diffusion, float]:
    """Return the model with the best support of every state, and by how many standard errors it moved."""
    moved = 0.0
    for i, (regression, refused) in enumerate(zip(found, refusals, strict=True)):
        scores = regression.scores()
        best = min((key for key in leaders(scores) if key not in refused), key=lambda key: (scores[key], key))
        value, covariance = regression.fit(best)
        row = np.zeros(model.drift.shape[1])
        row[[regression.columns[p] for p in best]] = value
        old = (model.squared if squared else model.drift)[i][[regression.columns[p] for p in best]]
        moved = max(moved, float(np.max(np.abs(value - old) / np.sqrt(np.diag(covariance)), initial=0.0)))
        model = with_row(model, i, squared=row) if squared else with_row(model, i, drift=row)
    return model, moved


def _refusals(problem: Problem, library: Calculus, found: Regression, i: int, may_be_none: bool) -> dict[Support, str]:
    """Return why supports are no g²: squares that are negative where there are data, or none without a reason.

    `may_be_none` says that the noise of other states explains what this one does.
    """
    leading = leaders(found.scores())
    rows = np.zeros((len(leading), library.n_terms))
    for row, key in zip(rows, leading, strict=True):
        row[[found.columns[p] for p in key]] = found.fit(key)[0]
    least = np.full(len(leading), np.inf)
    for block in problem:
        theta = library.program.evaluate(block.X)[: library.n_terms]
        least = np.minimum(least, (rows @ theta).min(axis=1, initial=np.inf))
    name = problem.targets[i]
    refused = {
        key: f"the square of the noise on {name} would be {low:.3g} at some of the data"
        for key, low in zip(leading, least.tolist(), strict=True)
        if low < 0.0 and key
    }
    if may_be_none or len(refused) == len(leading) - 1:
        return refused
    return {**refused, (): f"{name} does not move by its drift alone"}


def leaders(scores: dict[Support, float]) -> list[Support]:
    """Return the supports that are looked at more closely: the best of all, and the best of each size."""
    order = sorted(scores, key=lambda key: (scores[key], key))
    sizes: dict[int, list[Support]] = {}
    for key in order:
        sizes.setdefault(len(key), []).append(key)
    kept = {*order[:LOOKED_AT], *(key for same in sizes.values() for key in same[:KEPT_PER_SIZE])}
    return [key for key in order if key in kept]


def _front(offered: Offered, terms: tuple[Expr, ...], turn: Turn) -> Front:
    problem = offered.problem
    squares = tuple(squared_name(name) for name in problem.targets)
    candidates: list[Candidate] = []
    for name, regression in zip(problem.targets, turn.drift, strict=True):
        candidates += _kept(name, regression, terms, problem.names, {})
    for name, regression, refused in zip(squares, turn.squared, turn.refusals, strict=True):
        candidates += _kept(name, regression, terms, problem.names, refused)
    n_library = max(map(len, (*offered.drift, *offered.squared)))
    note = f"{n_library} library terms for drift and diffusion; candidates were compared on {problem.n_rows} steps."
    return Front((*problem.targets, *squares), tuple(candidates), n_library, problem.n_rows, (note,))


def _kept(
    target: str, regression: Regression, terms: Sequence[Expr], names: Sequence[str], refused: dict[Support, str]
) -> list[Candidate]:
    """Return the best few candidates of each size, and all near the best."""
    scores = regression.scores()
    order = sorted(leaders(scores), key=lambda key: (key in refused, scores[key], key))
    best, per_size, found = scores[order[0]], dict[int, int](), []
    for key in order:
        rank = per_size.get(len(key), 0)
        if rank < KEPT_PER_SIZE or (abs(scores[key] - best) < CLOSE and key not in refused):
            per_size[len(key)] = rank + 1
            found.append(_candidate(target, regression, key, scores, terms, names, refused.get(key)))
    return found


def _candidate(
    target: str,
    regression: Regression,
    key: Support,
    scores: dict[Support, float],
    terms: Sequence[Expr],
    names: Sequence[str],
    refusal: str | None,
) -> Candidate:
    value, covariance = regression.fit(key)
    own = [terms[column] for column in regression.columns]
    chi2 = regression.found[key]
    return Candidate(
        target=target,
        terms=tuple(own[p] for p in key),
        coefficients=tuple(value.tolist()),
        std=tuple(np.sqrt(np.diag(covariance) * regression.scale).tolist()),
        loss=chi2 / regression.n_steps,
        score=scores[key],
        r2=float(1.0 - chi2 / regression.found[()]),
        alternatives=_alternatives(key, scores, own, names),
        refusal=refusal,
    )


def _alternatives(
    key: Support, scores: dict[Support, float], own: Sequence[Expr], names: Sequence[str]
) -> tuple[str, ...]:
    """Return for each term those that could stand in its place without the data noticing, joined by commas."""
    found: dict[int, list[str]] = {p: [] for p in key}
    for other, score in scores.items():
        new, gone = set(other) - set(key), set(key) - set(other)
        if len(new) == len(gone) == 1 and abs(score - scores[key]) < INDISTINGUISHABLE:
            found[gone.pop()].append(text(own[new.pop()], names))
    return tuple(", ".join(found[p]) for p in key)
