"""Columns that no law can be fitted to, each with its sentence."""

import numpy as np
import pytest

import discover
from discover.errors import DataError

T = np.arange(6.0)
GOOD = {"t": T, "x": T**2}


@pytest.mark.parametrize(
    ("change", "options", "sentence"),
    [
        (
            {"y": np.full(6, 3.0)},
            {},
            'the state "y" is 3 in every row, so nothing can be learnt from it; leave "y" out',
        ),
        ({"y": np.full(6, 3.0)}, {}, 'with columns=["x"].'),
        ({"y": [2, np.nan, 2, 2, 2, 2]}, {}, 'the state "y" is 2 in every row'),
        ({"u": np.zeros(6)}, {"inputs": "u"}, 'the input "u" is 0 in every row'),
        ({"u": np.zeros(6)}, {"inputs": "u"}, "take it out of inputs=, and choose the states with columns=."),
        ({"x": np.full(6, 3.0)}, {}, "measure something that changes."),
        ({"y": np.full(6, np.nan)}, {}, 'column "y" has no value in any row; leave "y" out with columns=["x"].'),
        ({"y": [""] * 6}, {}, 'column "y" has no value in any row'),
        ({"y": [1, 2, np.inf, 3, 4, 5]}, {}, 'row 2 (counted from 0): column "y" holds an infinite value'),
        ({"y": [1, 2, 3, -np.inf, 4, 5]}, {}, 'row 3 (counted from 0): column "y" holds an infinite value'),
    ],
)
def test_a_column_no_law_can_be_fitted_to(change: dict, options: dict, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load({**GOOD, **change}, **options)
    assert sentence in str(error.value)
    assert str(error.value).startswith("dict of arrays")


@pytest.mark.parametrize("n_rows", [1, 4])
def test_too_few_rows(n_rows: int) -> None:
    with pytest.raises(DataError, match=rf"holds {n_rows} rows? of data; at least 5 are needed\."):
        discover.load({name: values[:n_rows] for name, values in GOOD.items()})


def test_five_rows_are_enough_in_all() -> None:
    data = discover.load({"t": [0, 1, 2, 0, 1], "x": [1, 2, 4, 1, 3], "run": [1, 1, 1, 2, 2]}, group="run")
    assert data.sizes["sample"] == 5


def test_a_constant_within_each_trajectory_may_differ_between_them() -> None:
    data = discover.load(
        {"t": [0, 1, 2, 0, 1, 2], "x": T, "mass": [1, 1, 1, 2, 2, 2], "run": list("aaabbb")}, group="run", inputs="mass"
    )
    assert data["mass"].role == "input"
