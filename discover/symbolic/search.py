"""The search: stages in the order of what they cost, all writing to one archive."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.errors import UnitError
from discover.expr import Dimension, Expr, dimension_of
from discover.inference.criteria import Criterion
from discover.inference.forms import Form
from discover.inference.whiteness import WHITE
from discover.symbolic.archive import Archive
from discover.symbolic.features import (
    ALGEBRAIC,
    ALL,
    ARITHMETIC,
    EXPONENTIAL,
    ROOTS_AND_WAVES,
    TRIGONOMETRIC,
    Operators,
    bank,
    within,
)
from discover.symbolic.finish import pruned
from discover.symbolic.instant import instant, posynomials
from discover.symbolic.limits import USUAL, Limits
from discover.symbolic.node import Node, root
from discover.symbolic.reductions import merged, stripped
from discover.symbolic.screening import Screen, screens
from discover.symbolic.templates import templates

Array = NDArray[np.float64]

NOISY = 10.0
"""Standard deviations of the residual's F statistic up to which what is left is taken for noise."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a bank goes: rows looked at, features kept, highest complexity, features that are paired."""

    n_rows: int
    most: int
    deepest: int
    n_pairs: int


SHALLOW, DEEP = Depth(192, 30_000, 11, 3000), Depth(96, 150_000, 14, 8000)
MOST_NODES = 3
ABOUT = 25
"""Stages of a long search, for the share done."""

