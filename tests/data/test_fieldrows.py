"""Formulating fields: noise, half-widths, bounded rows, and sentences for what cannot be fitted."""

import numpy as np
import pytest
import xarray as xr

from discover.data.fieldrows import MAX_ROWS, corner_half_width, grid
from discover.data.formulate import formulate
from discover.data.stencils import Strong, Weak
from discover.data.survey import Survey, Surveyor, field_noise
from discover.errors import DataError


def field(n_t: int = 60, n_x: int = 80, noise: float = 0.0, seed: int = 0) -> xr.Dataset:
    t, x = np.linspace(0.0, 4.0, n_t), np.linspace(0.0, 2.0 * np.pi, n_x, endpoint=False)
    u = np.sin(x[None, :] - t[:, None]) + 0.5 * np.cos(2.0 * x[None, :] + t[:, None])
    u = u + noise * np.sqrt(np.mean(u**2)) * np.random.default_rng(seed).standard_normal(u.shape)
    return xr.Dataset(
        {"u": (("time", "x"), u, {"role": "state", "units": "m"})},
        coords={"time": ("time", t, {"long_name": "t", "units": "s"}), "x": ("x", x, {"units": "m"})},
        attrs={"space": ["x"], "source": "field", "fingerprint": "", "notes": []},
    )


def surveyed(data: xr.Dataset) -> Survey:
    surveyor = Surveyor((1, *data["u"].shape))
    surveyor.take(0, data["u"].values[None])
    return surveyor.survey()


@pytest.mark.parametrize("level", [0.01, 0.1, 1.0])
def test_noise_is_found_under_the_signal(level: float) -> None:
    data = field(120, 160, level)
    clean = field(120, 160)["u"].values
    sigma = level * np.sqrt(np.mean(clean**2))
    assert field_noise(surveyed(data))[0] == pytest.approx(sigma, rel=0.05)


def test_half_widths_grow_with_slower_signals() -> None:
    fast, slow = field(200, 80), field(200, 80)
    slow["u"].values[:] = np.sin(0.25 * slow["time"].values)[:, None]
    fast["u"].values[:] = np.sin(24.0 * fast["time"].values)[:, None]
    widths = [corner_half_width([surveyed(data)], 0) for data in (fast, slow)]
    assert widths[0] < widths[1]


def test_rows_are_bounded_and_ordered_in_time() -> None:
    problem = formulate(field(400, 300, 0.01))
    assert 50 < problem.n_rows <= 1.2 * MAX_ROWS
    assert problem.space == ("x",)
    assert problem.space_units == ("m",)
    assert problem.n_samples == 400 * 300
    assert (np.diff(problem.blocks[0].fold) >= 0).all()
    assert "Half-widths" in problem.notes[1]


def test_a_given_half_width_is_obeyed() -> None:
    problem = formulate(field(), Weak(half_width=9))
    assert [axis.half_width for axis in problem.blocks[0].stencil.axes] == [9, 9]


def test_weights_hold_every_derivative() -> None:
    lines = grid([np.linspace(0, 1, 50), np.linspace(0, 1, 60)], (8, 10), [1, 6])
    assert lines.axes[0].weights.shape[0] == 2
    assert lines.axes[1].weights.shape[0] == 7
    assert lines.n_rows == len(lines.axes[0].centres) * len(lines.axes[1].centres)


def test_gaps_and_short_axes_are_told() -> None:
    data = field()
    data["u"].values[::6, ::6] = np.nan
    with pytest.raises(DataError, match=r"0 of .* test functions find a window without a missing value"):
        formulate(data)
    with pytest.raises(DataError, match="axis x has 9 points"):
        formulate(field(60, 9))
    assert formulate(field(), Strong()).formulation == "strong"


def test_rows_that_would_see_a_gap_are_left_out_and_told() -> None:
    whole, holed = field(240, 200, 0.02), field(240, 200, 0.02)
    holed["u"].values[100:130, 40:70] = np.nan
    problem = formulate(holed, Weak(half_width=12))
    (block,) = problem.blocks
    lines = block.stencil
    assert lines.missing is not None
    assert lines.missing.sum() == 900
    assert 0 < lines.n_rows < lines.n_queries
    for row in lines.kept:
        windows = np.unravel_index(row, lines.shape)
        t, x = (axis.weights[0][k] != 0.0 for axis, k in zip(lines.axes, windows, strict=True))
        assert not lines.missing[np.ix_(t, x)].any()
    same = formulate(whole, Weak(half_width=12)).blocks[0]
    np.testing.assert_allclose(block.Y, same.Y[:, lines.kept], rtol=1e-12)
    assert any("Values are missing at 1.9 % of the samples" in note for note in problem.notes)


def test_noise_and_spectrum_are_estimated_on_what_is_there() -> None:
    whole, holed = field(240, 200, 0.1), field(240, 200, 0.1)
    holed["u"].values[:60, :50] = np.nan
    holed["u"].values[150] = np.nan
    for mine, other in ((surveyed(holed), surveyed(whole)),):
        assert mine.n_missing == 60 * 50 + 200
        assert mine.variance[0] == pytest.approx(other.variance[0], rel=0.1)
        assert field_noise(mine)[0] == pytest.approx(field_noise(other)[0], rel=0.03)
        assert corner_half_width([mine], 0) == pytest.approx(corner_half_width([other], 0), abs=3)
