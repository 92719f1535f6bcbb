"""Where there is no law, none is claimed; the best there is stays on the table all the same."""

import numpy as np
import pytest

import discover
from tests.recovery.nulls import NULLS, null_table


@pytest.mark.parametrize("seed", [21, 22])
@pytest.mark.parametrize("kind", NULLS)
def test_no_law_is_claimed(kind, seed):
    found = discover.dynamics(null_table(kind, seed), seed=seed)
    assert found.verdict.word == "none"
    assert found.verdict.reasons
    assert set(found.equations) == set(null_table(kind, seed)) - {"t"}
    assert all(found.front.of(target) for target in found.equations)


@pytest.mark.parametrize("kind", ["random_walk", "phase_randomised"])
@pytest.mark.parametrize("n_samples", [30, 100])
def test_few_samples_are_no_excuse(kind, n_samples):
    for seed in range(3):
        table = {name: values[:n_samples] for name, values in null_table(kind, 40 + seed).items()}
        assert discover.dynamics(table).verdict.word != "law"


def test_the_null_data_are_what_they_say():
    walk, shuffle, phases = (null_table(kind, 1) for kind in ("random_walk", "shuffled", "phase_randomised"))
    assert abs(np.corrcoef(np.diff(walk["x"])[1:], np.diff(walk["x"])[:-1])[0, 1]) < 0.1
    assert abs(np.corrcoef(shuffle["x"][1:], shuffle["x"][:-1])[0, 1]) < 0.1
    assert np.corrcoef(phases["x"][1:], phases["x"][:-1])[0, 1] > 0.9
    assert set(NULLS) == {"white_noise", "random_walk", "shuffled", "phase_randomised", "fixed_point"}
