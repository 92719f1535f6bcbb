"""Library rows held in memory for the choice among candidates, and the slopes of their terms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from discover.expr import Expr, Program, compile_program, differentiate
from discover.inference.fields import Slopes, field_rows, field_slopes
from discover.problem import Array, Block, Grid, Problem, Stencil
from discover_kernels.gram import stencil_rows
from discover_kernels.whiten import bandwidth

MAX_ROWS = 20_000
CHUNK = 500
"""Rows of a stretch that are drawn together when the data are larger than MAX_ROWS."""


def row_function(problem: Problem, terms: Sequence[Expr]) -> Callable[[Block], Array]:
    """Return what computes the library's rows on a block, shape (n_terms, n_rows)."""
    if problem.space:
        return lambda block: field_rows(terms, block, lattice(block), problem.noise)
    program = compile_program(terms, problem.n_variables)
    return lambda block: library_rows(program, block, problem.formulation)


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


def library_rows(program: Program, block: Block, formulation: str) -> Array:
    """Return the library's rows on one trajectory, shape (n_terms, n_rows)."""
    stencil = stencil_of(block)
    if formulation == "strong":
        centres = np.searchsorted(block.time, stencil.time)
        return program.evaluate(np.ascontiguousarray(block.X_smooth[:, centres]))
    out = np.empty((len(program.roots), stencil.n_rows))
    stencil_rows(
        program.code,
        program.constants,
        len(block.X),
        program.n_rows,
        program.roots,
        block.X,
        stencil.start,
        stencil.shape,
        stencil.weights[0],
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
    """

    problem: Problem
    terms: tuple[Expr, ...]
    blocks: tuple[Block, ...]
    theta: tuple[Array, ...]
    band: tuple[int, ...]
    _slopes: dict[int, tuple[Array, ...]] = field(default_factory=dict, repr=False)
    _fields: dict[int, Slopes] = field(default_factory=dict, repr=False)

    @property
    def n_rows(self) -> int:
        return sum(block.n_rows for block in self.blocks)

    def slopes(self, support: Sequence[int]) -> list[tuple[Array, ...]]:
        """Return for each term its derivatives by every variable, a block at a time, (n_variables, n_samples).

        They are taken at the smoothed states, and kept: candidates share their terms.
        """
        missing = [p for p in support if p not in self._slopes]
        if missing:
            n = self.problem.n_variables
            program = compile_program([differentiate(self.terms[p], v) for p in missing for v in range(n)], n)
            values = [program.evaluate(block.X_smooth).reshape(len(missing), n, -1) for block in self.blocks]
            for i, p in enumerate(missing):
                self._slopes[p] = tuple(value[i] for value in values)
        return [self._slopes[p] for p in support]

    def field_slopes(self, b: int) -> Slopes:
        """Return the slopes on recording b of a field."""
        if b not in self._fields:
            self._fields[b] = field_slopes(self.blocks[b], lattice(self.blocks[b]), self.problem.noise)
        return self._fields[b]


def assemble(problem: Problem, terms: Sequence[Expr], max_rows: int = MAX_ROWS, seed: int = 0) -> Rows:
    """Return the library rows of a problem, on at most about `max_rows` rows."""
    rows = row_function(problem, terms)
    blocks = sample_rows(problem, max_rows, seed)
    return Rows(
        problem=problem,
        terms=tuple(terms),
        blocks=blocks,
        theta=tuple(rows(block) for block in blocks),
        band=tuple(_band(problem, block.stencil) for block in blocks),
    )


def _band(problem: Problem, stencil: Stencil | Grid) -> int:
    """Return how many earlier rows a row can share samples with; the rows of a field may all.

    The rows of a map are taken one by one: where its slopes exceed 1, whitening by what neighbours share
    multiplies the error of every slope (chi-square per row of the logistic map at 5 % noise: 2.4, not 1).
    """
    if problem.formulation == "discrete":
        return 0
    return stencil.n_rows if isinstance(stencil, Grid) else bandwidth(stencil.start, stencil.width)
