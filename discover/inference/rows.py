"""Library rows held in memory for the choice among candidates, and the slopes of their terms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from discover.errors import SettingError
from discover.expr import Expr, Program, TimePart, compile_program, time_parts
from discover.inference.fields import Slopes, field_rows, field_slopes
from discover.inference.sensitivity import Sensitivity, jets, sensitivities
from discover.inference.strongfields import Jets, jets_of
from discover.problem import Array, Block, Grid, Index, Problem, Stencil
from discover_kernels.gram import stencil_rows
from discover_kernels.whiten import bandwidth

MAX_ROWS = 20_000
CHUNK = 500
"""Rows of a stretch that are drawn together when the data are larger than MAX_ROWS."""


def row_function(problem: Problem, terms: Sequence[Expr], n_jobs: int | None = None) -> Callable[[Block], Array]:
    """Return what computes the library's rows on a block, shape (n_terms, n_rows); a field's in n_jobs threads."""
    if problem.space and problem.formulation == "strong":
        return lambda block: jets_of(terms, block, lattice(block), problem).rows(terms)
    if problem.space:
        return lambda block: field_rows(terms, block, lattice(block), problem, n_jobs)
    parts = [time_parts(term, problem.n_variables, problem.clock) for term in terms]
    if all(len(mine) == 1 and mine[0].order == mine[0].depth == 0 for mine in parts):
        program = compile_program([mine[0].function for mine in parts], problem.n_variables)
        return lambda block: library_rows(program, block, problem.formulation)
    groups = _groups(parts, problem)

    def rows(block: Block) -> Array:
        out = np.zeros((len(terms), block.n_rows))
        for order, depth, members, program in groups:
            np.add.at(out, members, library_rows(program, block, problem.formulation, order, depth))
        return out

    return rows


def _groups(parts: Sequence[Sequence[TimePart]], problem: Problem) -> list[tuple[int, int, Index, Program]]:
    """Return the summands by (order, depth), with the terms that they belong to, each group compiled together."""
    found: dict[tuple[int, int], list[tuple[int, Expr]]] = {}
    for p, mine in enumerate(parts):
        for part in mine:
            if part.order + part.depth > problem.order:
                raise SettingError(
                    f"A term has derivatives by {problem.time} of order {part.order + part.depth}, and the left-hand "
                    f"sides are of order {problem.order}; give a higher order=."
                )
            found.setdefault((part.order, part.depth), []).append((p, part.function))
    return [
        (
            order,
            depth,
            np.array([p for p, _ in members], dtype=np.int64),
            compile_program([function for _, function in members], (depth + 1) * problem.n_variables),
        )
        for (order, depth), members in found.items()
    ]


def stencil_of(block: Block) -> Stencil:
    """Return a trajectory's stencil."""
    if isinstance(block.stencil, Grid):
        raise TypeError("A field has a Grid of test functions, and no Stencil.")
    return block.stencil


def lattice(block: Block) -> Grid:
    """Return a field's test functions."""
    if isinstance(block.stencil, Stencil):
        raise TypeError("A trajectory has a Stencil, and no Grid of test functions.")
    return block.stencil


def library_rows(program: Program, block: Block, formulation: str, order: int = 0, depth: int = 0) -> Array:
    """Return the rows of D^order(function) on one trajectory, shape (n_functions, n_rows).

    The program's variables are the block's, or their jets up to `depth`. These come from smoothed states, so that
    products with derivatives are as noisy as in strong form, while all else is integrated.
    """
    stencil = stencil_of(block)
    if formulation == "strong" and order == 0:
        centres = np.searchsorted(block.time, stencil.time)
        return program.evaluate(np.ascontiguousarray(jets(block, depth)[:, centres]))
    X = jets(block, depth) if depth else block.X
    out = np.empty((len(program.roots), stencil.n_rows))
    stencil_rows(
        program.code,
        program.constants,
        len(X),
        program.n_rows,
        program.roots,
        X,
        stencil.start,
        stencil.shape,
        stencil.weights[order],
        out,
    )
    return out


def row_slice(block: Block, first: int, last: int) -> Block:
    """Return rows first to last of a trajectory, with the samples that they see."""
    stencil = stencil_of(block)
    begin = int(stencil.start[first])
    end = int(stencil.start[last - 1]) + stencil.width
    rows = slice(first, last)
    return Block(
        X=np.ascontiguousarray(block.X[:, begin:end]),
        Y=np.ascontiguousarray(block.Y[:, rows]),
        time=block.time[begin:end],
        trajectory=block.trajectory,
        fold=block.fold[rows],
        X_smooth=np.ascontiguousarray(block.X_smooth[:, begin:end]),
        stencil=Stencil(stencil.start[rows] - begin, stencil.shape[rows], stencil.weights, stencil.time[rows]),
        chance=None if block.chance is None else np.ascontiguousarray(block.chance[:, rows]),
        X_dot=np.ascontiguousarray(block.X_dot[:, :, begin:end]),
    )


