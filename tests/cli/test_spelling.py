"""Keywords in messages become options, and nothing else does."""

import inspect

import pytest

import discover
from discover.cli.run import run
from discover.cli.spelling import ALIASES, as_typed
from discover.errors import DataError

OPTIONS = inspect.signature(run).parameters


@pytest.mark.parametrize(
    ("message", "typed"),
    [
        ("name the time with time= (columns: a, b).", "name the time with --time (columns: a, b)."),
        ("or leave it out with columns=.", "or leave it out with --columns."),
        ('pass group="run", or columns=["x", "y"]; end', 'pass --group "run", or --columns "x,y"; end'),
        ('as in units={"t [s]": "days", "x": "m"}.', 'as in --units "t [s]=days,x=m".'),
        ('"x" is given by time= and by inputs=; choose', '"x" is given by --time and by --inputs; choose'),
        ("degree=99 in 3 variables makes", "--degree 99 in 3 variables makes"),
        ("n_jobs must be 1 or more, got 0.", "--jobs must be 1 or more, got 0."),
        ("max_evals must be a whole number", "--max-evals must be a whole number"),
        ("the last word is time=", "the last word is --time"),
    ],
)
def test_keywords_become_options(message: str, typed: str) -> None:
    assert as_typed(message, OPTIONS) == typed


@pytest.mark.parametrize(
    "message",
    [
        'd.csv: column "time=" holds "group=3", text.',
        "there is no file time=3.csv in /data/time=3; check the name.",
        "there is no file /data/units= nor a folder.",
        "Polynomial(degree=0, include_bias=False) has no terms.",
        "Strong(degree=…) must be 1 or more.",
        "leave it out with other=.",
        "d.csv: half_width must be positive, and so must x_max_evals go.",
        'an odd " mark before the time',
    ],
)
def test_what_is_no_option_of_the_command_stays(message: str) -> None:
    assert as_typed(message, OPTIONS) == message


def test_a_command_without_the_option_keeps_the_keyword() -> None:
    assert as_typed("name the time with time=.", ["name", "output"]) == "name the time with time=."


def test_the_aliases_are_parameters() -> None:
    assert set(ALIASES.values()) <= set(OPTIONS)
    both = {*inspect.signature(discover.dynamics).parameters, *inspect.signature(discover.law).parameters}
    assert set(ALIASES) <= both


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"time": "tt"}, 'no column "tt" for --time. Did you mean "t"?'),
        ({"columns": ["note"]}, 'pass --group "note", or leave it out with --columns.'),
        ({"columns": ["x", "still"]}, 'leave "still" out with --columns "x".'),
        ({"columns": ["day"]}, 'pass --time "day", or leave the column out with --columns.'),
    ],
)
def test_messages_of_load_can_be_typed(options: dict, told: str) -> None:
    days = [f"2020-01-0{day}" for day in range(1, 6)]
    source = {"t": range(5), "x": [1, 2, 4, 3, 1], "still": [4] * 5, "note": list("abcab"), "day": days}
    with pytest.raises(DataError) as error:
        discover.load({name: list(values) for name, values in source.items()}, **options)
    assert told in as_typed(str(error.value), OPTIONS)
