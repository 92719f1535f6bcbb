from itertools import product

import numpy as np
import pytest

from discover.expr import compile_program, evaluate, variable
from discover.symbolic.features import ALL, ARITHMETIC, EXPONENTIAL, TRIGONOMETRIC, bank
from discover.symbolic.screening import values_of
from discover_kernels import opcodes

X = np.random.default_rng(1).uniform(1.0, 3.0, (2, 30))
COLUMNS = [variable(0), variable(1)]


@pytest.mark.parametrize("operators", [ARITHMETIC, TRIGONOMETRIC, EXPONENTIAL, ALL])
def test_values_are_those_of_the_expressions(operators):
    found = bank(COLUMNS, X, operators, 3000, 5)
    for i in range(0, len(found), 37):
        np.testing.assert_allclose(
            found.values[i], evaluate(found.expr(i), X), rtol=1e-9, atol=1e-12, err_msg=str(found.expr(i))
        )


def test_no_two_are_multiples_of_each_other():
    found = bank(COLUMNS, X, ARITHMETIC, 2000, 5)
    V = found.values / np.linalg.norm(found.values, axis=1, keepdims=True)
    G = np.abs(V @ V.T) - np.eye(len(V))
    assert G.max() < 1.0 - 1e-13


def test_everything_up_to_the_complete_level_is_there():
    found = bank(COLUMNS, X, ARITHMETIC, 5000, 5)
    assert found.complete >= 3
    V = found.values / np.linalg.norm(found.values, axis=1, keepdims=True)
    for a, b in product(range(2), repeat=2):
        for v in (X[a] + X[b], X[a] - X[b], X[a] * X[b], X[a] / X[b]):
            if np.ptp(v) > 1e-6:
                assert np.abs(V @ v).max() > (1.0 - 1e-12) * np.linalg.norm(v)


def test_levels_are_in_order_and_the_cap_is_kept():
    found = bank(COLUMNS, X, ALL, 500, 9)
    assert len(found) == 500
    assert (np.diff(found.complexity) >= 0).all()
    assert found.complexity[-1] == found.complete + 1


def test_the_same_seed_gives_the_same_bank():
    one, other = bank(COLUMNS, X, ALL, 800, 6, seed=4), bank(COLUMNS, X, ALL, 800, 6, seed=4)
    assert (one.op == other.op).all()
    assert (one.left == other.left).all()


def test_units_keep_what_is_dimensionally_wrong_out():
    metres, seconds = [12, 0], [0, 12]
    found = bank(COLUMNS, X, ALL, 2000, 4, np.array([metres, seconds], np.int16))
    made = {(int(found.op[i]), int(found.left[i]), int(found.right[i])) for i in range(len(found))}
    assert not {(opcodes.ADD, 1, 0), (opcodes.SUB, 1, 0), (opcodes.SIN, 0, -1), (opcodes.EXP, 1, -1)} & made
    assert (opcodes.DIV, 1, 0) in made


def test_a_constant_column_is_left_out():
    found = bank([variable(0), variable(1)], np.array([np.zeros(30), X[0]]), ARITHMETIC, 100, 3)
    assert found.columns[found.left[0]] == variable(1)


def test_features_of_masses_and_distances_are_what_they_say():
    far = X * np.array([[2e30], [3e-11]])
    found = bank(COLUMNS, far, ALL, 3000, 5, scaled=True)
    assert len(found) == 3000
    for i in range(0, 3000, 7):
        values = compile_program([found.expr(i)], 2).evaluate(far)[0]
        assert values * found.factor(i) == pytest.approx(found.values[i], rel=1e-6), found.expr(i)
        assert values_of(found, i, far) == pytest.approx(values, rel=1e-6)


def test_columns_of_about_one_size_may_be_added():
    far = X * 2e30
    found = bank(COLUMNS, far, ARITHMETIC, 100, 4, scaled=True)
    assert variable(1) + variable(0) in [found.expr(i) for i in range(len(found))]


def test_columns_near_one_are_taken_as_they_are():
    assert (bank(COLUMNS, X, ARITHMETIC, 100, 3, scaled=True).scales == 1.0).all()


def test_features_that_a_double_cannot_hold_have_no_values():
    far = X * np.array([[2e90], [3e-60]])
    found = bank(COLUMNS, far, ARITHMETIC, 3000, 6, scaled=True)
    lost = [i for i in range(len(found)) if np.isnan(found.factor(i))]
    assert lost
    assert all(np.isnan(values_of(found, i, far)).all() for i in lost)
