"""Islands: evolution of skeletons, the last stage, for nested constants and long laws.

An island is a node, a view of its target and everything that has been made of it so far: the best skeleton
of each size and kind. All small skeletons come first; then the best of every size vary, and islands of one
node exchange what they found. What a generation makes is settled before any of it is fitted, and what comes
of it is taken in the order in which it was made, so that threads do not matter.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from discover.errors import ExpressionError
from discover.expr import Expr, call, simplify
from discover.inference.description import PER_TOKEN
from discover.inference.forms import Form
from discover.symbolic.archive import EXACT, FEW, MANY
from discover.symbolic.node import Node
from discover.symbolic.skeletons import (
    EXP,
    FREE_POWER,
    FUNCTION,
    FUNCTIONS,
    INV,
    SQRT,
    SQUARED,
    Sum,
    Tape,
    depth,
    formula,
    functions,
    size,
    tape,
)
from discover.symbolic.starts import Starts
from discover.symbolic.variation import Alphabet, Variation, small
from discover.symbolic.views import View
from discover_kernels.race import race

Array = NDArray[np.float64]

N_ROWS, N_FEW = 256, 64
"""Rows that skeletons are fitted to, and the first of them that starts are compared on."""

KEPT_STARTS, SHORT, LONG = 3, 6, 20
"""Starts that go on, and steps of Levenberg-Marquardt on few rows and on all."""

SMALL, MOST_SMALL = 5, 8000
"""Size up to which all skeletons are tried, at most so many."""

LARGEST = 14
BROOD, SMALLER_BROOD, TILE = 256, 96, 32
"""Skeletons that an island makes at a time, one of another view than y itself, and how many are fitted in one call."""

PROMOTED = 6
"""Of each brood, so many of the shortest descriptions go to the archive."""

MOST_CELLS, MOST_SEEN = 4000, 1_000_000
MIGRATION, MIGRANTS = 4, 6
"""Broods after which islands exchange their best, and how many."""

STALE = 40
"""Broods without a shorter description after which an island begins anew with the best of each size."""

AROUND = 4
"""Broods that look for a shorter spelling once something fits exactly: what comes first is often a limit of the law."""

RENEWALS = 3
"""Times that an island may begin anew before a search without a limit ends."""

HOPELESS = 3.0
"""Times the middle error of its size from which on a skeleton is not fitted to all rows."""

VIEWS = {"identity": None, "logarithm": EXP, "inverse": INV, "square": SQRT, "root": SQUARED}
"""Views that have an island, and the function that undoes each."""

FLOOR = 1e-26


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A fitted skeleton: its constants, and its mean squared error relative to the spread of the target."""

    body: Sum
    made: Tape
    constants: Array
    mse: float
    length: float


