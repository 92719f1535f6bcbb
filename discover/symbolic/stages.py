"""The stages of a search, in the order of what they cost, and the nodes that each of them takes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from discover.inference.criteria import Squares
from discover.inference.forms import Form
from discover.symbolic.archive import Archive
from discover.symbolic.features import (
    ALGEBRAIC,
    ALL,
    ARITHMETIC,
    EXPONENTIAL,
    ROOTS_AND_WAVES,
    TRIGONOMETRIC,
    WAVES,
    Operators,
    bank,
    freed,
    inverting,
    within,
)
from discover.symbolic.instant import instant, posynomials
from discover.symbolic.islands import evolved, settled
from discover.symbolic.limits import Limits
from discover.symbolic.logarithmic import logarithmic
from discover.symbolic.node import Node, root
from discover.symbolic.reductions import merged, stripped
from discover.symbolic.screening import Screen, screens
from discover.symbolic.separation import separated
from discover.symbolic.symmetries import reduced
from discover.symbolic.templates import templates
from discover.symbolic.units import Units

NOISY = 10.0
"""Standard deviations of the residual's F statistic up to which what is left is taken for noise."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a bank goes: rows looked at, features kept, highest complexity, features that are paired."""

    n_rows: int
    most: int
    deepest: int
    n_pairs: int


TINY, SHALLOW, DEEP = Depth(128, 4000, 9, 1000), Depth(192, 30_000, 11, 3000), Depth(96, 150_000, 14, 8000)
MOST_NODES = 3
FIRST_BROODS, BROODS, LATER_BROODS = 2, 12, 16
"""Generations of the islands before short forms of other kinds, before templates, and before every deep bank."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms of one stage; after the last batch of a stage the search may end.

    Attributes:
        stage: its name.
        forms: what to fit.
        ends: whether the stage is complete.
        late: whether all kinds of short forms have had their turn.
        n_fits: how many were fitted to find these.
    """

    stage: str
    forms: list[Form]
    ends: bool = False
    late: bool = False
    n_fits: int = 0


def batches(
    archive: Archive, seed: int, limits: Limits, units: Units, pool: Executor | None = None, endless: bool = False
) -> Iterator[Batch]:
    """Yield everything there is to try, in order; islands fit in a pool, and only they may be without end."""
    rng = np.random.default_rng(seed)
    whole = root(archive.X, archive.y, archive.weights, archive.columns, limits)
    # That nothing matters competes too: without it noise would always get a formula.
    yield Batch("instant", [whole.form(whole.constant(0), [float(np.average(archive.y, weights=archive.weights))])])
    yield from _named("instant", instant(whole))
    nodes = [whole]
    base = stripped(whole)
    if base is not None:
        nodes.append(base)
        yield from _named("strip", instant(base))
    symmetric = reduced(whole, units, seed)
    if isinstance(archive.fits, Squares):
        archive.left = symmetric.left / archive.fits.scale
    for node in reversed(symmetric.nodes):
        nodes.append(node)
        yield from _named("symmetry", instant(node))
    for node in merged(base or whole):
        nodes.append(node)
        yield from _named("merge", instant(node))
    nodes = _fewest(nodes)
    for node in nodes:
        yield from _named("posynomial", posynomials(node, rng))
    for node in nodes[:1]:
        yield from _named("logarithms", logarithmic(node, np.random.default_rng([seed, 1])))
    islands = _evolved(nodes, seed, pool, endless)
    for node in nodes:  # halves come first; after the banks of the node with the fewest columns, islands
        yield from _named("separation", separated(node, archive, seed))
        if node.n_columns == 1:
            yield from _named("template", templates(node, np.random.default_rng([seed, 2])))
        for operators in within(limits, [inverting(one) for one in (ALGEBRAIC, WAVES, EXPONENTIAL, ALL)]):
            yield from _screened(archive, [node], operators, TINY, seed, units, late=False)
        yield from islice(islands, FIRST_BROODS if node is nodes[0] else 0)
    for operators in within(limits, (ARITHMETIC, ALGEBRAIC, TRIGONOMETRIC, EXPONENTIAL)):
        yield from _screened(archive, nodes, operators, SHALLOW, seed, units, late=operators.name == EXPONENTIAL.name)
    yield Batch("exhaustive", archive.prove(limits), ends=True, late=True)
    yield from islice(islands, BROODS)
    for node in (one for one in nodes if one.n_columns > 1):
        yield from _named("template", templates(node, rng), late=True)
    for operators in within(limits, (ROOTS_AND_WAVES, ARITHMETIC, EXPONENTIAL, ALL, ALGEBRAIC)):
        yield from islice(islands, LATER_BROODS)
        yield from _screened(archive, nodes, operators, DEEP, seed, units, late=True)
    yield from islands


def _evolved(nodes: list[Node], seed: int, pool: Executor | None, endless: bool) -> Iterator[Batch]:
    """Yield what islands find; every few broods are a stage."""
    islands = settled(nodes, seed)
    for number, brood in enumerate(evolved(islands, pool, endless) if islands else (), start=1):
        yield Batch("islands", brood.forms, number % BROODS == 0, True, brood.n_fits)


def _fewest(nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes with the fewest columns, each set of columns once, the whole problem among them."""
    ordered = sorted(nodes, key=lambda one: one.n_columns)
    distinct = {(frozenset(node.columns), node.prefactor): node for node in reversed(ordered)}
    found = sorted(distinct.values(), key=lambda one: one.n_columns)
    return found[:MOST_NODES]


def _named(stage: str, forms: Iterator[list[Form]], late: bool = False) -> Iterator[Batch]:
    for some in forms:
        yield Batch(stage, some, late=late)
    yield Batch(stage, [], ends=True, late=late)


def _screened(
    archive: Archive, nodes: list[Node], operators: Operators, depth: Depth, seed: int, units: Units, late: bool
) -> Iterator[Batch]:
    for node in nodes:
        if node.n_columns:
            best = archive.best
            clean = best is None or not archive.structure_left(best) < NOISY
            rows = np.random.default_rng(seed).permutation(node.n_rows)[: depth.n_rows]
            X = np.ascontiguousarray(node.values[:, rows])
            dims = units.columns(node.columns)
            features = bank(node.columns, X, operators, depth.most, depth.deepest, dims, seed, scaled=True)
            forms = screens(Screen(node, features, rows, depth.n_pairs, clean))
            if (features.scales != 1.0).any():
                forms = (list(map(freed, some)) for some in forms)
            yield from _named(f"{operators.name}, {len(features)} features", forms, late)