def sample_rows(problem: Problem, max_rows: int, seed: int) -> tuple[Block, ...]:
    """Return all blocks, or stretches of them drawn from the seed that hold at most about `max_rows` rows."""
    if problem.space or problem.n_rows <= max_rows:
        return tuple(block for block in problem.blocks if block.n_rows)
    length = min(CHUNK, max_rows)
    chunks = [
        (b, first, min(first + length, block.n_rows))
        for b, block in enumerate(problem.blocks)
        for first in range(0, block.n_rows, length)
    ]
    order = np.random.default_rng([seed, len(chunks)]).permutation(len(chunks))
    drawn, total = [], 0
    for index in order:
        b, first, last = chunks[index]
        if total + last - first > max_rows:
            break
        drawn.append((b, first, last))
        total += last - first
    return tuple(row_slice(problem.blocks[b], first, last) for b, first, last in sorted(drawn))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The regression on some blocks: library rows, left-hand sides, and the slopes of terms when asked.

    Attributes:
        problem: where it comes from.
        terms: the library.
        blocks: the blocks that take part.
        theta: library rows of each block, shape (n_terms, n_rows).
        band: half-bandwidth of the rows' covariance in each block.
        n_jobs: threads for what is computed over the samples of a field.
        n_priced: terms that the price of a choice counts, where constraints took some of them away; 0 for those here.
    """

    problem: Problem
    terms: tuple[Expr, ...]
    blocks: tuple[Block, ...]
    theta: tuple[Array, ...]
    band: tuple[int, ...]
    n_jobs: int | None = None
    _slopes: dict[int, tuple[Sensitivity, ...]] = field(default_factory=dict, repr=False)
    _fields: dict[int, Slopes] = field(default_factory=dict, repr=False)
    _jets: dict[int, Jets] = field(default_factory=dict, repr=False)
    n_priced: int = 0

    @property
    def n_rows(self) -> int:
        return sum(block.n_rows for block in self.blocks)

    def only(self, columns: Sequence[int]) -> "Rows":
        """Return the same rows of some of the terms."""
        theta = tuple(values[list(columns)] for values in self.theta)
        return Rows(self.problem, tuple(self.terms[p] for p in columns), self.blocks, theta, self.band, self.n_jobs)

    def slopes(self, support: Sequence[int]) -> list[tuple[Sensitivity, ...]]:
        """Return for each term how its rows move with the samples, a block at a time.

        Slopes are taken at the smoothed states, and kept: candidates share their terms.
        """
        for p in support:
            if p not in self._slopes:
                self._slopes[p] = self._slope(p)
        return [self._slopes[p] for p in support]

    def _slope(self, p: int) -> tuple[Sensitivity, ...]:
        """Return how the rows of one term move, by itself: a program of several would share parts of them, and its
        bits would depend on which thread asked first."""
        problem = self.problem
        parts = time_parts(self.terms[p], problem.n_variables, problem.clock)
        moved = (
            [] if problem.is_absent(self.terms[p], block) else sensitivities([parts], block, problem)
            for block in self.blocks
        )
        return tuple(one[0] if one else {} for one in moved)

    def jets(self, b: int) -> Jets:
        """Return the filtered values and derivatives on recording b of a field in strong form."""
        if b not in self._jets:
            self._jets[b] = jets_of(self.terms, self.blocks[b], lattice(self.blocks[b]), self.problem)
        return self._jets[b]

    def field_slopes(self, b: int) -> Slopes:
        """Return the slopes on recording b of a field."""
        if b not in self._fields:
            block = self.blocks[b]
            self._fields[b] = field_slopes(self.terms, block, lattice(block), self.problem, self.n_jobs)
        return self._fields[b]


def assemble(
    problem: Problem,
    terms: Sequence[Expr],
    max_rows: int = MAX_ROWS,
    seed: int = 0,
    n_jobs: int | None = None,
    blocks: tuple[Block, ...] | None = None,
) -> Rows:
    """Return the library rows of a problem, on at most about `max_rows` rows; those of a field in n_jobs threads.

    `blocks` are stretches to take them on, where these were chosen already.
    """
    rows = row_function(problem, terms, n_jobs)
    blocks = sample_rows(problem, max_rows, seed) if blocks is None else blocks
    return Rows(
        problem=problem,
        terms=tuple(terms),
        blocks=blocks,
        theta=tuple(rows(block) for block in blocks),
        band=tuple(_band(problem, block.stencil) for block in blocks),
        n_jobs=n_jobs,
    )


def _band(problem: Problem, stencil: Stencil | Grid) -> int:
    """Return how many earlier rows a row can share samples with; the rows of a field may all.

    The rows of a map are taken one by one: where its slopes exceed 1, whitening by what neighbours share
    multiplies the error of every slope (chi-square per row of the logistic map at 5 % noise: 2.4, not 1).
    """
    if problem.formulation == "discrete":
        return 0
    return stencil.n_rows if isinstance(stencil, Grid) else bandwidth(stencil.start, stencil.width)
