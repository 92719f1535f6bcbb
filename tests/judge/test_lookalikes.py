"""A law is not claimed where another function explains the data as well."""

import numpy as np
import pytest

import discover
from discover.expr import parse
from discover.inference.criteria import Squares
from discover.inference.forms import Form, values
from discover.judge.lookalikes import rivals


def _asked(told: str, true: str, noise: float, start: tuple[float, ...] = ()) -> list[Form]:
    rng = np.random.default_rng(5)
    X = rng.uniform([[1.0], [1.0], [3.0]], [[5.0], [2.0], [10.0]], (3, 600))
    names = ["m", "v", "c", "a", "b"]
    y = values(Form(parse(true, names[:3]), 3), X)
    y += noise * np.sqrt(np.mean(y**2)) * rng.standard_normal(600)
    data = Squares(X, y, np.ones(600))
    ((form, _),) = data.fit([Form(parse(told, names[: 3 + len(start)]), 3, start)], 50)
    return [one.form for one in rivals(form, data, data, (None,) * 4)]


@pytest.mark.parametrize(
    ("told", "true", "start"),
    [
        ("m*c**2*exp(a*v**2/c**2)", "m*c**2/sqrt(1 - v**2/c**2)", (0.5,)),
        ("m*sin(a*v)/c", "0.08*m*v/c", (0.08,)),
        ("a + b*c/(m*v)", "1/(exp(m*v/c) - 1)", (-0.5, 1.0)),
    ],
)
def test_an_expansion_has_rivals(told, true, start):
    assert _asked(told, true, 0.01, start)


@pytest.mark.parametrize("true", ["m*v/c", "m*c**2/sqrt(1 - v**2/c**2)", "m*exp(-c/v)"])
def test_the_law_has_none_where_noise_is_small(true):
    assert not _asked(true, true, 0.001)


def test_numbers_that_were_rounded_are_no_rivals():
    assert not _asked("a*m*v/c", "0.25*m*v/c", 0.05, (0.3,))


def test_the_verdict_names_the_rival():
    rng = np.random.default_rng(3)
    x = rng.uniform(0.2, 1.0, 200)
    found = discover.law(
        {"x": x, "y": 1 / np.cos(x) + 0.05 * rng.standard_normal(200)}, "y", max_evals=300, budget=None
    )
    assert found.verdict.word == "several"
