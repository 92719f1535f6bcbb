import numpy as np
import pytest

from discover.expr import Interval, evaluate, parse, zero_in

BOX = [Interval(-1.0, 2.0), Interval(0.5, 3.0)]


@pytest.mark.parametrize("text", ["1 + x**2", "x + y**2 + 3", "x**2 + x*y + y**2", "exp(x) - 0.1"])
def test_no_zero_is_proved(text):
    assert zero_in(parse(text, ["x", "y"]), BOX).found == "no"


@pytest.mark.parametrize("text", ["x", "x*y - 1", "1 - 0.4*y", "x - y"])
def test_a_change_of_sign_is_found_and_placed(text):
    expr = parse(text, ["x", "y"])
    zero = zero_in(expr, BOX)
    assert zero.found == "yes"
    assert abs(evaluate(expr, np.array(zero.point)[:, None])[0]) < 1e-9
    assert all(side.low <= value <= side.high for side, value in zip(BOX, zero.point, strict=True))


def test_what_all_but_touches_zero_stays_open():
    assert zero_in(parse("x**2 - 2*x*y + y**2 + 1e-9", ["x", "y"]), BOX).found == "open"
