"""How commands end, one kind of end at a time."""

import pytest
import typer

from discover.cli.exits import FAULT, INTERRUPTED, NOTHING_FOUND, WRONG_INPUT, ends_well, refuse
from discover.errors import DataError, UnavailableError


def ending(action) -> int:
    """Return the exit code of a command that does `action`."""
    try:
        ends_well(action)()
    except typer.Exit as end:
        return end.exit_code
    return 0


def raising(error: BaseException):
    def action() -> int:
        raise error

    return action


def test_codes_pass_through() -> None:
    assert ending(lambda: 0) == 0
    assert ending(lambda: None) == 0
    assert ending(lambda: NOTHING_FOUND) == NOTHING_FOUND


@pytest.mark.parametrize("error", [DataError("x.csv is empty."), UnavailableError("x is not installed.")])
def test_what_the_toolkit_raises_is_one_sentence_and_2(error: Exception, capsys) -> None:
    assert ending(raising(error)) == WRONG_INPUT
    assert capsys.readouterr().err == f"discover: {error}\n"


def test_a_message_of_several_lines_is_told_on_one(capsys) -> None:
    with pytest.raises(typer.Exit):
        refuse("first\nsecond")
    assert capsys.readouterr().err == "discover: first second\n"


def test_an_interrupt_is_130(capsys) -> None:
    assert ending(raising(KeyboardInterrupt())) == INTERRUPTED
    assert capsys.readouterr().err == "discover: interrupted.\n"


def test_a_fault_shows_where_and_says_whose_it_is(capsys) -> None:
    assert ending(raising(ZeroDivisionError("ours"))) == FAULT
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "ZeroDivisionError: ours" in told
    assert "a fault of discover, not of your input" in told


def test_a_closed_pipe_is_left_to_the_frame() -> None:
    with pytest.raises(BrokenPipeError):
        ends_well(raising(BrokenPipeError()))()
