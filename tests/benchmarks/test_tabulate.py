"""Failures and unfinished cases are shown, whatever happens."""

from benchmarks.tabulate import count, failures, largest, middle

FAILED = {"error_text": "boom"}


def ok(record: dict) -> bool:
    return record["ok"]


def test_a_failure_counts_against() -> None:
    assert count([{"ok": True}, FAILED], ok) == "1/2 (1 failed)"


def test_what_was_not_finished_is_said() -> None:
    assert count([{"ok": True}, None, None], ok) == "1/1 (2 unfinished)"
    assert count([None, None], ok) == "unfinished"


def test_medians_are_of_answers() -> None:
    assert middle([{"s": 1.0}, {"s": 3.0}, FAILED, None], "s") == "2"
    assert largest([{"s": 1.0}, {"s": 3.0}, FAILED], "s") == "3"
    assert middle([FAILED, None], "s") == "–"


def test_every_failure_is_told() -> None:
    assert failures({"a": {"ok": True}, "b": FAILED}).rows == (("b", "boom"),)
