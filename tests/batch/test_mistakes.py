"""Mistakes of a plan: where they stand, and all of them together."""

from discover.batch.mistakes import Mistake, PlanError, key_lines, line_of

TEXT = """\
output = "x"  # 1
[defaults]
seed = 1
matrix = {engine = ["a"]}

[[jobs]]
data = "a.csv"
[jobs.units]
x = "m"
[[jobs]]
"data" = "b.csv"
matrix.seed = [1]
"""


def test_every_key_has_its_line() -> None:
    lines = key_lines(TEXT)
    assert lines[("output",)] == 1
    assert lines[("defaults", "seed")] == 3
    assert lines[("jobs", 0, "units", "x")] == 9
    assert lines[("jobs", 1, "data")] == 11
    assert lines[("jobs", 1, "matrix", "seed")] == 12


def test_a_place_without_a_line_takes_that_of_the_table_around_it() -> None:
    lines = key_lines(TEXT)
    assert line_of(("defaults", "matrix", "engine"), lines) == 4
    assert line_of(("jobs", 1, "matrix"), lines) == 12
    assert line_of(("jobs", 1, "time"), lines) == 10
    assert line_of(("nowhere",), lines) is None


def test_an_error_holds_every_mistake_once_in_the_order_of_the_lines() -> None:
    late, early = Mistake(9, "seed", "b."), Mistake(2, "data", "a.")
    error = PlanError("p.toml", [late, early, late])
    assert error.mistakes == (early, late)
    assert str(error).splitlines() == ["p.toml, line 2, data: a.", "p.toml, line 9, seed: b."]
