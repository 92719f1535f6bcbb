import numpy as np
import pytest

from discover.data.observations import formulate_observations, observations
from discover.errors import DataError, SettingError

TABLE = {"m [kg]": [1.0, 2, 3, 4, 5, 6], "a [m/s^2]": [3.0, 1, 4, 1, 5, 9], "F [N]": [3.0, 2, 12, 4, 25, 54]}


def test_the_target_comes_first_and_has_its_unit():
    data = observations(TABLE, "F")
    assert list(data.data_vars) == ["F", "m", "a"]
    assert [data[name].role for name in data.data_vars] == ["state", "input", "input"]
    assert (data["F"].units, data["a"].units) == ("N", "m/s^2")


def test_a_file_and_a_frame_give_the_same(tmp_path):
    path = tmp_path / "force.csv"
    path.write_text("F [N],m [kg]\n" + "\n".join(f"{2 * k},{k}" for k in range(1, 8)))
    data = observations(path, "F", ["m"])
    assert data["m"].values.tolist() == list(range(1, 8))
    assert data.attrs["source"] == "force.csv"
    assert data.attrs["fingerprint"].startswith("sha256:")


def test_rows_with_gaps_are_left_out_and_it_is_said():
    table = {**TABLE, "m [kg]": [1.0, np.nan, 3, 4, 5, 6]}
    data = observations(table, "F")
    assert data.sizes["row"] == 5
    assert any("1 rows with a missing value" in note for note in data.attrs["notes"])


def test_only_the_columns_asked_for_explain():
    assert list(observations(TABLE, "F", ["a"]).data_vars) == ["F", "a"]


@pytest.mark.parametrize(
    ("change", "target", "columns", "error", "words"),
    [
        ({}, "G", None, DataError, 'no column "G"'),
        ({}, "F", ["mass"], DataError, 'no column "mass"'),
        ({}, "F", ["F"], SettingError, "does not explain itself"),
        ({}, 3, None, SettingError, "target= must be names of columns"),
        ({"m [kg]": [1.0] * 6}, "F", ["m"], DataError, "never changes"),
        ({"m [kg]": [1.0, 2, np.nan, np.nan, 5, 6]}, "F", None, DataError, "at least 5 are needed"),
    ],
)
def test_bad_input_is_told(change, target, columns, error, words):
    with pytest.raises(error, match=words):
        observations({**TABLE, **change}, target, columns)


def test_a_table_with_one_column_has_nothing_that_explains():
    with pytest.raises(DataError, match="no numeric column beside"):
        observations({"F": [1.0, 2, 3, 4, 5]}, "F")


def test_each_row_is_one_row_of_the_problem():
    problem = formulate_observations(observations(TABLE, "F"))
    (block,) = problem.blocks
    assert problem.formulation == "algebraic"
    assert block.Y.tolist() == [TABLE["F [N]"]]
    assert block.n_rows == 6
    assert sorted(set(block.fold.tolist())) == list(range(problem.n_folds))
