import numpy as np
import pytest

from discover import load
from discover.errors import DataError, SettingError

N = 12


def table(runs=("1", "2"), **columns):
    """Return a table of several runs, each of N samples."""
    return {
        "t": np.tile(0.1 * np.arange(N), len(runs)),
        "x": np.arange(float(N * len(runs))),
        "run": np.repeat(np.array(runs, dtype=object), N),
        **columns,
    }


def test_cases_may_hold_several_trajectories():
    data = load(
        table(("1", "2", "3", "4"), diet=np.repeat(np.array(["fed", "fed", "ctl", "ctl"], dtype=object), N)),
        group="run",
        by="diet",
    )
    assert list(data.data_vars) == ["x"]
    assert data["case"].attrs["long_name"] == "diet"
    pairs = set(zip(data["trajectory"].values.tolist(), data["case"].values.tolist(), strict=True))
    assert pairs == {("1", "fed"), ("2", "fed"), ("3", "ctl"), ("4", "ctl")}


def test_a_run_is_parted_where_its_regime_changes():
    regime = np.tile(np.repeat(np.array([1.0, 2.0]), N // 2), 2)
    data = load(table(regime=regime), group="run", by="regime")
    assert list(dict.fromkeys(data["trajectory"].values.tolist())) == ["1, 1", "1, 2", "2, 1", "2, 2"]
    assert set(data["case"].values.tolist()) == {"1", "2"}
    assert any("parted where" in note for note in data.attrs["notes"])


def test_what_was_loaded_comes_back_with_its_cases():
    data = load(table(("1", "2", "3", "4"), diet=np.repeat(np.array([1.0, 1.0, 2.0, 2.0]), N)), group="run", by="diet")
    assert load(data).identical(data)
    assert load(data, by="diet").identical(data)


def test_cases_are_the_trajectories_where_nothing_else_parts_them():
    plain = load(table(), group="run")
    assert load(table(), by="run").identical(plain)
    assert load(table(), group="run", by="run").identical(plain)
    assert load(table(), group="run", by="trajectory").identical(plain)


def test_bad_columns_are_told_in_a_sentence():
    diet = np.repeat(np.array(["fed", None], dtype=object), N)
    with pytest.raises(DataError, match=r'no column "dite" for by=. Did you mean "diet"'):
        load(table(diet=diet), group="run", by="dite")
    with pytest.raises(DataError, match=r'row 12 \(counted from 0\): "diet" is missing'):
        load(table(diet=diet), group="run", by="diet")
    with pytest.raises(DataError, match='"x" has 24 values in 24 rows, so it labels no cases'):
        load(table(), group="run", by="x")
    with pytest.raises(SettingError, match="by= must be the name of a column"):
        load(table(), group="run", by=3)  # pyright: ignore[reportArgumentType]
