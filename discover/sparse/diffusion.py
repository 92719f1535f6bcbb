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
from discover.expr import Expr, constant, text
from discover.front import Candidate, Front
from discover.inference.chisquare import penalty
from discover.inference.diffusion import Sums, pilot, sums, with_row
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

KEPT_PER_SIZE, CLOSE = 2, 9.2
INDISTINGUISHABLE = 4.6
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


def search_diffusion(
    engine_library: object, problem: Problem, max_terms: int, budget: Budget, observe: Observer
) -> Front:
    """Return candidates for the drift of every state, and for its g².

    Raises:
        SettingError: where the library holds groups or forced terms, or a diffusion that is never positive.
    """
    drift, squared = offer(engine_library, problem), offer(problem.diffusion or engine_library, problem)
    if not (all(menu.is_plain for menu in (*drift.menus, *squared.menus))):
        raise SettingError("Stochastic() takes libraries of single terms that may come and go: no groups, none forced.")
    terms = tuple(dict.fromkeys((*drift.terms, *squared.terms)))
    place = {term: p for p, term in enumerate(terms)}
    drifts = [[place[drift.terms[p]] for p in sorted(menu.columns)] for menu in drift.menus]
    squares = [[place[squared.terms[p]] for p in sorted(menu.columns)] for menu in squared.menus]
    library = calculus(terms, problem.n_states, problem.n_variables)
    one = place.get(constant(1.0))
    model, none = pilot(problem, library, one), np.zeros(problem.n_states)
    before: tuple[object, ...] = ()
    for number in range(MOST_ROUNDS):
        observe("drift and diffusion", number / MOST_ROUNDS)
        forward = _regressions(sums(problem, library, model, none), drifts, max_terms, squared=False)
        model, moved = _updated(model, forward, squared=False)
        around = _regressions(sums(problem, library, model, none), squares, max_terms, squared=True)
        refusals = [_refusals(problem, library, model, each, i) for i, each in enumerate(around)]
        model, moved2 = _updated(model, around, refusals, squared=True)
        now = (*(_support(row) for row in model.drift), *(_support(row) for row in model.squared))
        if (now == before and max(moved, moved2) < SETTLED) or budget.spent((number + 1) * 2):
            break
        before = now
    return _front(problem, terms, forward, around, refusals, max(map(len, (*drifts, *squares))))


def _support(row: Array) -> Support:
    return tuple(np.flatnonzero(row).tolist())


def _regressions(total: Sums, columns: list[list[int]], max_terms: int, *, squared: bool) -> list[Regression]:
    found = []
    for G, mine in zip(total.squared if squared else total.drift, columns, strict=True):
        index = [*mine, len(G) - 1]
        found.append(searched(G[np.ix_(index, index)], mine, total.n_steps, max_terms))
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
    model: Diffusion, found: list[Regression], refusals: list[dict[Support, str]] | None = None, *, squared: bool
) -> tuple[Diffusion, float]:
    """Return the model with the best support of every state, and by how many standard errors it moved."""
    moved = 0.0
    for i, regression in enumerate(found):
        refused = refusals[i] if refusals else {}
        scores = {key: score for key, score in regression.scores().items() if key not in refused}
        best = min(scores or {(): 0.0}, key=lambda key: (scores.get(key, 0.0), key))
        value, covariance = regression.fit(best)
        row = np.zeros(model.drift.shape[1])
        row[[regression.columns[p] for p in best]] = value
        old = (model.squared if squared else model.drift)[i][[regression.columns[p] for p in best]]
        moved = max(moved, float(np.max(np.abs(value - old) / np.sqrt(np.diag(covariance)), initial=0.0)))
        model = with_row(model, i, squared=row) if squared else with_row(model, i, drift=row)
    return model, moved


def _refusals(problem: Problem, library: Calculus, model: Diffusion, found: Regression, i: int) -> dict[Support, str]:
    """Return why the leading supports are no g²: squares that are negative where there are data."""
    scores = found.scores()
    best = min(scores.values())
    leading = [key for key in sorted(scores, key=lambda key: (scores[key], key)) if scores[key] - best < 4 * CLOSE]
    rows = np.zeros((len(leading), library.n_terms))
    for row, key in zip(rows, leading, strict=True):
        row[[found.columns[p] for p in key]] = found.fit(key)[0]
    least = np.full(len(leading), np.inf)
    for block in problem:
        theta = library.program.evaluate(block.X)[: library.n_terms]
        least = np.minimum(least, (rows @ theta).min(axis=1, initial=np.inf))
    name = problem.targets[i]
    return {
        key: f"the square of the noise on {name} would be {low:.3g} at some of the data"
        for key, low in zip(leading, least.tolist(), strict=True)
        if low < 0.0 or not key
    }


def _front(
    problem: Problem,
    terms: tuple[Expr, ...],
    forward: list[Regression],
    around: list[Regression],
    refusals: list[dict[Support, str]],
    n_library: int,
) -> Front:
    squares = tuple(squared_name(name) for name in problem.targets)
    candidates: list[Candidate] = []
    for name, regression in zip(problem.targets, forward, strict=True):
        candidates += _kept(name, regression, terms, problem.names, {})
    for name, regression, refused in zip(squares, around, refusals, strict=True):
        candidates += _kept(name, regression, terms, problem.names, refused)
    note = f"{n_library} library terms for drift and diffusion; candidates were compared on {problem.n_rows} steps."
    return Front((*problem.targets, *squares), tuple(candidates), n_library, problem.n_rows, (note,))


def _kept(
    target: str, regression: Regression, terms: Sequence[Expr], names: Sequence[str], refused: dict[Support, str]
) -> list[Candidate]:
    """Return the best few candidates of each size, and all near the best."""
    scores = regression.scores()
    order = sorted(scores, key=lambda key: (key in refused, scores[key], key))
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
