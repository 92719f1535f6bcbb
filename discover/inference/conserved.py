"""Sums of few terms that trajectories conserve, found among all terms on offer.

The slow motion of a sum Σ c·term is a quadratic form cᵀAc, and noise alone would make it cᵀNc. Terms are taken away one
by one from the sum that moves least, beginning with every one of them held fast in turn; what is left of each size is
compared by the length of its description, and tested. One that is found takes its largest term off the library: up to
multiples of it every other conserved sum can do without, and what moves only with it is none of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from discover.inference.constancy import Pencil, Track, nearest, pencil
from discover.inference.invariants import combinations_of
from discover.inference.whitest import Stillness, stillness
from discover.problem import Array

MOST_TERMS = 14
"""Terms of a conserved sum at most."""

N_CLOSEST, MOST_SUBSETS = 12, 12_000
"""Sums of each size that are kept of all there are, where these are no more than so many."""

N_TESTED = 40
"""Sums that are looked at closely, shortest description first."""

N_EACH = 3
"""Sums of each size that are looked at in any case."""

PER_NODE = 3.0
"""Units of chi-square that a name or an operator in a term costs, beside the logarithm of the rows for its number."""

LEAST_UNIT = 0.5
"""Of the noise: sums that move less than this share of it are alike, for the noise may be overestimated so far."""

TOLERANCE = 0.5
"""Of the noise: by how much more one conserved sum may move than another, before each is weighted by its own noise."""

ALMOST = 0.3
"""Of the ratio of what is conserved to noise: how far chance may spread it among sums that are conserved alike."""

UNLIKELY = 1e-3
"""Chance below which motion is no noise, within the data and held out."""

LOOSEST = 0.25
"""Relative standard error of a coefficient up to which a sum is said to need its term."""

SHORT = 2
"""Terms for each state that a sum has at most where all data are on one level of it."""

LARGEST_SHARE = 0.25
"""Slow motion of a conserved sum, noise and all, over its spread where its parts were measured at different times."""

LOUDEST = 5.0
"""Of the noise expected of a sum: more comes of its curvature alone, where its slopes cancel: nearly an identity."""

PARALLEL = 0.1
"""Sine of the angle between gradients, its median, up to which one quantity is a function of others."""

MOST_RIVALS, NEARLY, DEARER = 3, 10.0, 60.0
"""Sums that are named beside one that they cannot be told from, units of chi-square by which they may be worse, and by
which the price of those that are looked at may exceed that of the first that holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A sum of terms, by their numbers, and how still it stays."""

    chosen: tuple[int, ...]
    still: Stillness
    refusal: str | None = None
    rivals: tuple["Found", ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search ends with: sums that hold, where none does the best that was refused, whether it was cut short."""

    found: tuple[Found, ...]
    refused: tuple[Found, ...]
    interrupted: bool = False


def refusal(still: Stillness, n_states: int) -> str | None:
    """Return why a sum over so many states is not taken for conserved; None where nothing speaks against it."""
    if still.p_value < UNLIKELY:
        return f"it moves by more than its noise (chance {still.p_value:.1g})"
    if still.held_out < UNLIKELY:
        return f"it moves where its coefficients were not fitted (chance {still.held_out:.1g})"
    if still.noise > LOUDEST:
        return "it is nearly constant everywhere"
    if not still.tells_levels and len(still.coefficients) > SHORT * n_states:
        return "all data are on one level of it, where so long a sum fits almost any curve"
    if unsettled(still) > LOOSEST:
        return "noise hides which terms it needs"
    if still.share > LARGEST_SHARE:
        return f"noise hides whether it moves: by {100 * still.share:.0f} % of what chance would give"
    return None


def unsettled(still: Stillness) -> float:
    """Return the largest relative standard error of a coefficient."""
    return float(np.max(np.sqrt(np.diag(still.covariance)) / np.maximum(np.abs(still.coefficients), 1e-300)))


