from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.data.formulate import formulate
from discover.data.stencils import Strong, Weak
from discover.expr import Polynomial, Terms, compile_program
from discover.inference.rows import CHUNK, assemble, library_rows, row_slice, sample_rows
from discover.problem import Block
from discover.sparse import gram
from tests.problems import jittered, loaded, problem_of, waves
from tests.reference import stencil_matrix, values

LIBRARY = Polynomial(3) + Terms("sin(x)", "x/(3 + y**2)")


def wavy(time, form):
    X = waves(time, 2) + 0.02 * np.random.default_rng(0).standard_normal((2, len(time)))
    return formulate(loaded({"t": time, "x": X[0], "y": X[1]}), form)


PROBLEMS = {
    "weak": wavy(np.arange(260.0), Weak(half_width=12)),
    "weak, uneven": wavy(jittered(260), Weak(half_width=9)),
    "strong": wavy(np.arange(130.0), Strong(half_width=4)),
    "strong, uneven": wavy(jittered(130), Strong(half_width=6)),
    "weak, three trajectories": problem_of("lotka-volterra", n_trajectories=3, n_samples=120),
}
NAMES = st.sampled_from(sorted(PROBLEMS))


def rows_of(problem, block):
    terms = LIBRARY.build(["x", "y"])
    return library_rows(compile_program(terms, 2), block, problem.formulation)


@pytest.mark.parametrize("name", PROBLEMS)
def test_rows_are_functionals_of_the_library_on_the_samples(name):
    problem, terms = PROBLEMS[name], LIBRARY.build(["x", "y"])
    for block in problem:
        stencil = block.stencil
        if problem.formulation == "weak":
            M = stencil_matrix(stencil.start, stencil.shape, stencil.weights[0], block.n_samples)
            expected = np.array([values(term, block.X) for term in terms]) @ M.T
        else:
            centre = [block.time.tolist().index(t) for t in stencil.time]
            expected = np.array([values(term, block.X_smooth[:, centre]) for term in terms])
        assert np.allclose(rows_of(problem, block), expected, rtol=1e-10, atol=1e-12)


def pieces(block, cuts):
    """Return the block's rows cut at these shares of their number."""
    edges = sorted({0, block.n_rows, *(int(cut * block.n_rows) for cut in cuts)})
    return [row_slice(block, first, last) for first, last in pairwise(edges)]


def assert_same(one: Block, many: list[Block], problem):
    """The pieces hold the same rows as the block, in order."""
    assert np.array_equal(np.concatenate([part.Y for part in many], axis=1), one.Y)
    assert np.array_equal(np.concatenate([part.fold for part in many]), one.fold)
    assert np.array_equal(np.concatenate([part.stencil.time for part in many]), one.stencil.time)
    cut = np.concatenate([rows_of(problem, part) for part in many], axis=1)
    assert np.allclose(cut, rows_of(problem, one), rtol=1e-12, atol=1e-13)


@given(NAMES, st.lists(st.floats(0, 1), max_size=4))
def test_slices_hold_the_same_rows_and_no_more_samples_than_they_see(name, cuts):
    problem = PROBLEMS[name]
    for block in problem:
        parts = pieces(block, cuts)
        assert_same(block, parts, problem)
        for part in parts:
            assert part.X.shape == part.X_smooth.shape == (2, len(part.time))
            assert part.stencil.start[0] == 0
            assert part.stencil.start[-1] + part.stencil.width == part.n_samples


@given(NAMES, st.lists(st.floats(0, 1), max_size=4))
def test_the_gram_does_not_depend_on_how_rows_are_cut_into_blocks(name, cuts):
    problem, terms = PROBLEMS[name], LIBRARY.build(["x", "y"])
    blocks = tuple(part for block in problem for part in pieces(block, cuts))
    whole, cut = gram(problem, terms), gram(replace(problem, blocks=blocks), terms)
    size = np.sqrt(np.diag(whole.sum(axis=0)))
    assert whole.shape == cut.shape
    assert np.all(np.abs(whole - cut) <= 1e-12 * size * size[:, None])


@pytest.mark.parametrize("name", PROBLEMS)
def test_small_data_take_part_as_they_are(name):
    assert sample_rows(PROBLEMS[name], 10_000, seed=3) == PROBLEMS[name].blocks


@pytest.fixture(scope="module")
def large():
    """Some 4000 rows in three trajectories."""
    return problem_of("van der pol", n_trajectories=3, n_samples=4000, form=Weak(half_width=10))


@pytest.mark.parametrize("max_rows", [40, CHUNK - 1, CHUNK, 1200, 3000])
def test_large_data_are_drawn_in_stretches_up_to_the_limit(large, max_rows):
    drawn = sample_rows(large, max_rows, seed=1)
    n_rows = sum(block.n_rows for block in drawn)
    assert max_rows - CHUNK < n_rows <= max_rows
    assert n_rows > 0
    places = [(block.trajectory, t) for block in drawn for t in block.stencil.time.tolist()]
    known = [(block.trajectory, t) for block in large for t in block.stencil.time.tolist()]
    assert places == [place for place in known if place in set(places)]


def test_what_is_drawn_depends_on_the_seed_alone(large):
    def places(seed):
        return [(block.trajectory, block.time[0], block.n_rows) for block in sample_rows(large, 2000, seed)]

    assert places(5) == places(5)
    assert len({tuple(places(seed)) for seed in range(6)}) > 3


def test_the_assembled_rows(large):
    rows = assemble(large, Polynomial(2).build(large.names), max_rows=1500, seed=2)
    assert rows.n_rows == sum(theta.shape[1] for theta in rows.theta) <= 1500
    assert all(theta.shape == (6, block.n_rows) for theta, block in zip(rows.theta, rows.blocks, strict=True))
    assert set(rows.band) == {20 // 2}  # windows of 21 samples, a row every second


@pytest.mark.parametrize("name", ["weak", "strong, uneven"])
def test_slopes_are_derivatives_at_the_smoothed_states(name):
    problem = PROBLEMS[name]
    terms = LIBRARY.build(["x", "y"])
    rows = assemble(problem, terms)
    X, h = problem.blocks[0].X_smooth, 1e-5
    for p, slopes in zip([7, 0, 11], rows.slopes([7, 0, 11]), strict=True):
        for variable in range(2):
            step = h * np.eye(2)[:, [variable]]
            expected = (values(terms[p], X + step) - values(terms[p], X - step)) / (2 * h)
            assert np.allclose(slopes[0][0][variable], expected, atol=1e-7)
    assert rows.slopes([11])[0] is rows.slopes([3, 11])[1]
    assert rows.slopes([]) == []


def test_slopes_have_the_same_bits_in_any_order() -> None:
    """Threads ask for them as they come, and parts that terms share would be computed in another way."""
    problem = PROBLEMS["weak"]
    terms = Polynomial(4).build(["x", "y"])
    at_once = assemble(problem, terms)
    at_once.slopes(range(len(terms)))
    for p in reversed(range(len(terms))):
        (alone,), (together,) = assemble(problem, terms).slopes([p]), at_once.slopes([p])
        for a, b in zip(alone, together, strict=True):
            assert a.keys() == b.keys()
            assert all(np.array_equal(a[k], b[k]) for k in a)
