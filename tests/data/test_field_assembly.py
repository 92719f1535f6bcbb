"""What is no field: one sentence for each axis, variable or source that cannot be used, with what to change."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

import discover
from discover.errors import DataError, SettingError

T = 0.1 * np.arange(7)
X = np.linspace(-1.0, 1.0, 6)
Y = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
U = np.sin(3.0 * T[:, None] - X)
W = np.cos(T[:, None, None] - X[:, None] * Y)


def field(**change: Any) -> xr.Dataset:
    """Return u(x, t) with coordinates replaced by `change`."""
    return xr.Dataset({"u": (("x", "t"), U.T.copy())}, {"x": X, "t": T} | change)


def wide() -> xr.Dataset:
    return xr.Dataset({"w": (("t", "x", "y"), W)}, {"t": T, "x": X, "y": Y})


CURVED = {"lat": (("y", "x"), np.add.outer(Y, X)), "lon": (("y", "x"), np.add.outer(Y, -X))}
BARE = xr.Dataset({"w": (("t", "x", "y"), W)}, {"t": T})


@pytest.mark.parametrize(
    ("source", "options", "sentence"),
    [
        (BARE.assign_coords(CURVED), {}, 'the coordinate "lat" varies along y and x, so the grid of "w" is not recti'),
        (
            BARE.assign_coords(CURVED),
            {"space": ["lat", "lon"]},
            'the coordinate "lat" varies along y and x, so the gri',
        ),
        (
            BARE,
            {},
            'the dimension "x" of "w" has no coordinate, and derivatives need its spacing; give it one, as in da',
        ),
        (
            field().rename(x="run"),
            {},
            'the dimension "run" of "u" may not be space; pass group="run" if it tells recor',
        ),
        (
            field(x=list("abcdef")),
            {},
            'the dimension "x" of "u" may not be space; pass group="x" if it tells recordings',
        ),
        (field(x=list("abcdef")), {"space": "x"}, "the coordinate \"x\" holds no numbers, but 'a'; name another axis."),
        (
            field().rename(t="s"),
            {},
            "no dimension is called time or holds dates; name the time with time= (dimensions:",
        ),
        (field(), {"time": "x", "space": "x"}, None),
        (field(), {"space": "xx"}, 'Dataset has no column "xx" for space=. Did you mean "x"?'),
        (field(), {"time": "tt", "space": "x"}, 'Dataset has no column "tt" for time=. Did you mean "t"?'),
        (
            wide(),
            {"space": "x"},
            "no variable extends over t and x and no further; it holds w(t, x, y). Name all dimen",
        ),
        (field().isel(x=slice(4)), {}, 'the coordinate "x" has 4 points; at least 5 are needed along every axis.'),
        (field().isel(t=slice(4)), {}, 'the time "t" has 4 points; at least 5 are needed along every axis.'),
        (field(x=[0, 1, 2, 2, 3, 4]), {}, 'the coordinate "x" is 2 at two points; keep one of them.'),
        (
            field(x=[0, 1, 3, 2, 4, 5]),
            {},
            'the coordinate "x" goes back from 3 to 2; sort the field, as in dataset.sor',
        ),
        (field(t=[0, 1, 2, 2, 1, 0, 3]), {}, 'the time "t" is 2 at two points; keep one of them.'),
        (
            field(x=[0, 1, np.nan, 3, 4, 5]),
            {},
            'the coordinate "x" is missing at point 2 (counted from 0); every point',
        ),
        (field(t=[0, 1, 2, 3, 4, 5, np.inf]), {}, 'the time "t" is infinite at point 6 (counted from 0)'),
        (field() * 0 + 3, {}, 'the state "u" is the same at all times and places; leave it out with columns=.'),
        (
            field().assign(u=field()["x"] ** 2 + 0 * field()["t"]),
            {},
            '"u" does not change in time: all snapshots are equ',
        ),
        (wide() * 0 + wide().isel(y=1), {}, 'the state "w" is the same all along "y", so nothing can be learnt about'),
        (field() * np.nan, {}, 'the state "u" has no value at any time and place'),
        (field().where(field().x < 0.9, np.inf), {}, '"u" is infinite at t = 0, x = 1; correct it, or put NaN where'),
        (
            field().assign(f=("s", np.arange(9.0))),
            {"inputs": "f"},
            "the input f(s) does not lie on the points of the st",
        ),
        (field().assign(m=2.0), {"inputs": "m"}, "the input m() does not lie on the points of the states, which go"),
        (field().assign(f=("t", T)), {"columns": ["u", "f"]}, "f(t) does not extend over t and x and no further, as a"),
        (field(), {"columns": ["u", "x"]}, 'Dataset: "x" is a coordinate and no state; choose others with columns=.'),
        (field(), {"inputs": "u"}, "no variable is left for a state beside the inputs; it holds u(x, t)."),
        (field(), {"inputs": "x"}, 'Dataset: "x" is a coordinate and no input; leave it out of inputs=.'),
        (
            wide().assign(u=(("t", "z"), U)),
            {},
            "its fields lie on different grids (w(t, x, y), u(t, z)); choose those on",
        ),
        (
            field().assign(c=("x", X)).drop_vars("u").assign(d=(("x", "z"), np.outer(X, Y))),
            {"time": "t"},
            "no variable",
        ),
        (field().assign(n=(("t", "x"), U.astype(str))), {}, '"n" holds text or other objects, not numbers; leave it'),
        (
            field().rename(u="trajectory"),
            {},
            'no state or input can be called "trajectory", because the Dataset has a c',
        ),
        (field().rename(x="sample"), {"space": "sample"}, 'no dimension of space can be called "sample", because the'),
        (
            (field() * 1j + 1).assign(u_re=field()["u"]),
            {},
            'two variables would be called "u_re"; rename one, or leave',
        ),
        (
            xr.concat([field(), field() * np.nan], "run"),
            {"group": "run"},
            '"u" has no value in the recording "1"; leave',
        ),
        (
            xr.concat([field(), -field()], "run").assign_coords(run=["a", "a"]),
            {"group": "run"},
            'two recordings are called "a"; give each a label of its own.',
        ),
    ],
)
def test_what_is_no_field(source: Any, options: dict, sentence: str | None) -> None:
    if sentence is None:
        with pytest.raises(SettingError, match='"x" is given by time= and by space=; a column has one role'):
            discover.load(source, **options)
        return
    with pytest.raises(DataError) as error:
        discover.load(source, **options)
    assert sentence in str(error.value)
    assert str(error.value).startswith("Dataset")


def test_more_than_three_dimensions_of_space() -> None:
    dims = ("t", "a", "b", "c", "d")
    source = xr.Dataset(
        {"u": (dims, np.random.default_rng(0).normal(size=(5,) * 5))}, {d: np.arange(5.0) for d in dims}
    )
    with pytest.raises(DataError, match=r"4 dimensions of space \(a, b, c, d\); at most 3 are taken"):
        discover.load(source)


def test_recordings_on_grids_of_their_own_stay_side_by_side() -> None:
    both = discover.load([field(), field()])
    assert len(both.datasets) == 2
    assert both["u"].dims == both.datasets[0]["u"].dims
