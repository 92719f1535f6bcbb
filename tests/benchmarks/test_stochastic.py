"""The suite of maps and stochastic equations: its records are those of the truth, and its tables count."""

import numpy as np

from benchmarks.campaign import Campaign
from benchmarks.plan import Plan
from benchmarks.stochastic import MAPS, SDES, find, record_of, run, steps


def named(systems, name):
    return next(known for known in systems if known.name == name)


def test_a_record_of_a_map_obeys_it():
    known = named(MAPS, "driven, second order")
    columns = record_of(known, 0.0, 3)
    x, y, u = (columns[name] for name in known.names)
    np.testing.assert_allclose(x[1:], 1.5 * x[:-1] - 0.7 * y[:-1] + 0.5 * u[:-1])
    np.testing.assert_allclose(y[1:], x[:-1])


def test_paths_are_separate_records():
    columns = record_of(named(SDES, "Ornstein-Uhlenbeck, 40 paths"), 0.0, 3)
    assert len(columns["x"]) == 40 * 101
    assert len(set(columns["path"])) == 40


def test_an_answer_is_compared_with_the_truth():
    record = find(named(MAPS, "logistic, process noise"), 0.0, 1)
    assert record["exact"]
    assert [term["true"] for term in record["terms"]] == [3.5, -3.5]


def test_the_tables_of_one_case():
    tables = run(Plan(seed=5, n_seeds=1, only="logistic | 0.01"), Campaign())
    assert tables[0].rows[0][:4] == ("logistic", "1 %", "1/1", "1/1")


def test_eulers_rule_is_off_at_coarse_steps():
    rows = {row[0]: row for row in steps(range(3), (0.4,), 400.0).rows}
    assert float(rows["0.4"][1].split()[0]) < 0.75
    assert 0.8 < float(rows["0.4"][4].split()[0]) < 1.25
