import math
import sys

import pytest

from discover.expr import Interval
from discover.expr.intervals import (
    EMPTY,
    REAL,
    add,
    divide,
    integer_power,
    invert,
    monotone,
    multiply,
    real_power,
    subtract,
)

INF = math.inf


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (add(Interval(-INF, 1), Interval(INF, INF)), REAL),
        (subtract(Interval(0, 1), Interval(0, 1)), Interval(-1, 1)),
        (multiply(Interval(0, 0), REAL), Interval(0, 0)),
        (multiply(Interval(-2, 3), Interval(-5, 7)), Interval(-15, 21)),
        (invert(Interval(-1, 1)), REAL),
        (invert(Interval(0, 2)), Interval(0.5, INF)),
        (invert(Interval(-2, 0)), Interval(-INF, -0.5)),
        (divide(Interval(1, 2), Interval(-1, 1)), REAL),
        (invert(Interval(5e-324, 5e-324)), Interval(sys.float_info.max, INF)),
        (divide(Interval(0, 0), Interval(1, INF)), Interval(0, 0)),
        (integer_power(Interval(-2, 1), 4), Interval(0, 16)),
        (integer_power(Interval(-2, 1), -3), REAL),
        (integer_power(Interval(-2, -1), -2), Interval(0.25, 1)),
        (real_power(Interval(4, 9), Interval(-0.5, 0.5)), Interval(1 / 3, 3)),
        (real_power(Interval(-1, 4), Interval(0.5, 0.5)), Interval(0, 2)),
        (real_power(Interval(-2, 1), Interval(2, 3)), Interval(-8, 8)),
        (monotone(math.sqrt, 0.0)(Interval(-1, 4)), Interval(0, 2)),
    ],
)
def test_rules(found, expected):
    assert found == pytest.approx(expected)


def test_what_has_no_value_is_empty():
    assert invert(Interval(0, 0)).is_empty
    assert divide(Interval(1, 1), Interval(0, 0)).is_empty
    assert real_power(Interval(-2, -1), Interval(0.5, 0.5)).is_empty
    assert monotone(math.sqrt, 0.0)(Interval(-2, -1)).is_empty
    assert EMPTY.is_empty
