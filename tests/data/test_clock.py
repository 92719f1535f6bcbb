import numpy as np
import pytest

from discover.data.clock import with_clock
from discover.data.formulate import formulate
from discover.data.stencils import Strong, Weak
from discover.expr import Polynomial, Terms
from discover.inference.rows import assemble
from tests.problems import jittered, loaded, waves


def problem_at(time, form=None, order=1):
    return formulate(loaded({"t": time, "x": waves(time)[0]}), form, order)


@pytest.mark.parametrize("library", [None, Polynomial(3), Terms("x", "sin(x)")])
def test_it_is_left_out_where_no_term_asks_for_it(library):
    problem = problem_at(np.arange(120.0))
    assert with_clock(problem, library) is problem


@pytest.mark.parametrize(
    "library", [Terms("cos(0.3*t)"), Polynomial(2) * Terms("1", "t"), Polynomial(1) + Terms("t**2*x")]
)
def test_it_is_an_exact_input_where_one_does(library):
    problem = with_clock(problem_at(jittered(120), order=2), library)
    assert problem.names == ("x", "t")
    assert (problem.clock, problem.n_states, problem.measured) == (1, 1, ("x",))
    assert problem.noise[1] == 0.0
    (block,) = problem.blocks
    assert np.array_equal(block.X[1], block.time)
    assert np.array_equal(block.X_smooth[1], block.time)
    assert np.array_equal(block.X_dot[:, 1], np.array([np.ones(120), np.zeros(120)]))


@pytest.mark.parametrize("form", [Weak(half_width=12), Strong(half_width=4)])
def test_rows_of_terms_with_the_time_balance(form):
    """x = cos(t/9)·t has x' = cos(t/9) - sin(t/9)·t/9."""
    time = np.arange(0.0, 150.0)
    problem = formulate(loaded({"t": time, "x": np.cos(time / 9) * time}), form)
    library = Terms("cos(t/9)", "t*sin(t/9)")
    problem = with_clock(problem, library)
    rows = assemble(problem, library.over(("x",), ("t",), ("t",)))
    left = rows.blocks[0].Y[0]
    assert np.abs(rows.theta[0][0] - rows.theta[0][1] / 9 - left).max() < 2e-3 * np.abs(left).max()
