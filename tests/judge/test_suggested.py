"""Symmetries that data show are suggested, those that they do not show are not."""

from pathlib import Path

import numpy as np
import pytest

import discover
from discover.export import law_text
from discover.simulate import VectorField, simulate

STATES = ("x", "v")
DUFFING = ("v", "x - x**3 - 0.1*v")
MIRROR = "symmetric: (x, v) -> (-x, -v)"
STARTS = ([1.4, 0.3], [-1.2, 0.8], [0.4, -1.3])


def measured(equations: tuple[str, ...], starts, noise: float = 0.02, states=STATES, n: int = 200) -> dict:
    law, t = VectorField(states, (), tuple(discover.parse(one, states) for one in equations)), 0.06 * np.arange(n)
    runs, rng = [simulate(law, start, t) for start in starts], np.random.default_rng(1)
    table = {"run": np.repeat(np.arange(len(starts)), n), "t": np.tile(t, len(starts))}
    for name in states:
        clean = np.concatenate([run[name].values for run in runs])
        table[name] = clean + noise * np.sqrt(np.mean(clean**2)) * rng.standard_normal(len(clean))
    return table


def found(*args, **kwargs) -> discover.Discovery:
    return discover.dynamics(discover.load(measured(*args), time="t", group="run"), **kwargs)


@pytest.fixture(scope="module")
def duffing() -> discover.Discovery:
    return found(DUFFING, STARTS)


def test_what_the_data_show_is_suggested_in_the_words_that_require_it(duffing: discover.Discovery) -> None:
    (one,) = duffing.law.suggestions
    assert (one.text, one.told) == (MIRROR, True)
    assert one.p_value > 0.001
    assert 0.0 < one.share < 0.1
    assert MIRROR in law_text(duffing.law)
    assert not duffing.law.requirements


def test_a_suggestion_that_is_required_is_kept_and_not_suggested_again(duffing: discover.Discovery) -> None:
    again = found(DUFFING, STARTS, require=[duffing.law.suggestions[0].text])
    assert again.law.suggestions == ()
    assert [one.contradicted for one in again.law.requirements] == [False]


def test_suggestions_are_saved(duffing: discover.Discovery, tmp_path: Path) -> None:
    duffing.save(tmp_path / "law.json")
    assert discover.load_law(tmp_path / "law.json").law.suggestions == duffing.law.suggestions
    duffing.report(tmp_path / "law.html")
    assert "Symmetries that could be required" in (tmp_path / "law.html").read_text()


def test_data_from_one_side_do_not_tell() -> None:
    one_well = found(DUFFING, ([1.3, 0.0], [0.6, 0.1], [1.1, 0.2]))
    assert [(one.text, one.told) for one in one_well.law.suggestions] == [(MIRROR, False)]
    assert "not told by the data" in law_text(one_well.law)


@pytest.mark.parametrize(
    ("equations", "starts"),
    [
        (("v", "0.2 + x - x**3 - 0.1*v"), STARTS),
        (("x - 0.5*x*v", "-0.8*v + 0.3*x*v"), ([1.0, 2.0], [3.0, 1.0], [2.0, 3.0])),
    ],
)
def test_laws_without_a_symmetry_suggest_none(equations: tuple[str, ...], starts) -> None:
    assert found(equations, starts).law.suggestions == ()


def test_turns_by_any_angle_speak_for_those_by_one() -> None:
    equations = ("0.3*x - v - x*(x**2 + v**2)", "x + 0.3*v - v*(x**2 + v**2)")
    starts = ([1.1, 0.2], [-0.3, 0.9], [0.1, -1.0])
    offered = discover.Terms("x", "v", "x**3", "x**2*v", "x*v**2", "v**3")
    turning = found(equations, starts, 0.01, STATES, 120, library=offered)
    assert [one.text for one in turning.law.suggestions] == ["rotation: (x, v)"]


def test_white_noise_suggests_nothing() -> None:
    rng = np.random.default_rng(0)
    noise = discover.dynamics({"t": np.arange(200.0), "x": rng.normal(size=200), "y": rng.normal(size=200)})
    assert noise.verdict.word == "none"
    assert noise.law.suggestions == ()
