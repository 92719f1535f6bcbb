"""The runner: nothing is dropped, nothing is run twice."""

import time

import pytest

from benchmarks.campaign import Campaign, Case


def halved(n: int) -> dict:
    """Return half of an even number; odd ones raise."""
    if n % 2:
        raise ValueError(f"{n} is odd")
    return {"half": n // 2}


def dying(n: int) -> dict:
    """End the process without a word."""
    import os

    os._exit(9)


def cases(*numbers: int) -> list[Case]:
    return [Case(f"n={n}", (n,)) for n in numbers]


def test_errors_are_records() -> None:
    kept: list[int] = []
    records = Campaign(jobs=2, keep=lambda known: kept.append(len(known))).run("halves", halved, cases(1, 2, 4))
    assert records == {"n=1": {"error_text": "ValueError: 1 is odd"}, "n=2": {"half": 1}, "n=4": {"half": 2}}
    assert kept == [1, 2, 3]


def test_a_process_that_dies_is_a_failure_and_the_others_go_on() -> None:
    campaign = Campaign()
    assert "process died" in campaign.run("deaths", dying, cases(1))["n=1"]["error_text"]
    assert campaign.run("halves", halved, cases(2)) == {"n=2": {"half": 1}}


def test_what_is_known_is_not_run_again() -> None:
    known = {"n=2": {"half": "from a file"}}
    assert Campaign(records=dict(known)).run("halves", halved, cases(2)) == known


def test_after_the_deadline_cases_stay_without_a_record() -> None:
    assert Campaign(deadline=time.monotonic() - 1.0).run("halves", halved, cases(2, 4)) == {}


def test_keys_are_unique() -> None:
    with pytest.raises(ValueError, match="same key"):
        Campaign().run("halves", halved, cases(2, 2))


def test_a_measurement_of_this_process_is_made_once() -> None:
    campaign = Campaign()
    assert campaign.here("speed", lambda: {"s": 1.0}) == {"s": 1.0}
    assert campaign.here("speed", lambda: {"s": 2.0}) == {"s": 1.0}
