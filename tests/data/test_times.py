"""Times: which column, dates as numbers, and rows out of order."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import discover
from discover.errors import DataError, UnitError

X = [0.0, 1.0, 4.0, 9.0, 16.0]


def days(template: str = "2020-01-{:02d}") -> list[str]:
    return [template.format(day) for day in range(1, 6)]


@pytest.mark.parametrize(
    ("names", "chosen", "reason"),
    [
        (("x", "t"), "t", "because of its name"),
        (("x", "Time"), "Time", "because of its name"),
        (("x", "Year"), "Year", "because of its name"),
        (("x", "time_s"), "time_s", "because of its name"),
        (("t_room", "clock"), "clock", "the first that always increases"),
    ],
)
def test_the_time_is_found_and_said(names: tuple[str, str], chosen: str, reason: str) -> None:
    data = discover.load({names[0]: [1, 0, 2, 1, 3], names[1]: [0, 1, 2, 3, 4]})
    assert data["time"].long_name == chosen
    assert f'The column "{chosen}" was taken as the time' in data.notes[0]
    assert reason in data.notes[0]


def test_a_given_time_is_taken() -> None:
    data = discover.load({"t": [1, 0, 2, 1, 3], "s": [0, 1, 2, 3, 4]}, time="s")
    assert data["time"].long_name == "s"
    assert list(data.data_vars) == ["t"]
    assert data.notes == []


def test_no_time_at_all() -> None:
    with pytest.raises(
        DataError, match=r"none increases from row to row; name the time with time= \(columns: a, b\)\."
    ):
        discover.load({"a": [1, 0, 2, 1, 3], "b": [1, 0, 2, 1, 3]})


@pytest.mark.parametrize(
    "dates",
    [
        days(),
        days("2020/01/{:02d}"),
        days("2020-01-{:02d}T00:00:00"),
        days("2020-01-{:02d} 00:00:00Z"),
        days("2020-01-{:02d}T02:00:00.000+02:00"),
        np.array(days(), dtype="datetime64[D]"),
        np.array(days(), dtype="datetime64[ns]"),
        pd.to_datetime(days()),
        pd.Series(pd.to_datetime(days()).tz_localize("UTC")),
        [datetime.date.fromisoformat(day) for day in days()],
        [datetime.datetime.fromisoformat(day) for day in days()],
        [datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.UTC) for day in days()],
    ],
    ids=lambda dates: str(getattr(dates, "dtype", dates[0])),
)
def test_dates_become_seconds_or_the_unit_asked_for(dates) -> None:
    data = discover.load({"when": dates, "x": X})
    assert data["time"].values.tolist() == [0, 86400, 172800, 259200, 345600]
    assert data["time"].units == "s"
    assert data["time"].long_name == "when"
    assert 'The dates in "when" were converted to s since 2020-01-01.' in data.notes
    data = discover.load({"when": dates, "x": X}, units={"when": "days"})
    assert data["time"].values.tolist() == [0, 1, 2, 3, 4]
    assert data["time"].units == "days"


def test_a_unit_in_the_header_of_dates_is_the_one_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("date [h],x\n" + "".join(f"{day},{x}\n" for day, x in zip(days(), X, strict=True)))
    assert discover.load(path)["time"].values.tolist() == [0, 24, 48, 72, 96]


def test_an_index_of_dates_and_of_durations() -> None:
    frame = pd.DataFrame({"x": X}, index=pd.date_range("2020", periods=5, freq="min"))
    assert discover.load(frame)["time"].values.tolist() == [0, 60, 120, 180, 240]
    frame.index = pd.to_timedelta(np.arange(5), unit="h")
    assert discover.load(frame, units={"time": "h"})["time"].values.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("times", "options", "kind", "sentence"),
    [
        (
            days("{:02d}.01.2020"),
            {"time": "t"},
            DataError,
            "a date that can be read in two ways; write dates as 2020-12",
        ),
        (days("12:{:02d}:00"), {"time": "t"}, DataError, "a time of day; write seconds, or the date too"),
        ([*days()[:4], "2020-02-30"], {}, DataError, '"2020-02-30" in "t" is not a date; write dates as 2020-12-31'),
        ([*days()[:4], ""], {}, DataError, 'row 4 (counted from 0): the time "t" is missing'),
        (
            days(),
            {"units": {"t": "m"}},
            UnitError,
            'the dates in "t" cannot be measured in "m"; ask for a unit of time',
        ),
        ([0, 1, np.nan, 3, 4], {}, DataError, 'row 2 (counted from 0): the time "t" is missing; complete it'),
        ([0, 1, 2, np.inf, 4], {}, DataError, 'row 3 (counted from 0): the time "t" is infinite'),
        (
            [0, 1, 0.5, 3, 4],
            {},
            DataError,
            'row 2 (counted from 0): the time "t" goes back from 1 to 0.5; sort the rows',
        ),
        ([0, 1, 1, 3, 4], {}, DataError, 'row 2 (counted from 0): the time "t" is 1 again, as in row 1'),
        (days()[::-1], {}, DataError, 'the time "t" goes back from 2020-01-05 to 2020-01-04'),
    ],
)
def test_bad_times(times, options: dict, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as error:
        discover.load({"t": times, "x": X}, **options)
    assert sentence in str(error.value)


def test_dates_that_are_not_the_time() -> None:
    with pytest.raises(DataError, match=r'column "day" holds dates, which only the time may; pass time="day"'):
        discover.load({"t": [0, 1, 2, 3, 4], "day": np.array(days(), dtype="datetime64[D]"), "x": X})


@pytest.mark.parametrize("runs", [[1, 1, 1, 2, 2, 2], [1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [True] * 3 + [False] * 3])
def test_a_time_that_starts_again_suggests_the_group(runs: list) -> None:
    with pytest.raises(DataError, match=r'goes back from 2 to 0; .* tell them apart with group="run"'):
        discover.load({"t": [0, 1, 2, 0, 1, 2], "x": [1, 2, 4, 3, 5, 4], "run": runs})


def test_times_of_a_trajectory_out_of_order() -> None:
    with pytest.raises(DataError, match=r'row 4 .* is 0 again, as in row 3 .*; sort the rows of each "run" by time'):
        discover.load({"t": [0, 1, 2, 0, 0, 2], "x": [1, 2, 4, 3, 5, 4], "run": list("aaabbb")}, group="run")
