from itertools import product

import numpy as np
import pytest

from discover_kernels import enumeration, opcodes
from tests import reference

N = 40
RNG = np.random.default_rng(3)
PROJECTIONS = RNG.uniform(-1.0, 1.0, (2, N))


def key(v):
    return enumeration.key(np.ascontiguousarray(v), N, *PROJECTIONS)


def centred(v):
    return enumeration.centred_key(np.ascontiguousarray(v), N, *PROJECTIONS, np.empty(N))


def test_a_key_does_not_change_with_a_factor_and_a_centred_one_not_with_an_offset():
    v = RNG.uniform(1.0, 2.0, N)
    assert key(v) == key(-3.7 * v) == key(1e6 * v) != 0
    assert key(v) != key(v + 1.0)
    assert centred(v) == centred(2.0 - 0.3 * v) != 0


def test_different_features_have_different_keys():
    V = RNG.standard_normal((20_000, N))
    assert len({key(v) for v in V}) == len(V)


@pytest.mark.parametrize("bad", [np.full(N, np.nan), np.full(N, np.inf), np.zeros(N), np.full(N, 1e300)])
def test_what_is_not_finite_or_out_of_range_has_no_key(bad):
    assert key(bad) == 0


def test_a_constant_has_no_centred_key():
    assert centred(np.full(N, 3.0)) == 0


def test_the_table_keeps_what_came_first():
    keys, rows = np.zeros(64, np.int64), np.zeros(64, np.int32)
    hashes = RNG.integers(1, 2**62, 40)
    for row, h in enumerate(hashes):
        assert enumeration.put(keys, rows, 63, h, row)
    assert not enumeration.put(keys, rows, 63, hashes[7], 99)
    assert [enumeration.found(keys, rows, 63, h) for h in hashes] == list(range(40))
    assert enumeration.found(keys, rows, 63, 5) == -1


@pytest.mark.parametrize(
    ("op", "name"),
    [
        (opcodes.SQRT, "sqrt"),
        (opcodes.EXP, "exp"),
        (opcodes.LOG, "log"),
        (opcodes.SIN, "sin"),
        (opcodes.COS, "cos"),
        (opcodes.TANH, "tanh"),
        (opcodes.SQUARE, "square"),
        (opcodes.CUBE, "cube"),
        (opcodes.INV, "inv"),
        (opcodes.ABS, "abs"),
    ],
)
def test_functions_of_one_feature_are_those_of_the_reference(op, name):
    x, v = RNG.uniform(0.1, 3.0, N), np.empty(N)
    assert enumeration.one(op, x, v, N)
    np.testing.assert_allclose(v, [reference.scalar(name, float(one)) for one in x], rtol=1e-13)


@pytest.mark.parametrize(
    ("op", "low"), [(opcodes.SQRT, -1.0), (opcodes.LOG, 0.0), (opcodes.EXP, 50.0), (opcodes.SIN, 1e7)]
)
def test_nothing_is_protected(op, low):
    x = np.linspace(low, low + 1.0, N)
    assert not enumeration.one(op, x, np.empty(N), N)


def test_pairs_are_those_of_least_squares():
    F = RNG.standard_normal((30, N))
    F /= np.linalg.norm(F, axis=1, keepdims=True)
    t = RNG.standard_normal(N)
    t /= np.linalg.norm(t)
    F32 = F.astype(np.float32)
    C = (F @ t).astype(np.float32)[None]
    score, partner = np.ones(C.shape, np.float32), np.full(C.shape, -1, np.int64)
    enumeration.best_partners(F32 @ F32.T, C, 0, np.ones(30, np.float32), score, partner)
    for i in range(1, 30):
        rest = [np.sum((t - np.linalg.lstsq(F[[i, j]].T, t, rcond=None)[0] @ F[[i, j]]) ** 2) for j in range(i)]
        assert partner[0, i] == int(np.argmin(rest))
        assert score[0, i] == pytest.approx(min(rest), abs=1e-5)


def test_meeting_in_the_middle_finds_what_was_hidden():
    V = RNG.uniform(1.0, 2.0, (50, N))
    targets = {
        opcodes.MUL: V[3] * (2.0 + 0.5 * V[7]),
        opcodes.DIV: (2.0 + 0.5 * V[7]) / V[3],
        opcodes.ADD: V[3] + (2.0 + 0.5 * V[7]),
        opcodes.SUB: V[3] * 0 + (2.0 + 0.5 * V[7]) - V[3],
    }
    keys, rows = np.zeros(128, np.int64), np.zeros(128, np.int32)
    enumeration.centred_table(V, 50, keys, rows, *PROJECTIONS)
    for op, target in targets.items():
        out = np.zeros((100, 4), np.int32)
        n = enumeration.meet(target[None], V, 50, keys, rows, *PROJECTIONS, out)
        assert [0, 3, op, 7] in out[:n].tolist()
        assert enumeration.meet(RNG.standard_normal((1, N)), V, 50, keys, rows, *PROJECTIONS, out) == 0


def test_dimensions_follow_the_rules():
    dims = np.array([[12, 0], [0, 12], [12, 0], [0, 0], [1, 0]], np.int16)  # metres, seconds, metres, number, odd
    out = np.zeros(2, np.int16)
    allowed = {
        (op, a, b): enumeration.bound(op, a, b, dims, out)
        for op, (a, b) in product((opcodes.ADD, opcodes.MUL), ((0, 1), (0, 2)))
    }
    assert allowed == {
        (opcodes.ADD, 0, 1): False,
        (opcodes.ADD, 0, 2): True,
        (opcodes.MUL, 0, 1): True,
        (opcodes.MUL, 0, 2): True,
    }
    assert enumeration.bound(opcodes.SQRT, 0, -1, dims, out)
    assert out.tolist() == [6, 0]
    assert not enumeration.bound(opcodes.SQRT, 4, -1, dims, out)
    assert not enumeration.bound(opcodes.SIN, 0, -1, dims, out)
    assert enumeration.bound(opcodes.SIN, 3, -1, dims, out)
    assert not enumeration.bound(enumeration.ONE_PLUS, 1, -1, dims, out)
