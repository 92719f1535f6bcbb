import numpy as np
import pytest

from discover.data.observations import PRECISION, formulate_observations, observations
from discover.errors import DataError, SettingError

TABLE = {
    "x": [1.0, 2, 3, 4, 5, 6],
    "y": [2.0, 4, 6, 8, 10, 13],
    "z": [1.0, 1, 2, 3, 5, 8],
    "s": [0.1, 0.2, 0.1, 0.2, 0.1, 0.2],
}


def precision(**given):
    return observations(TABLE, "y", **given).coords[f"{PRECISION}y"].values


def test_errors_come_from_a_column_a_number_or_numbers():
    assert precision(sigma="s") == pytest.approx(1 / np.array(TABLE["s"]) ** 2)
    assert precision(sigma=0.5) == pytest.approx(np.full(6, 4.0))
    assert precision(sigma=TABLE["s"]) == pytest.approx(precision(sigma="s"))
    assert precision(weights={"y": "z"}).tolist() == TABLE["z"]


def test_a_column_of_errors_explains_nothing():
    data = observations(TABLE, "y", sigma="s")
    assert list(data.data_vars) == ["y", "x", "z"]
    problem = formulate_observations(data)
    assert problem.knows_errors
    assert not formulate_observations(observations(TABLE, "y", weights="s")).knows_errors


def test_rows_without_an_error_or_of_weight_zero_are_left_out_and_said():
    data = observations({**TABLE, "s": [0.1, np.nan, 0.1, 0.2, 0.1, 0.2]}, "y", sigma="s")
    assert data.sizes["row"] == 5
    data = observations({**TABLE, "s": [1.0, 0.0, 1, 1, 1, 1]}, "y", weights="s")
    assert any("1 rows of weight zero" in note for note in data.attrs["notes"])


def test_several_targets_have_errors_of_their_own():
    data = observations(TABLE, ["y", "z"], sigma={"y": "s", "z": 2.0})
    (block,) = formulate_observations(data).blocks
    assert block.precision is not None
    assert block.precision.shape == (2, 6)
    assert block.precision[1].tolist() == [0.25] * 6
    assert block.Y.tolist() == [TABLE["y"], TABLE["z"]]


def test_errors_are_part_of_the_fingerprint():
    one, other = (observations(TABLE, "y", columns=["x"], sigma=s).attrs["fingerprint"] for s in ("s", 0.3))
    assert one != other


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"sigma": "s", "weights": "s"}, SettingError, "give one of them"),
        ({"sigma": "t"}, DataError, 'no column "t" \\(sigma=\\)'),
        ({"sigma": [0.1, 0.2]}, DataError, r"shape \(2,\).*6 rows"),
        ({"sigma": 0.0}, DataError, "sigma of y must be positive.*got 0 in row 1"),
        ({"sigma": "y"}, SettingError, "is a target too"),
        ({"weights": [-1.0, 1, 1, 1, 1, 1]}, DataError, "zero or more, got -1 in row 1"),
        ({"weights": [0.0, 0, 0, 1, 1, 1]}, DataError, "at least 5 are needed"),
        ({"sigma": {"w": 1.0}}, SettingError, "which is no target"),
        ({"sigma": {}}, SettingError, "says nothing of y"),
        ({"sigma": object()}, SettingError, "must name a column or hold one number a row"),
        ({"sigma": True}, DataError, "shape"),
    ],
)
def test_bad_input_is_told(given, error, words):
    with pytest.raises(error, match=words):
        observations(TABLE, "y", **given)
