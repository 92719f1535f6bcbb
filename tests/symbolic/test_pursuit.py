"""Few of many columns: supports that greedy steps miss, groups, and ties."""

import numpy as np

from discover.symbolic.pursuit import pursue, regression


def test_a_pair_that_neither_column_announces_is_found():
    rng = np.random.default_rng(1)
    Z = rng.standard_normal((300, 80))
    Z[200] = -Z[100] + 0.1 * rng.standard_normal(80)
    y = Z[100] + Z[200] + 1e-3 * rng.standard_normal(80)
    assert pursue(regression(Z, y, np.arange(300), np.full(300, 10.0), 1e-9), 3)[0][1][-2:] == (100, 200)


def test_columns_of_one_group_do_not_stand_together():
    rng = np.random.default_rng(2)
    Z = rng.standard_normal((200, 60))
    group = np.arange(200) // 4
    for _, support in pursue(regression(Z, rng.standard_normal(60), group, np.full(200, 8.0), 1e-9), 4):
        assert len({int(group[p]) for p in support}) == len(support)


def test_of_equal_fits_the_cheaper_column_wins():
    rng = np.random.default_rng(3)
    Z = rng.standard_normal((50, 40))
    Z[30] = 2.0 * Z[10]
    cost = np.full(50, 10.0)
    cost[10] = 4.0
    assert pursue(regression(Z, 3.0 * Z[30], np.arange(50), cost, 1e-9), 2)[0][1] == (10,)
