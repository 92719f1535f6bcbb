"""Every key of a plan takes what it says, and every option of the two functions is a key."""

import inspect

import pytest

from discover.batch.schema import KEYS, LEAST_MEMORY, duration, form, memory, refusal
from discover.errors import SettingError
from discover.find import dynamics, law

NOT_IN_PLANS = {"data", "library", "observe", "n_jobs", "target", "by", "columns", "units", "form", "resume"}
"""Parameters that plans spell in another way, or that only make sense from Python."""

GOOD = {
    "name": "a",
    "data": ["a.csv", "b/*.nc"],
    "together": True,
    "units": {"x": "m"},
    "library": "poly(2) + terms('sin(x)')",
    "terms": ["sin(x)"],
    "form": "map",
    "sigma": 0.1,
    "operators": {"a": "x"},
    "order": {"x": 2},
    "budget": "2min",
    "seed": 0,
    "time_limit": 5,
    "memory_limit": "2 GB",
}

BAD = {
    "name": "",
    "data": [],
    "together": "yes",
    "units": {"x": 1},
    "library": "poli(2)",
    "terms": "sin(x)",
    "form": 3,
    "sigma": [1],
    "order": 3,
    "budget": "2 parsecs",
    "degree": True,
    "seed": -1,
    "max_evals": 0,
    "time_limit": False,
    "memory_limit": "2 MB",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_key_takes_its_kind(name: str) -> None:
    assert refusal(KEYS[name], GOOD[name]) is None


@pytest.mark.parametrize("name", BAD)
def test_and_nothing_else(name: str) -> None:
    assert refusal(KEYS[name], BAD[name])


def test_a_near_name_is_offered() -> None:
    with pytest.raises(SettingError, match='Did you mean "weak"'):
        form("wek")
    with pytest.raises(SettingError, match="Known: weak, strong"):
        form("zzz")


@pytest.mark.parametrize("text", ["2 GX", "much", "", "1e999 GB"])
def test_memory_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="Memory is an amount"):
        memory(text)


def test_amounts() -> None:
    assert memory("1.5GiB") == int(1.5 * 2**30)
    assert memory(LEAST_MEMORY) == LEAST_MEMORY
    assert duration(90) == duration("1.5min")


def test_a_plan_can_say_what_the_functions_take() -> None:
    keywords = {key.keyword for key in KEYS.values()}
    for function in (dynamics, law):
        taken = set(inspect.signature(function).parameters) - NOT_IN_PLANS
        assert taken <= keywords, f"a row of KEYS is missing for {taken - keywords}"
