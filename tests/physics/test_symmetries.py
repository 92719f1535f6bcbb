"""Which symmetries a law is asked about."""

import numpy as np
import pytest

from discover.data.formulate import formulate
from discover.data.reading import load
from discover.expr import parse
from discover.physics import symmetries


def asked(states: tuple[str, ...], equations: tuple[str, ...], **kwargs) -> list[str]:
    rng, t = np.random.default_rng(0), np.arange(400.0)
    table = {"t": t} | {name: np.convolve(rng.normal(size=440), np.ones(41) / 6.0, "valid") for name in states}
    problem = formulate(load(table, time="t", **kwargs))
    return [one.text for one in symmetries(problem, [parse(text, states) for text in equations])]


@pytest.mark.parametrize(
    ("states", "equations", "text"),
    [
        (("x", "y", "z"), ("10*(y - x)", "x*(28 - z) - y", "x*y - 2*z"), "symmetric: (x, y) -> (-x, -y)"),
        (("x", "y", "z"), ("y - x**3", "z - y**3", "x - z**3"), "symmetric: (x, y, z) -> (y, z, x)"),
        (("q", "p"), ("p", "-sin(q)"), "reversible: p -> -p"),
        (("x", "y"), ("-y - x*(x**2 + y**2)", "x - y*(x**2 + y**2)"), "rotation: (x, y)"),
        (("x", "y"), ("y**2", "-y"), "translation: x"),
        (("x", "y"), ("y", "x**2"), "scaling: x = 6, y = 9, t = -3"),
        (("x", "y"), ("x*y", "x*y"), "symmetric: (x, y) -> (y, x)"),
    ],
)
def test_what_a_law_has_it_is_asked_about(states: tuple[str, ...], equations: tuple[str, ...], text: str) -> None:
    found = asked(states, equations)
    if text.startswith("scaling"):
        assert "scaling: x = 2, y = 3, t = -1" in found
    else:
        assert text in found


def test_variables_of_other_units_do_not_change_places() -> None:
    swap = "symmetric: (x, y) -> (y, x)"
    assert swap in asked(("x", "y"), ("x*y", "x*y"))
    assert swap not in asked(("x", "y"), ("x*y", "x*y"), units={"x": "m", "y": "kg"})


def test_a_law_that_is_another_on_the_other_side_is_not_asked_about_a_mirror() -> None:
    found = asked(("x", "y"), ("x**3 + y + 3", "x + 2*y + 2"))
    assert not [text for text in found if "-x" in text or "-y" in text]
