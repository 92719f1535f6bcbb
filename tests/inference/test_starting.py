import numpy as np
import pytest

from discover.expr import parse
from discover.inference.criteria import Squares
from discover.inference.forms import Form
from discover.inference.starting import linear_constants, started

RNG = np.random.default_rng(0)


def best(text, constants, x, y):
    form = Form(parse(text, ["x", *constants]), 1, (1.0,) * len(constants))
    criterion = Squares(x, y, np.ones(len(y)))
    return started(form, x, y, np.ones(len(y)), criterion)[0].start


@pytest.mark.parametrize(
    ("text", "constants", "truth", "x"),
    [
        ("a*exp(-b/x)", "ab", (4e7, 6000.0), np.linspace(280.0, 340.0, 60)),
        ("a/(1 + ((x - c)/d)**2) + e", "acde", (3.0, 656.28, 0.4, 1.0), np.linspace(650.0, 662.0, 120)),
        ("a*x/(b + x)", "ab", (2.0, 30.0), np.linspace(1.0, 200.0, 40)),
        ("a*sin(b*x + c)", "abc", (2.0, 3.0, 0.5), np.linspace(0.0, 6.0, 100)),
        ("a*x**b", "ab", (1e-8, 3.5), np.geomspace(10.0, 1e4, 50)),
    ],
)
def test_constants_of_many_sizes_are_found(text, constants, truth, x):
    form = Form(parse(text, ["x", *constants]), 1, truth)
    from discover.inference.forms import values

    y = values(form, x[None])
    found = best(text, constants, x[None], y)
    again = values(Form(form.expr, 1, found), x[None])
    assert again == pytest.approx(y, rel=1e-4, abs=1e-6 * float(np.abs(y).max()))


def test_a_form_without_constants_and_one_without_values():
    x = RNG.uniform(1.0, 2.0, (1, 20))
    whole = Form(parse("x**2", ["x"]), 1)
    assert started(whole, x, x[0], np.ones(20), Squares(x, x[0], np.ones(20))) == [whole]
    hopeless = Form(parse("log(-x)*a", ["x", "a"]), 1, (1.0,))
    assert started(hopeless, x, x[0], np.ones(20), Squares(x, x[0], np.ones(20))) == []


def test_constants_that_are_linear_together():
    form = Form(parse("a*b*x + c*sin(d*x) + e", ["x", *"abcde"]), 1, (1.0,) * 5)
    assert linear_constants(form) == (0, 2, 4)
