"""Plain data: what a law's parts promise of themselves."""

from dataclasses import replace

import numpy as np
import pytest

from discover.equation import Patch
from tests.export.laws import korteweg, logistic, one_state, spirals


def movie(n_variables: int, *shape: int) -> Patch:
    """Return a field that counts its own values."""
    axes = ("t", "x", "y", "z")[: len(shape)]
    values = np.arange(float(n_variables * np.prod(shape))).reshape(n_variables, *shape)
    return Patch("a", axes, tuple(np.arange(float(n)) for n in shape), values, values)


@pytest.mark.parametrize(
    "shape", [(1, 600, 400), (2, 200, 64, 64), (3, 50, 20, 20, 20), (1, 10, 10), (30_000, 3, 3), (1, 1, 10**6)]
)
def test_a_thinned_patch_is_bounded_and_keeps_its_values(shape: tuple[int, ...]) -> None:
    patch = movie(*shape)
    thin = patch.thinned(20_000)
    assert thin.measured.size <= max(20_000, shape[0])
    assert thin.measured.shape[1:] == tuple(map(len, thin.coordinates))
    assert thin.simulated.shape == thin.measured.shape
    where = tuple(along.astype(int) for along in thin.coordinates)
    np.testing.assert_array_equal(thin.measured, patch.measured[np.ix_(np.arange(shape[0]), *where)])


def test_what_is_small_stays_whole() -> None:
    assert movie(1, 100, 100).thinned() == movie(1, 100, 100)


def test_frames_go_before_resolution() -> None:
    assert movie(1, 200, 48, 48).thinned().measured.shape == (1, 8, 48, 48)


def test_patches_are_equal_by_value() -> None:
    patch = movie(1, 3, 4)
    unknown = replace(patch, simulated=np.full_like(patch.simulated, np.nan))
    assert unknown == replace(unknown)
    assert unknown != patch
    assert patch != replace(patch, coordinates=(*patch.coordinates, np.arange(2.0)))
    assert patch != "patch"


def test_the_axes_and_the_kind_of_a_law() -> None:
    law, _ = korteweg()
    assert (law.axes, law.axis_units, law.kind) == (("t", "x"), ("s", "m"), "derivative")
    assert law.equations[0].axes == ("t", "x")
    assert replace(law, space_units=()).axis_units == ("s", None)
    assert spirals()[0].axes == ("time", "east", "north")
    assert logistic()[0].kind == "map"
    law, _ = one_state()
    assert (law.axes, law.kind, law.equations[0].order) == (("t",), "derivative", 1)
