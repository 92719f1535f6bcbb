import math

import numpy as np
import pytest

from discover.expr import OPERATORS
from discover_kernels import opcodes, tape
from tests.reference import scalar

POINTWISE = [row for row in OPERATORS if row.is_pointwise]
BINARY = {opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW}
NASTY = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    3.0,
    700.0,
    -700.0,
    750.0,
    -750.0,
    1e5,
    1e6,
    -1e9,
    1e22,
    1e200,
    -1e308,
    5e-324,
]


def run(opcode, a, b=None, n=None):
    """Return one instruction's result for operands a and b or integer argument n."""
    columns = [np.asarray(a, dtype=float), np.asarray(a if b is None else b, dtype=float)]
    buffer = np.vstack([*columns, np.full_like(columns[0], 7.0)])
    code = np.array([[opcode, 2, 0, 1 if n is None else n]], dtype=np.int32)
    tape.run_block(code, buffer, buffer.shape[1])
    return buffer[2]


@pytest.mark.parametrize("row", POINTWISE, ids=lambda row: row.name)
@pytest.mark.parametrize("wrong", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("n_columns", [1, 37])
def test_what_is_not_finite_stays_so(row, wrong, n_columns):
    wrongs = [wrong] * n_columns
    if row.opcode in BINARY:
        for other in (0.0, 1.0, -1.0, 2.0):
            others = [other] * n_columns
            assert not np.isfinite(run(row.opcode, wrongs, others)).any()
            assert not np.isfinite(run(row.opcode, others, wrongs)).any()
    else:
        arguments = (-3, -1, 0, 1, 4) if row.has_argument else (None,)
        for n in arguments:
            assert not np.isfinite(run(row.opcode, wrongs, n=n)).any()


@pytest.mark.parametrize("row", [row for row in POINTWISE if row.opcode not in BINARY], ids=lambda row: row.name)
def test_it_equals_the_twin_at_the_edges(row):
    arguments = (-3, -1, 0, 1, 4, 9) if row.has_argument else (None,)
    for n in arguments:
        expected = [scalar(row.name, a, *(() if n is None else (n,))) for a in NASTY]
        found = run(row.opcode, NASTY, n=n)
        np.testing.assert_allclose(np.where(np.isfinite(found), found, np.nan), expected, rtol=1e-13, atol=1e-305)


@pytest.mark.parametrize("row", [row for row in POINTWISE if row.opcode in BINARY], ids=lambda row: row.name)
def test_it_equals_the_twin_for_every_pair_of_edges(row):
    left, right = (grid.ravel() for grid in np.meshgrid(NASTY, NASTY))
    expected = [scalar(row.name, a, b) for a, b in zip(left, right, strict=True)]
    found = run(row.opcode, left, right)
    np.testing.assert_allclose(np.where(np.isfinite(found), found, np.nan), expected, rtol=1e-13, atol=1e-305)


def test_far_arguments_of_a_sine_do_not_spoil_near_ones():
    near = np.linspace(-4, 4, 100)
    mixed = np.append(near, [1e5 + 1, 1e300])
    for opcode, function in ((opcodes.SIN, np.sin), (opcodes.COS, np.cos)):
        np.testing.assert_allclose(run(opcode, mixed), function(mixed), rtol=1e-13, atol=1e-15)


def test_an_opcode_without_a_branch_gives_no_number():
    assert np.isnan(run(99, [1.0, 2.0])).all()
    assert np.isnan(run(opcodes.D, [1.0, 2.0])).all()


def test_only_the_columns_that_count_are_touched():
    buffer = np.arange(12.0).reshape(3, 4)
    tape.run_block(np.array([[opcodes.ADD, 2, 0, 1]], dtype=np.int32), buffer, 2)
    assert buffer[2].tolist() == [4.0, 6.0, 10.0, 11.0]


@pytest.mark.parametrize("n_samples", [0, 1, tape.WIDTH - 1, tape.WIDTH, tape.WIDTH + 1, 3 * tape.WIDTH + 5])
def test_blocks_do_not_change_the_answer(n_samples):
    code = np.array([[opcodes.MUL, 3, 0, 2], [opcodes.EXP, 4, 3, 0], [opcodes.ADD, 3, 4, 1]], dtype=np.int32)
    X = np.random.default_rng(0).normal(size=(2, n_samples))
    out = np.full((2, n_samples), np.nan)
    tape.evaluate(code, np.array([0.5]), 2, 5, np.array([3, 2], dtype=np.int32), X, out)
    np.testing.assert_allclose(out, [np.exp(0.5 * X[0]) + X[1], np.full(n_samples, 0.5)], rtol=1e-14)
