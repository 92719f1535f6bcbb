"""Equations that constraints tie to each other, searched as one.

Each equation proposes what it would hold by itself. All that is proposed is offered to all of them, with what the
constraints tie it to, and then leaves again coefficient by coefficient, where the whole loses least; so a sum that is
conserved is kept in every step. There is no certificate that nothing better was missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from discover.inference.candidates import Candidates, Stop
from discover.inference.chisquare import penalty
from discover.inference.menu import Menu
from discover.inference.restriction import Restriction
from discover.inference.rows import Rows
from discover.inference.together import Together, estimate_together, limits_on
from discover.problem import Array
from discover.sparse.select import whitened_gram

Supports = dict[int, tuple[int, ...]]
Key = tuple[tuple[int, tuple[int, ...]], ...]

WIDEST = 160
"""Unknowns of all equations together up to which the elimination begins from all of them."""

NEAR = 30.0
"""Candidates of one equation within this of its best say what is offered to the others."""

MOST_NEIGHBOURS = 4
N_ROUNDS = 3
MOST_SIZES = 6
"""Sizes of candidates of single equations whose terms are offered to all."""


@dataclass(slots=True)
class Systems:
    """Every system of tied equations that was fitted.

    Attributes:
        rows: library rows.
        targets: that are tied together.
        menus: what may stand in each equation.
        max_terms: longest equation.
        n_choices: numbers that could be fitted to the whole library under the constraints.
    """

    rows: Rows
    targets: tuple[int, ...]
    menus: Mapping[int, Menu]
    max_terms: int
    n_choices: int
    found: dict[Key, Together | None] = field(default_factory=dict)

    def add(self, supports: Mapping[int, Sequence[int]], stop: Stop) -> None:
        """Fit a system, without the terms that the constraints leave nothing."""
        supports = {i: self.whole(i, tuple(supports.get(i, ()))) for i in self.targets}
        for _ in range(8):
            key = tuple(supports.items())
            if key in self.found or stop(len(self.found)) or max(map(len, supports.values())) > self.max_terms:
                return
            one = estimate_together(self.rows, supports)
            whole = one is not None and bool((one.coefficients != 0.0).all())
            self.found[key] = one if whole else None
            if one is None or whole:
                return
            alive = iter((one.coefficients != 0.0).tolist())
            supports = {i: tuple(p for p in mine if next(alive)) for i, mine in supports.items()}

    def whole(self, i: int, some: Sequence[int]) -> tuple[int, ...]:
        """Return columns of an equation with those that enter together with any of them, increasing."""
        menu = self.menus[i]
        return tuple(sorted(some)) if menu.is_plain else menu.support(menu.chosen(tuple(some)))

    @property
    def fitted(self) -> dict[Key, Together]:
        """Those that obey the constraints and need all their terms."""
        return {key: one for key, one in self.found.items() if one is not None and np.isfinite(one.chi2)}

    @property
    def scale(self) -> float:
        """Misfit that even the best system leaves, 1 at least."""
        n = self.rows.n_rows * len(self.targets)
        return max(1.0, min((one.chi2 / n for one in self.fitted.values()), default=1.0))

    def scores(self) -> dict[Key, float]:
        """Return the criterion of every system, smaller is better."""
        scale, n = self.scale, self.rows.n_rows
        return {
            key: one.chi2 / scale + penalty(one.n_free, n, max(self.n_choices, one.n_free))
            for key, one in self.fitted.items()
        }

    def best(self) -> Key | None:
        """Return the system with the smallest criterion."""
        scores = self.scores()
        return min(scores, key=lambda key: (scores[key], key), default=None)


def search_together(
    rows: Rows,
    G: Array,
    alone: Mapping[int, Candidates],
    menus: Mapping[int, Menu],
    max_terms: int,
    stop: Stop = lambda n_fits: False,
) -> Systems:
    """Return the systems of the equations that are tied together.

    Args:
        rows: library rows, on which systems are fitted.
        G: Gram of the library and all targets, (n_terms + n_targets,) squared.
        alone: what each equation would hold by itself.
        menus: what may stand in each equation.
        max_terms: longest equation.
        stop: whether to end the search.
    """
    targets, P = tuple(alone), len(rows.terms)
    whole = {i: tuple(sorted(menus[i].columns)) for i in targets}
    limits = limits_on(rows.problem, _terms(rows, whole))
    systems = Systems(rows, targets, menus, max_terms, 0 if limits is None else limits.n_free)
    if limits is None:
        return systems
    systems.add({i: menus[i].forced for i in targets}, lambda n: False)
    offered = _offered(rows, alone, menus)
    wide = [whole, offered] if sum(map(len, whole.values())) <= WIDEST else [offered]
    wide += _of_sizes(alone, menus)
    grams = {i: _scaled(_of_target(G, P, i)) for i in targets}
    for start in wide:
        for supports in eliminated(rows, grams, start, menus):
            systems.add(supports, stop)
    grams = {i: whitened_gram(rows, i, alone[i].found[alone[i].best()]) for i in targets}
    last: Key | None = None
    for _ in range(N_ROUNDS):
        for start in wide:
            for supports in eliminated(rows, grams, start, menus):
                systems.add(supports, stop)
        best = systems.best()
        if best is None or best == last or stop(len(systems.found)):
            break
        last = best
        grams = {i: whitened_gram(rows, i, systems.fitted[best].estimates[i]) for i in targets}
        for supports in neighbours(rows, grams, dict(best), whole):
            systems.add(supports, stop)
    return systems


def _terms(rows: Rows, supports: Mapping[int, Sequence[int]]) -> dict[int, list]:
    return {i: [rows.terms[p] for p in mine] for i, mine in supports.items()}


def _of_target(G: Array, P: int, target: int) -> Array:
    index = [*range(P), P + target]
    return G[np.ix_(index, index)]


def _scaled(G: Array) -> Array:
    """Return a Gram whose left-hand side has unit size, so that equations count alike."""
    return G / (G[-1, -1] or 1.0)


def _offered(rows: Rows, alone: Mapping[int, Candidates], menus: Mapping[int, Menu]) -> Supports:
    """Return what any equation would hold, offered to all, with what the constraints tie it to."""
    wanted: set[int] = set()
    for candidates in alone.values():
        scores = candidates.scores()
        least = scores[candidates.best()]
        wanted |= {p for key, score in scores.items() if score < least + NEAR for p in key}
    offered = {i: tuple(sorted(wanted & set(menu.columns))) for i, menu in menus.items()}
    whole = {i: tuple(sorted(menu.columns)) for i, menu in menus.items()}
    joined = _with_partners(rows, whole, offered)
    many = sum(map(len, joined.values())) > WIDEST
    return {i: tuple(sorted({*mine, *menus[i].forced})) for i, mine in (offered if many else joined).items()}


def _of_sizes(alone: Mapping[int, Candidates], menus: Mapping[int, Menu]) -> list[Supports]:
    """Return the best candidate of each equation, then those of one term, of two and so on, offered to all."""
    by_size = []
    for candidates in alone.values():
        scores = candidates.scores()
        order = sorted(scores, key=lambda key: (scores[key], key))
        best = {0: order[0]}
        for key in order:
            best.setdefault(len(key), key)
        by_size.append(best)
    found = []
    for size in range(MOST_SIZES + 1):
        wanted = {p for best in by_size for k in {min(size, max(best)), size} & set(best) for p in best[k]}
        found.append({i: tuple(sorted({*wanted & set(menu.columns), *menu.forced})) for i, menu in menus.items()})
    return [one for k, one in enumerate(found) if one not in found[:k]]


def _with_partners(rows: Rows, whole: Supports, some: Supports) -> Supports:
    """Return some unknowns with those that an equation of the constraints ties to any of them."""
    libraries = tuple(tuple(rows.terms[p] for p in whole.get(i, ())) for i in range(len(rows.problem.targets)))
    places = [(i, p) for i in sorted(whole) for p in whole[i]]
    chosen = np.array([p in some[i] for i, p in places], dtype=bool)
    mine = chosen.copy()
    for constraint in rows.problem.constraints:
        found = constraint.rows(libraries)
        if found is not None and constraint.ties(len(rows.problem.targets)):
            touched = (found.A[:, chosen] != 0.0).any(axis=1)
            mine |= (found.A[touched] != 0.0).any(axis=0)
    return {i: tuple(p for (k, p), yes in zip(places, mine, strict=True) if yes and k == i) for i in whole}


@dataclass(slots=True)
class _Space:
    """Where the coefficients of a system may still go: start + N z, z under the Gram H with slope c."""

    start: Array
    N: Array
    G: Array
    c: Array

    def solved(self) -> tuple[Array, Array]:
        """Return the best coefficients and what they would vary by, each (n,)."""
        H = self.N.T @ self.G @ self.N
        scale = np.sqrt(np.maximum(np.diag(H), 1e-300))
        inverse = np.linalg.pinv(H / scale / scale[:, None], rcond=1e-13, hermitian=True) / scale / scale[:, None]
        z = inverse @ (self.N.T @ (self.c - self.G @ self.start))
        return self.start + self.N @ z, np.einsum("ij,jk,ik->i", self.N, inverse, self.N)

    def spared(self, u: int, kept: Array) -> bool:
        """Return whether taking coefficient u out would leave one that has to be there only zero."""
        line = self.N[u]
        along = line / np.linalg.norm(line)
        left = self.N - np.outer(self.N @ along, along)
        lost = np.linalg.norm(left, axis=1) < 1e-9 * np.maximum(np.linalg.norm(self.N, axis=1), 1e-300)
        zero = np.abs(self.start - self.N @ line * (self.start[u] / (line @ line))) < 1e-12
        return bool((kept & lost & zero & (np.linalg.norm(self.N, axis=1) > 0.0)).any())

    def without(self, u: int) -> None:
        """Take coefficient u out: it is zero from now on."""
        line = self.N[u]
        k = int(np.argmax(np.abs(line)))
        self.start = self.start - self.N[:, k] * (self.start[u] / line[k])
        self.N = np.asarray(np.delete(self.N - np.outer(self.N[:, k], line / line[k]), k, axis=1), dtype=np.float64)
        self.start[u] = 0.0
        self.N[u] = 0.0
        self.N[np.abs(self.N) < 1e-12] = 0.0


def _space(rows: Rows, grams: Mapping[int, Array], supports: Supports) -> tuple[list[tuple[int, int]], _Space] | None:
    """Return the unknowns and where they may go, columns of unit norm; None where no coefficients obey."""
    limits = limits_on(rows.problem, _terms(rows, supports))
    if limits is None:
        return None
    places = [(i, p) for i in sorted(supports) for p in supports[i]]
    n, first = len(places), 0
    G, c, norms = np.zeros((n, n)), np.zeros(n), np.ones(n)
    for i in sorted(supports):
        mine = list(supports[i])
        cut = slice(first, first + len(mine))
        first += len(mine)
        own = grams[i]
        norms[cut] = np.sqrt(np.maximum(np.diag(own)[mine], 0.0))
        norms[cut][norms[cut] == 0.0] = 1.0
        G[cut, cut] = own[np.ix_(mine, mine)] / norms[cut] / norms[cut, None]
        c[cut] = own[mine, -1] / norms[cut]
    return places, _Space(limits.start * norms, _sized(limits, norms), G, c)


def _sized(limits: Restriction, norms: Array) -> Array:
    """Return the directions for columns of unit norm, each of about unit size."""
    N = limits.N * norms[:, None]
    size = np.linalg.norm(N, axis=0)
    return N / np.where(size > 0.0, size, 1.0)


def eliminated(rows: Rows, grams: Mapping[int, Array], supports: Supports, menus: Mapping[int, Menu]) -> list[Supports]:
    """Return the systems on the way down from some terms, one leaving after the other; the shortest last."""
    made = _space(rows, grams, supports)
    if made is None:
        return []
    places, space = made
    kept = np.array([p in menus[i].forced for i, p in places], dtype=bool)
    found: list[Supports] = []
    while True:
        w, variance = space.solved()
        alive = np.any(space.N != 0.0, axis=1) | (space.start != 0.0)
        found.append(
            {i: tuple(p for (k, p), yes in zip(places, alive, strict=True) if yes and k == i) for i in supports}
        )
        free = alive & ~kept & np.any(space.N != 0.0, axis=1) & (variance > 1e-14)
        if not free.any():
            return found
        rises = np.where(free, w**2 / np.where(free, variance, 1.0), np.inf)
        u = int(np.argmin(rises))
        if kept.any() and space.spared(u, kept):
            kept[u] = True
        else:
            space.without(u)


def neighbours(rows: Rows, grams: Mapping[int, Array], best: Supports, whole: Supports) -> list[Supports]:
    """Return systems one step away: every coefficient left out, and the most promising additions."""
    found: list[Supports] = [
        {**best, i: tuple(p for p in mine if p != left_out)} for i, mine in best.items() for left_out in mine
    ]
    gains: list[tuple[float, int, Supports]] = []
    for i, columns in whole.items():
        for p in columns:
            if p not in best[i]:
                joined = _with_partners(rows, whole, {k: (p,) if k == i else () for k in whole})
                more = {k: tuple(sorted({*best[k], *joined[k]})) for k in whole}
                for wider in ({**best, i: tuple(sorted((*best[i], p)))}, more):
                    made = _space(rows, grams, wider)
                    if made is not None:
                        _, space = made
                        w, _ = space.solved()
                        gains.append((float(w @ space.G @ w - 2.0 * space.c @ w), len(gains), wider))
    return found + [wider for _, _, wider in sorted(gains, key=lambda one: one[:2])[: MOST_NEIGHBOURS * len(whole)]]
