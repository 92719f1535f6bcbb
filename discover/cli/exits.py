"""How a command ends: exit codes, one sentence for wrong input, and no traceback for it."""

import functools
import inspect
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

from discover.cli.spelling import as_typed
from discover.errors import DiscoverError

Parameters = ParamSpec("Parameters")

FOUND = 0
FAULT = 1
WRONG_INPUT = 2
NOTHING_FOUND = 3
SOME_FAILED = 4
INTERRUPTED = 130


def say(message: str) -> None:
    """Print a line for people on standard error, so that standard output stays the answer alone."""
    print(message, file=sys.stderr)


def refuse(message: str) -> NoReturn:
    """Say why the input cannot be used, and end the command with exit code 2."""
    say(f"discover: {' '.join(message.split())}")
    raise typer.Exit(WRONG_INPUT)


def ends_well(command: Callable[Parameters, int | None]) -> Callable[Parameters, None]:
    """Turn what a command returns or raises into its exit code.

    Wrong input is one sentence, with options spelt as they are typed, and 2; an interrupt
    that no search has caught is 130; a fault of ours shows its traceback and says so, and is 1.
    """

    @functools.wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except DiscoverError as error:
            refuse(as_typed(str(error), inspect.signature(command).parameters))
        except KeyboardInterrupt:
            say("discover: interrupted.")
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception:
            traceback.print_exc()
            say("This is a fault of discover, not of your input. Please report it with the lines above.")
            raise typer.Exit(FAULT) from None
        if code:
            raise typer.Exit(code)

    return run