def conserved_sums(
    tracks: Sequence[Track],
    sizes: Sequence[int],
    plain: Sequence[bool],
    most: int,
    observe: Callable[[str, float], None],
) -> Outcome:
    """Return the conserved sums that are independent of each other, and without any the best of what was refused.

    An interrupt ends the search with what was found before it.

    Args:
        tracks: the terms along every trajectory, finite.
        sizes: complexity of every term.
        plain: whether each is a product of states, and no function.
        most: how many there can be.
        observe: told the step and the share done.
    """
    active, found, refused = list(range(len(sizes))), [], []
    while len(found) < most and active:
        observe("looking for conserved sums", len(found) / most)
        try:
            one, near = _next(tracks, sizes, plain, active, found)
        except KeyboardInterrupt:
            if not found:
                raise
            return Outcome(tuple(found), (), interrupted=True)
        refused += near
        if one is None:
            break
        found.append(one)
        c = one.still.coefficients
        active.remove(one.chosen[int(np.argmax(np.abs(c) == 1.0))])
    return Outcome(tuple(found), () if found else tuple(refused[:1]))


def _next(
    tracks: Sequence[Track], sizes: Sequence[int], plain: Sequence[bool], active: list[int], found: Sequence[Found]
) -> tuple[Found | None, list[Found]]:
    """Return the next independent sum, None where there is none, and the best that were refused."""
    refused: list[Found] = []
    alike: list[tuple[float, Found]] = []
    limit = np.inf
    for price, chosen in _shortlist(tracks, sizes, plain, active):
        if price > limit:
            break
        one = _tested(tracks, chosen)
        if one.refusal is not None:
            refused += [] if alike else [one]
        elif not alike and is_independent(tracks, one, found):
            alike, limit = [(price, one)], price + DEARER
        elif alike and not is_independent(tracks, one, [alike[0][1]]):
            alike.append((price, one))
    return (_shortest(tracks, alike) if alike else None), refused


def _shortest(tracks: Sequence[Track], alike: Sequence[tuple[float, Found]]) -> Found:
    """Return the best of sums that go with each other where measured, with those that it cannot be told from.

    Their noise is the same, so what they move by beyond it can be compared, to the unit of chi-square.
    """
    noise = alike[0][1].still.noise
    ranked = sorted(((price + one.still.slow / noise, k) for k, (price, one) in enumerate(alike)))
    best = alike[ranked[0][1]][1]
    near = [alike[k][1] for total, k in ranked[1:] if total <= ranked[0][0] + NEARLY]
    return replace(best, rivals=tuple([one for one in near if is_rival(tracks, one, best)][:MOST_RIVALS]))


def _tested(tracks: Sequence[Track], chosen: tuple[int, ...]) -> Found:
    """Return a sum with its tests; what fails the first is spared the held-out one."""
    here = [track.of(chosen) for track in tracks]
    n_states = tracks[0].moved.shape[1]
    still = stillness(here, held_out=False)
    if refusal(still, n_states) is None:
        still = stillness(here)
    return Found(chosen, still, refusal(still, n_states))


def _shortlist(
    tracks: Sequence[Track], sizes: Sequence[int], plain: Sequence[bool], active: list[int]
) -> list[tuple[float, tuple[int, ...]]]:
    """Return sums worth a test with the length of their description, shortest first."""
    whole = pencil([track.of(active) for track in tracks])
    _, least = nearest(whole)
    n, P = whole.n_rows, len(active)
    unit = max(least * n / max(n - P, 1), 1.0)
    prices = np.array([np.log(n) + PER_NODE * sizes[k] for k in active])
    supports = {support for size in range(1, MOST_TERMS) for support in _smallest(whole, size)}
    for level in _levels([sizes[k] for k in active], [plain[k] for k in active]):
        part = whole.of(level)
        below = nearest(part)[1]
        supports |= {
            tuple(level[k] for k in path)
            for anchor in range(len(level))
            for path in _paths(part, below, prices[level], anchor)
        }
    priced = []
    for support in supports:
        _, ratio = nearest(whole.of(support))
        excess = n * max(0.0, ratio / unit - 1.0 - TOLERANCE)
        priced.append((excess + float(prices[list(support)].sum()), tuple(active[k] for k in support)))
    priced.sort()
    rank: dict[int, int] = {}
    kept = []
    for k, (price, support) in enumerate(priced):
        rank[len(support)] = rank.get(len(support), 0) + 1
        if k < N_TESTED or rank[len(support)] <= N_EACH:
            kept.append((float(price), support))
    return kept


def _levels(sizes: Sequence[int], plain: Sequence[bool]) -> list[list[int]]:
    """Return the terms up to each complexity, with functions and without; short sums hide where much is conserved."""
    some = [[k for k, size in enumerate(sizes) if size <= most] for most in sorted(set(sizes))]
    every = {tuple(level) for level in some} | {tuple(k for k in level if plain[k]) for level in some}
    return sorted([list(level) for level in every if level], key=lambda level: (len(level), level))


