"""The search: stages in the order of what they cost, all writing to one archive."""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from discover.expr import Dimension, Expr
from discover.inference.criteria import Criterion, Squares
from discover.inference.forms import Form
from discover.inference.whiteness import WHITE
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.exhaustion import LITTLE_WORK
from discover.symbolic.finish import pruned
from discover.symbolic.limits import USUAL, Limits
from discover.symbolic.neighbours import neighbours
from discover.symbolic.stages import batches
from discover.symbolic.units import Units, lawful
from discover_kernels import opcodes

__all__ = ["lawful", "search"]

Array = NDArray[np.float64]

ABOUT = 25
"""Stages of a long search, for the share done."""

ROUGH, SCATTER = 1.3, 3.0
"""Ratio of what a form leaves to what a smooth surface leaves, from which on something is missing from the form."""

SURELY = 3.5
"""Standard deviations of structure that what is left may show where it is also no more than what a surface leaves."""

UNCLEAR = 0.1
"""Share of the spread that a plain form may leave and still end a search before its time."""

STEPS = 3
"""Times that the neighbours of the best form are looked at, each time from the best of them."""

PLAIN = (0.5, 1.0, 2.0)


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
    first: Sequence[Form] = (),
    legal: Callable[[Expr], bool] = lambda expr: True,
    known: Mapping[Expr, Entry] | None = None,
    n_jobs: int = 1,
    endless: bool = False,
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
        first: forms that are tried before all others, whatever the limits.
        legal: whether an expression may enter, beside limits and units.
        known: entries of an earlier run of the same search, which are not fitted again.
        n_jobs: threads; the answer is the same with any number.
        endless: whether to go on until the budget is spent while something is left to explain.

    An interrupt ends the search with what it has.
    """
    X = np.ascontiguousarray(X, dtype=np.float64)
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    used = tuple(range(len(X)) if columns is None else columns)
    units = Units() if dimensions is None else Units(tuple(dimensions), dimension)
    rules = (units.allow, legal, _within(limits, len(X), {form.expr for form in first}))
    y = np.ascontiguousarray(y, dtype=np.float64)
    archive = Archive(X, y, weights, used, lambda expr: all(rule(expr) for rule in rules), limits.price, criterion)
    archive.known = known or {}
    n_ended, pool = 0, ThreadPoolExecutor(n_jobs) if n_jobs > 1 else None
    pinned = threadpool_limits(limits=1, user_api="blas")
    try:
        archive.stage = "given"
        archive.add(first)
        for batch in batches(archive, seed, limits, units, pool, endless):
            n_ended += batch.ends
            archive.stage = batch.stage
            archive.n_fits += batch.n_fits
            archive.add(batch.forms)
            observe(batch.stage, min(0.99, n_ended / ABOUT), archive)
            if archive.exact is not None or spent() or (batch.ends and _explained(archive, batch.late)):
                break
        if not spent():
            last, archive.stage = archive.stage, "exhaustive"
            archive.add(archive.prove(limits, LITTLE_WORK))
            archive.stage = last
            surround(archive)
        pruned(archive)
    except KeyboardInterrupt:
        if archive.best is None:
            raise
        archive.interrupted = True
    finally:
        pinned.restore_original_limits()
        if pool is not None:
            pool.shutdown()
    return archive


def surround(archive: Archive) -> None:
    """Try what is a step away from the best form, from which the search may have ended too early."""
    before, archive.stage = archive.stage, "neighbours"
    for _ in range(STEPS):
        best = archive.best
        if best is None or best.is_exact:
            break
        archive.add(neighbours(best.form))
        pruned(archive)
        if archive.best is best:
            break
    archive.stage = before


def _within(limits: Limits, n_variables: int, given: set[Expr]) -> Callable[[Expr], bool]:
    """Return what says whether an expression is within the limits; what the user gave is, and a number is."""

    def within(expr: Expr) -> bool:
        is_number = min(expr.variables, default=n_variables) >= n_variables
        return is_number or expr in given or limits.allows(expr, n_variables)

    return within


def _explained(archive: Archive, late: bool) -> bool:
    """Return whether the best form leaves nothing but noise; unless it is plain, other kinds get their turn first."""
    pruned(archive)
    best = archive.best
    # Two estimates of a variance from n rows differ by chance, the more so where errors grow with y.
    chance = 1.0 + SCATTER * math.sqrt(2.0 / len(archive.y))
    if best is None or best.mse > ROUGH * chance * archive.left:
        return False
    spread = float(archive.y.var()) / float(np.mean(archive.y**2) or 1.0)
    unseen = isinstance(archive.fits, Squares) and math.isinf(archive.left)  # no surface yet to compare with
    if not late and (unseen or not (_plain(best.form) and best.mse < UNCLEAR * spread)):
        return False
    left = archive.structure_left(best)
    # Few rows cannot show structure, and many forms will fit them: the short ones have had their turn.
    surely = best.mse <= archive.left and not unseen
    return left < (SURELY if surely else WHITE) or (late and math.isinf(left))


def _plain(form: Form) -> bool:
    """Return whether a form has one number at most, fitted or rounded, beside ½, 1, 2, and no odd power: no stopgap."""
    tape, numbers = form.expr.tape, iter(form.expr.constants)
    odd = [
        after[0] == opcodes.POW
        for (opcode, _), after in zip(tape, (*tape[1:], (opcodes.VARIABLE, 0)), strict=True)
        if opcode == opcodes.CONSTANT and abs(next(numbers)) not in PLAIN
    ]
    return form.n_free + len(odd) <= 1 and not any(odd)
