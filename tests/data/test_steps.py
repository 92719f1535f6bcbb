"""Sequences become the rows of a map: each sample beside the next."""

import numpy as np
import pytest

import discover
from discover.data.formulate import formulate
from tests.noisy import logistic, map_data


def test_each_row_holds_a_sample_and_the_next_one():
    x = logistic(60)
    problem = formulate(map_data(x), discover.Map())
    assert problem.formulation == "discrete"
    np.testing.assert_array_equal(problem.blocks[0].Y[0], x[1:])
    np.testing.assert_array_equal(problem.blocks[0].X[0], x)
    assert problem.n_rows == 59


def test_a_missing_value_splits_the_sequence():
    n = np.delete(np.arange(60), [20, 41])
    problem = formulate(discover.load({"n": n, "x": logistic(60)[n]}, time="n"), discover.Map())
    assert [block.n_rows for block in problem] == [19, 19, 17]
    assert any("split at 2 gaps" in note for note in problem.notes)


def test_a_sequence_too_short_is_told_with_what_it_needs():
    with pytest.raises(discover.DataError, match=r"hold 4 pairs of one sample and the next.*at least 6"):
        formulate(map_data(logistic(5)), discover.Map())


def test_a_map_has_no_order():
    with pytest.raises(discover.SettingError, match="explains the next value of each state"):
        formulate(map_data(logistic(50)), discover.Map(), 2)
