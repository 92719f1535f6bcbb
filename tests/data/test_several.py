"""Several sources: trajectories in one Dataset, fields side by side, and what must agree."""

import numpy as np
import pytest

import discover
from discover.data.formulate import formulate
from discover.data.several import Recordings
from discover.errors import DataError


def movie(n_t: int, n_x: int, length: float = 6.0) -> dict[str, np.ndarray]:
    t, x = np.linspace(0.0, 3.0, n_t), np.linspace(0.0, length, n_x)
    noise = 0.01 * np.random.default_rng(n_x).standard_normal((n_t, n_x))
    return {"t": t, "x": x, "u": np.sin(x - t[:, None]) + 0.5 * np.sin(2.0 * x - 2.0 * t[:, None]) + noise}


def test_trajectories_lie_one_after_the_other_under_their_sources() -> None:
    pieces = [{"t": np.arange(n), "x": np.sin(np.arange(n))} for n in (9, 6)]
    data = discover.load(pieces)
    assert data.sizes["sample"] == 15
    assert list(np.unique(data["trajectory"].values)) == ["dict of arrays 1", "dict of arrays 2"]
    assert discover.load([pieces[0]]).sizes["time"] == 9


def test_fields_on_grids_of_their_own_are_blocks_of_one_problem() -> None:
    data = discover.load([movie(60, 50), movie(45, 80, 9.0)], space="x")
    assert isinstance(data, Recordings)
    problem = formulate(data)
    assert [block.X.shape for block in problem.blocks] == [(1, 60, 50), (1, 45, 80)]
    assert [block.trajectory for block in problem.blocks] == ["1", "2"]
    assert discover.load(data) is data


def test_one_law_is_fitted_to_all_of_them() -> None:
    found = discover.dynamics(
        [movie(60, 50), movie(45, 80, 9.0)], library=discover.Derivatives(discover.Polynomial(1), 1)
    )
    (term,) = found.equations["u"].terms
    assert term.low < -1.0 < term.high
    assert found.law.provenance.n_trajectories == 2
    assert found.law.provenance.n_samples == 105


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"t": np.arange(6), "y": np.arange(6.0) ** 2}, "variables: .* has x, .* has y"),
        ({"t": np.arange(6), "x [m]": np.arange(6.0) ** 2}, "units"),
        (movie(20, 25), "space: .* has no space, .* has x"),
    ],
)
def test_what_recordings_must_agree_in(other: dict, what: str) -> None:
    with pytest.raises(DataError, match=f"must agree in their {what}"):
        discover.load([{"t": np.arange(6), "x": np.sin(np.arange(6))}, other])


def test_a_list_of_nothing_is_told() -> None:
    with pytest.raises(DataError, match="empty list"):
        discover.load([])