@dataclass(slots=True, eq=False)
class Island:
    """A population.

    Attributes:
        node, view: what is explained.
        X, t, weights: its columns (n_columns, n_rows), target and weights, rows in random order.
        alphabet, variation, starts: what skeletons are made of, how they vary, and where constants begin.
        cells: the best member of each (size, kind).
        seen: hashes of all skeletons that were fitted.
        waiting: skeletons that come before any variation.
        promoted: hashes of those that went to the archive.
        stale: broods since the best description got shorter.
        shortest: that description.
        n_renewed: how often it began anew since.
    """

    node: Node
    view: View
    X: Array
    t: Array
    weights: Array
    alphabet: Alphabet
    variation: Variation
    starts: Starts
    cells: dict[tuple[int, ...], Member] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    waiting: deque[Sum] = field(default_factory=deque)
    promoted: set[int] = field(default_factory=set)
    stale: int = 0
    shortest: float = math.inf
    n_renewed: int = 0

    @property
    def n_few(self) -> int:
        return min(N_FEW, len(self.t))


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A skeleton that is to be fitted from these starts (n_starts, n_free), on all rows where it is below the limit."""

    body: Sum
    made: Tape
    starts: Array
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Brood:
    """What all islands made in one round: the forms that go to the archive, and how many skeletons were fitted."""

    forms: list[Form]
    n_fits: int


def settled(nodes: Sequence[Node], seed: int) -> list[Island]:
    """Return the islands of some nodes: the first has one for every view, the others for y and log y."""
    found = []
    for k, node in enumerate(nodes):
        for number, view in enumerate(node.views()):
            if view.name in VIEWS and node.n_columns and (k == 0 or view.name in ("identity", "logarithm")):
                found.append(_island(node, view, (seed, k, number)))
    return found


def _island(node: Node, view: View, seed: tuple[int, ...]) -> Island:
    rng = np.random.default_rng([*seed, 0])
    rows = rng.permutation(node.n_rows)[:N_ROWS]
    X = np.ascontiguousarray(node.values[:, rows])
    may = node.limits.may
    allowed = tuple(k for k, one in enumerate(FUNCTIONS) if may(lambda e, one=one: spelled(one.name, e)))
    alphabet = Alphabet(
        node.n_columns,
        frozenset(k for k in range(node.n_columns) if (node.values[k] > 0).all()),
        frozenset(k for k in range(node.n_columns) if (node.values[k] != 0).all()),
        allowed,
        powers=may(lambda e: e**2),
        free_powers=may(lambda e: e**1.37),
    )
    island = Island(
        node,
        view,
        X,
        np.ascontiguousarray(view.values[rows]),
        np.ascontiguousarray(node.weights_in(view)[rows]),
        alphabet,
        Variation(alphabet, rng, LARGEST),
        Starts(X[:, : min(N_FEW, len(rows))], (*seed, 1)),
    )
    island.waiting.extend(sorted(small(alphabet, SMALL, MOST_SMALL), key=_plainness))
    return island


def _plainness(body: Sum) -> int:
    """Return what small skeletons are ordered by: functions of functions, and many different ones, come later."""
    return size(body) + depth(body) + len(set(functions(body)))


def spelled(name: str, e: Expr) -> Expr:
    """Return a function of the table applied to an expression."""
    if name == "inverse":
        return 1 / e
    if name == "inverse sqrt":
        return 1 / call("sqrt", e)
    if name == "square":
        return e**2
    return e**1.37 if name == "power" else call(name, e)


def evolved(islands: list[Island], pool: Executor | None, endless: bool = True) -> Iterator[Brood]:
    """Yield one brood after the other.

    Args:
        islands: what evolves.
        pool: threads that fit, None for this one only; the answer is the same.
        endless: whether to go on although nothing has got better for long.
    """
    number = n_fits = around = 0
    while endless or min(island.n_renewed for island in islands) < RENEWALS:
        broods = [_proposed(island) for island in islands]
        tiles = [
            (island, brood[i : i + TILE])
            for island, brood in zip(islands, broods, strict=True)
            for i in range(0, len(brood), TILE)
        ]
        fits = map(_fitted, tiles) if pool is None else pool.map(_fitted, tiles)
        for (island, tile), (numbers, mse) in zip(tiles, list(fits), strict=True):
            _taken(island, tile, numbers, mse)
        number += 1
        n_fits += sum(map(len, broods))
        if number % MIGRATION == 0:
            _migrated(islands)
        for island in islands:
            _renewed(island)
        around = around + 1 if any(map(_is_exact, islands)) else 0
        if around % AROUND == 0:
            yield Brood(list(chain.from_iterable(map(_promoted, islands))), n_fits)
            n_fits = 0


def _is_exact(island: Island) -> bool:
    return any(m.mse < EXACT * (1.0 if m.made.n_free <= FEW else MANY) for m in island.cells.values())


def _proposed(island: Island) -> list[Child]:
    """Return new skeletons: one that waits and one variation in turn."""
    found: list[Child] = []
    by_size, hopeless = _by_size(island), _hopeless(island)
    tries, most = 0, BROOD if island.view.name == "identity" else SMALLER_BROOD
    while len(found) < most and tries < 20 * most:
        tries += 1
        parent: Member | None = None
        if island.waiting and not (by_size and tries % 2):
            body: Sum | None = island.waiting.popleft()
        elif by_size:
            parent, mate = _selected(island, by_size), _selected(island, by_size)
            body = island.variation.child(parent.body, mate.body)
        else:
            break
        if body is None or hash(body) in island.seen:
            continue
        if len(island.seen) >= MOST_SEEN:
            island.seen.clear()
        island.seen.add(hash(body))
        made = tape(body)
        starts = island.starts.of(made, parent and (parent.made, parent.constants))
        found.append(Child(body, made, starts, hopeless.get(size(body), math.inf)))
    return found


def _hopeless(island: Island) -> dict[int, float]:
    """Return for every size the error on few rows from which on a skeleton is hopeless."""
    errors: dict[int, list[float]] = {}
    for key, member in island.cells.items():
        errors.setdefault(key[0], []).append(member.mse)
    return {n: HOPELESS * float(np.median(mine)) for n, mine in errors.items() if len(mine) > 30}


def _by_size(island: Island) -> list[list[Member]]:
    """Return the members of each size, the best first."""
    sizes: dict[int, list[Member]] = {}
    for key, member in island.cells.items():
        sizes.setdefault(key[0], []).append(member)
    return [sorted(sizes[n], key=lambda one: one.length) for n in sorted(sizes)]


def _selected(island: Island, by_size: list[list[Member]]) -> Member:
    """Return a member: any size, and within it good ones more often."""
    rng = island.variation.rng
    members = by_size[int(rng.integers(len(by_size)))]
    return members[min(int(rng.geometric(0.15)) - 1, len(members) - 1)]


def _fitted(task: tuple[Island, list[Child]]) -> tuple[list[Array], Array]:
    """Return the constants of every child, and its mean squared error relative to the spread of the target."""
    island, children = task
    made = [child.made for child in children]
    first, first_c = np.zeros(len(made) + 1, np.int64), np.zeros(len(made) + 1, np.int64)
    first[1:] = np.cumsum([len(one.op) for one in made])
    first_c[1:] = np.cumsum([one.n_free for one in made])
    op = np.array([node for one in made for node in one.op], np.int32)
    arg = np.array([node for one in made for node in one.arg], np.int32)
    n_linear = np.array([one.n_linear for one in made], np.int64)
    n_free = np.array([one.n_free for one in made], np.int64)
    starts = np.ascontiguousarray(np.concatenate([child.starts for child in children], axis=1))
    spread = _spread(island)
    limit = np.array([child.limit for child in children]) * spread * island.n_few / len(island.t)
    c, sse = np.zeros(first_c[-1]), np.empty(len(made))
    race(
        op, arg, first, n_linear, n_free, first_c, starts, island.X, island.t, island.weights, island.n_few,
        KEPT_STARTS, SHORT, LONG, limit, c, sse,
    )  # fmt: skip
    return [c[a:b] for a, b in pairwise(first_c.tolist())], sse / spread


def _spread(island: Island) -> float:
    mean = np.average(island.t, weights=island.weights)
    return float(np.sum(island.weights * (island.t - mean) ** 2)) or 1.0


def _taken(island: Island, children: list[Child], numbers: list[Array], mse: Array) -> None:
    """Let children take the cells in which they are the best."""
    n = len(island.t)
    for child, constants, left in zip(children, numbers, mse.tolist(), strict=True):
        if not (math.isfinite(left) and np.isfinite(constants).all()):
            continue
        p = child.made.n_free
        cost = PER_TOKEN * len(child.made.op) + 0.5 * p * math.log(n)
        length = 0.5 * max(n - p, 1) * math.log(max(left, FLOOR)) + cost
        key = (size(child.body), *_kind(child.body))
        if key not in island.cells or length < island.cells[key].length:
            island.cells[key] = Member(child.body, child.made, constants, left, length)
    if len(island.cells) > MOST_CELLS:
        worst = sorted(island.cells, key=lambda key: island.cells[key].length)[MOST_CELLS // 2 :]
        for key in worst:
            del island.cells[key]


def _kind(body: Sum) -> tuple[int, ...]:
    """Return what tells kinds apart: how many terms, and which functions."""
    free = any(kind == FREE_POWER for term in body for kind, _, _ in term)
    return (len(body), int(free), *sorted(functions(body)))


def _promoted(island: Island) -> list[Form]:
    """Return the shortest descriptions that the archive has not seen, as forms of y."""
    new = [member for member in island.cells.values() if hash(member.body) not in island.promoted]
    forms = []
    for member in sorted(new, key=lambda one: one.length)[:PROMOTED]:
        island.promoted.add(hash(member.body))
        form = form_of(island.node, island.view, member)
        if form is not None:
            forms.append(form)
    return forms


def form_of(node: Node, view: View, member: Member) -> Form | None:
    """Return the form of y that a member stands for, None where it has no spelling."""
    expr, start = formula(member.made, member.constants, node.columns, node.n_variables)
    try:
        plain = simplify(expr)
    except (ExpressionError, ZeroDivisionError, OverflowError):
        return None
    free = {v for v in plain.variables if v >= node.n_variables}
    if len(free) != len(start):
        plain = expr
    return node.form(view.inverse(plain), start)


def _migrated(islands: list[Island]) -> None:
    """Let islands of one node send their best to the others, undone views as functions."""
    for source in islands:
        best = sorted(source.cells.values(), key=lambda one: one.length)[:MIGRANTS]
        for target in islands:
            if target is source or target.node is not source.node:
                continue
            outer = VIEWS[source.view.name]
            for member in best:
                body = member.body
                if target.view.name == "identity" and outer in target.alphabet.functions:
                    body = (((FUNCTION, outer, body),),)
                if hash(body) not in target.seen and size(body) <= LARGEST:
                    target.waiting.append(body)


def _renewed(island: Island) -> None:
    """Count the broods without progress, and after many keep the best of each size only."""
    best = min((member.length for member in island.cells.values()), default=math.inf)
    if best < island.shortest - 1.0:
        island.stale = island.n_renewed = 0
    else:
        island.stale += 1
    island.shortest = min(best, island.shortest)
    if island.stale >= STALE:
        island.stale, island.n_renewed = 0, island.n_renewed + 1
        kept: dict[int, tuple[int, ...]] = {}
        for key, member in island.cells.items():
            if key[0] not in kept or member.length < island.cells[kept[key[0]]].length:
                kept[key[0]] = key
        island.cells = {key: island.cells[key] for key in kept.values()}
        island.seen.clear()
        island.waiting.extend(small(island.alphabet, SMALL - 2, MOST_SMALL))
