"""Records become the increments of a stochastic equation."""

import numpy as np
import pytest

import discover
from discover.data.formulate import formulate
from tests.noisy import path, path_data


def test_increments_are_over_their_own_steps():
    x = path(n=400)[0]
    keep = np.sort(np.random.default_rng(0).choice(400, 300, replace=False))
    problem = formulate(discover.load({"t": 0.05 * keep, "x": x[keep]}, time="t"), discover.Stochastic())
    block = problem.blocks[0]
    np.testing.assert_allclose(block.Y[0] * np.diff(block.time), np.diff(block.X[0]))
    stencil = block.stencil
    rows = stencil.weights[1, stencil.shape]
    np.testing.assert_allclose(rows[:, 0] * block.X[0, :-1] + rows[:, 1] * block.X[0, 1:], block.Y[0])


def test_too_few_increments_are_told():
    with pytest.raises(discover.DataError, match=r"hold 39 increments.*at least 50"):
        formulate(path_data(path(n=400)[:, :40]), discover.Stochastic())


def test_a_state_that_never_moves_within_its_paths_is_told():
    columns = {"t": np.tile(np.arange(40.0), 2), "run": np.repeat([0, 1], 40), "x": np.repeat([1.0, 2.0], 40)}
    with pytest.raises(discover.DataError, match='"x" never changes'):
        formulate(discover.load(columns, time="t", group="run"), discover.Stochastic())


def test_an_order_and_a_library_that_is_none_are_refused():
    with pytest.raises(discover.SettingError, match="leave order=2 out"):
        formulate(path_data(path(n=400)), discover.Stochastic(), 2)
    with pytest.raises(discover.SettingError, match=r"takes a library such as Polynomial\(2\), got 3"):
        discover.Stochastic(diffusion=3)