PLAIN = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms of one stage; after the last batch of a stage the search may end.

    Attributes:
        stage: its name.
        forms: what to fit.
        ends: whether the stage is complete.
        late: whether all kinds of short forms have had their turn.
    """

    stage: str
    forms: list[Form]
    ends: bool = False
    late: bool = False


def search(
    X: Array,
    y: Array,
    weights: Array | None = None,
    columns: Sequence[int] | None = None,
    dimensions: Sequence[Dimension | None] | None = None,
    dimension: Dimension | None = None,
    spent: Callable[[], bool] = lambda: False,
    seed: int = 0,
    observe: Callable[[str, float, Archive], None] = lambda stage, share, archive: None,
    limits: Limits = USUAL,
    criterion: Criterion | None = None,
) -> Archive:
    """Return an archive of forms of y (n_rows,) over X (n_variables, n_rows), the best one as `archive.best`.

    Args:
        X, y: the data, finite.
        weights: one over the variance of y's errors, up to a factor, shape (n_rows,); None for equal errors.
        columns: the variables that y may depend on, None for all.
        dimensions: of the variables, None where unknown, and `dimension` that of y; forms that break them never enter.
        spent: asked between batches whether to stop.
        seed: of the rows that screening looks at.
        observe: told the stage, the share done and the archive after every batch.
        limits: what a form may be made of.
        criterion: what forms are fitted to and ranked by; None for weighted least squares.

    An interrupt ends the search with what it has.
    """
    X = np.ascontiguousarray(X, dtype=np.float64)
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    used = tuple(range(len(X)) if columns is None else columns)
    legal = _asked_for(limits, len(X), (lambda expr: True) if dimensions is None else lawful(dimensions, dimension))
    y = np.ascontiguousarray(y, dtype=np.float64)
    archive = Archive(X, y, weights, used, legal, limits.price, criterion)
    n_ended = 0
    try:
        for batch in _batches(archive, seed, limits):
            n_ended += batch.ends
            archive.stage = batch.stage
            archive.add(batch.forms)
            observe(batch.stage, min(0.99, n_ended / ABOUT), archive)
            if archive.exact is not None or spent() or (batch.ends and _explained(archive, batch.late)):
                break
        pruned(archive)
    except KeyboardInterrupt:
        if archive.best is None:
            raise
        archive.interrupted = True
    return archive


def lawful(dimensions: Sequence[Dimension | None], target: Dimension | None) -> Callable[[Expr], bool]:
    """Return what says whether an expression obeys the units of its variables and has that of the target.

    Free constants may have any unit, numbers that belong to the form have none.

    >>> metre, second = Dimension.of({"m": 1}), Dimension.of({"s": 1})
    >>> legal = lawful([metre, second], metre / second)
    >>> from discover.expr import variable
    >>> x, t, k = (variable(i) for i in range(3))
    >>> legal(x / t), legal(k * x), legal(2 * x), legal(x + t)
    (True, True, False, False)
    """
    known = tuple(dimensions)

    def legal(expr: Expr) -> bool:
        n_free = max(0, max(expr.variables, default=-1) + 1 - len(known))
        try:
            found = dimension_of(expr, (*known, *(None,) * n_free), dimensionless_constants_only=True)
        except UnitError:
            return False
        return found is None or target is None or found == target

    return legal


def _asked_for(limits: Limits, n_variables: int, legal: Callable[[Expr], bool]) -> Callable[[Expr], bool]:
    """Return what says whether an expression is legal and within the limits; no number ever breaks them."""
    return lambda expr: (limits.allows(expr, n_variables) or not expr.variables[:1] < (n_variables,)) and legal(expr)


def _explained(archive: Archive, late: bool) -> bool:
    """Return whether the best form leaves nothing but noise; unless it is plain, other kinds get their turn first."""
    pruned(archive)
    best = archive.best
    if best is None or not (late or _plain(best.form)):
        return False
    left = archive.structure_left(best)
    # Few rows cannot show structure, and many forms will fit them: the short ones have had their turn.
    return left < WHITE or (late and math.isinf(left))


def _plain(form: Form) -> bool:
    """Return whether a form has one free constant at most, no fixed ones but 1, and no odd powers: no stopgap."""
    return form.n_free <= 1 and all(abs(number) in PLAIN for number in form.expr.constants)


def _batches(archive: Archive, seed: int, limits: Limits) -> Iterator[Batch]:
    """Yield everything there is to try, in order."""
    rng = np.random.default_rng(seed)
    whole = root(archive.X, archive.y, archive.weights, archive.columns, limits)
    # That nothing matters competes too: without it noise would always get a formula.
    yield Batch("instant", [whole.form(whole.constant(0), [float(np.average(archive.y, weights=archive.weights))])])
    yield from _named("instant", instant(whole))
    base = stripped(whole)
    nodes = [whole] if base is None else [base, whole]
    if base is not None:
        yield from _named("strip", instant(base))
    for node in nodes:
        yield from _named("posynomial", posynomials(node, rng))
    for node in merged(nodes[0]):
        nodes.append(node)
        yield from _named("merge", instant(node))
    nodes = sorted(nodes, key=lambda one: one.n_columns)[:MOST_NODES]
    for operators in within(limits, (ARITHMETIC, TRIGONOMETRIC, EXPONENTIAL)):
        late = operators.name == EXPONENTIAL.name
        yield from _screened(archive, nodes, operators, SHALLOW, seed, late)
    for node in nodes:
        yield from _named("template", templates(node, rng), late=True)
    for operators in within(limits, (ROOTS_AND_WAVES, ARITHMETIC, EXPONENTIAL, ALL, ALGEBRAIC)):
        yield from _screened(archive, nodes, operators, DEEP, seed, late=True)


def _named(stage: str, batches: Iterator[list[Form]], late: bool = False) -> Iterator[Batch]:
    for forms in batches:
        yield Batch(stage, forms, late=late)
    yield Batch(stage, [], ends=True, late=late)


def _screened(
    archive: Archive, nodes: list[Node], operators: Operators, depth: Depth, seed: int, late: bool
) -> Iterator[Batch]:
    for node in nodes:
        if node.n_columns:
            best = archive.best
            clean = best is None or not archive.structure_left(best) < NOISY
            rows = np.random.default_rng(seed).permutation(node.n_rows)[: depth.n_rows]
            X = np.ascontiguousarray(node.values[:, rows])
            features = bank(node.columns, X, operators, depth.most, depth.deepest, seed=seed)
            forms = screens(Screen(node, features, rows, depth.n_pairs, clean))
            yield from _named(f"{operators.name}, {len(features)} features", forms, late)