def _smallest(whole: Pencil, size: int) -> list[tuple[int, ...]]:
    """Return the sums of so many terms that move least for their noise, of all there are; none where these are many."""
    subsets = combinations_of(len(whole.A), size, MOST_SUBSETS)
    if not len(subsets):
        return []
    scale = 1.0 / np.sqrt(np.maximum(np.diag(whole.A), 1e-300))
    A, N = (matrix * scale * scale[:, None] for matrix in (whole.A + 0.0, whole.N))
    at = (subsets[:, :, None], subsets[:, None, :])
    A = A + 1e-14 * np.eye(len(A))
    quotients = np.abs(np.linalg.eigvals(np.linalg.solve(A[at], N[at]))).max(axis=1)
    best = np.argsort(-quotients, kind="stable")[:N_CLOSEST]
    return [tuple(int(k) for k in subsets[b]) for b in best]


def _paths(whole: Pencil, least: float, prices: Array, anchor: int) -> Iterator[tuple[int, ...]]:
    """Yield ever smaller sums that hold one term fast, each without the term that is missed least for its price."""
    size = 1.0 / np.sqrt(np.maximum(np.diag(whole.A), 1e-300))
    spread = max(ALMOST, 3.0 * np.sqrt(2.0 / whole.n_rows))
    scale = size * size[:, None]
    B = (whole.A - (1.0 - spread) * least * whole.N) * scale
    G, N = np.linalg.inv(B + 1e-14 * np.eye(len(B))), whole.N * scale
    left = np.arange(len(B))
    while len(left) > 1:
        at = int(np.flatnonzero(left == anchor)[0])
        c = G[at] / G[at, at]
        noise = max(float(c @ N[np.ix_(left, left)] @ c) / whole.n_rows, 1e-100)
        taken = G[at] ** 2 / np.maximum(np.diag(G), 1e-100)
        worse = taken / np.maximum(G[at, at] * (G[at, at] - taken), 1e-100 * (1.0 + taken))
        gains = np.minimum(worse, 1e100) / (noise * max(least, LEAST_UNIT)) - prices[left]
        gains[at] = np.inf
        gone = int(np.argmin(gains))
        G = G - np.outer(G[:, gone], G[gone]) / G[gone, gone]
        G = np.delete(np.delete(G, gone, 0), gone, 1)
        left = np.delete(left, gone)
        if len(left) <= MOST_TERMS:
            yield tuple(left.tolist())


def is_independent(tracks: Sequence[Track], one: Found, others: Sequence[Found]) -> bool:
    """Return whether a sum has a gradient of its own at the measured states, beside those of others."""
    if not others:
        return True
    mine = np.concatenate([gradient(track.slopes, one) for track in tracks], axis=1)
    beside = [np.concatenate([gradient(track.slopes, other) for track in tracks], axis=1) for other in others]
    return _angle(mine, np.array(beside)) > PARALLEL


def is_rival(tracks: Sequence[Track], one: Found, best: Found) -> bool:
    """Return whether a sum goes with another at the measured states, and not elsewhere or without one of its terms.

    What has all the terms of the other and some more is the same, with parts that noise alone gives it.
    """
    if is_independent(tracks, one, [best]):
        return False
    away = tracks[0].away
    apart = _angle(gradient(away, one), gradient(away, best)[None])
    return apart > PARALLEL or not set(best.chosen) <= set(one.chosen)


def gradient(slopes: Array, one: Found) -> Array:
    """Return the gradient of a sum, states in units of their spread, (n_states, n_samples)."""
    return np.tensordot(one.still.coefficients, slopes[list(one.chosen)], axes=1)


def _angle(mine: Array, beside: Array) -> float:
    """Return the sine of the angle of a gradient (n_states, n) with the span of others (n_others, n_states, n).

    Samples count alike, however steep the quantity is there; the root mean square is returned.
    """
    q = np.linalg.qr(np.moveaxis(beside, (0, 1, 2), (2, 1, 0)))[0]
    g = mine.T / np.maximum(np.linalg.norm(mine, axis=0), 1e-300)[:, None]
    left = g - np.einsum("nvk,nk->nv", q, np.einsum("nvk,nv->nk", q, g))
    return float(np.sqrt(np.median(np.sum(left**2, axis=1))))
