"""A search by the clock says how it can be had again, and threads do not change it."""

import re

import numpy as np
import pytest

import discover
from discover import Symbolic


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(2)
    x, z = rng.uniform(1.0, 2.0, (2, 90))
    return {"x": x, "z": z, "y": np.floor(7.0 * x) % 3 + np.floor(5.0 * z) % 2}


def rows(found):
    return [(c.terms, c.coefficients, c.score) for c in found.front.candidates]


def test_what_a_time_cut_short_is_had_again_by_its_number_of_forms(table):
    cut = discover.law(table, "y", budget="1.5s", n_jobs=1)
    note = next(note for note in cut.law.provenance.notes if "max_evals=" in note)
    most = int(re.findall(r"max_evals=(\d+)", note)[0])
    assert rows(discover.law(table, "y", budget=None, max_evals=most, n_jobs=1)) == rows(cut)


def test_any_number_of_threads_gives_the_same_bits(table):
    stages = set()
    one = discover.law(
        table, "y", budget=None, max_evals=1400, n_jobs=1, observe=lambda step, share: stages.add(str(step))
    )
    assert "islands" in stages
    assert rows(discover.law(table, "y", budget=None, max_evals=1400, n_jobs=2)) == rows(one)
    assert rows(discover.law(table, "y", engine=Symbolic(n_jobs=3), budget=None, max_evals=1400)) == rows(one)


def test_threads_are_a_whole_number(table):
    with pytest.raises(discover.InputError, match="n_jobs must be a whole number from 1 on, got 0"):
        discover.law(table, "y", n_jobs=0)
