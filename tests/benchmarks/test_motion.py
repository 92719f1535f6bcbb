import numpy as np
import pytest

from benchmarks.campaign import Campaign
from benchmarks.motion import MOVERS, recorded, run
from benchmarks.plan import Plan


@pytest.mark.parametrize("one", [MOVERS[2], MOVERS[5], MOVERS[6]], ids=lambda one: one.name)
def test_a_system_can_be_recorded(one):
    clean, noisy = recorded(one, 0.0, 1), recorded(one, 0.05, 1)
    assert set(clean) == {"t", *one.law}
    for name in one.law:
        assert np.isfinite(clean[name]).all()
        spread = np.std(noisy[name] - clean[name]) / np.sqrt(np.mean(clean[name] ** 2))
        assert spread == pytest.approx(0.05, rel=0.15)


def test_the_table_counts_what_was_run():
    tables = run(Plan(seed=1, n_seeds=1, only="quadratic drag | noise 0.01"), Campaign())
    assert [row[0] for row in tables[0].rows] == ["quadratic drag", "all"]
    assert tables[0].rows[0][2] == "1/1"
