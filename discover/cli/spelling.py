"""Options of Python in a message, spelt the way they are typed: `time="year"` becomes `--time "year"`."""

import re
from collections.abc import Collection

ALIASES = {"n_jobs": "jobs", "guesses": "guess"}
"""Keyword of Python -> parameter of a command, where they are called differently."""

_QUOTED = r'"[^"]*"'
_VALUE = rf"{_QUOTED}|\[[^\]]*\]|\{{[^}}]*\}}|\d+"
_END = r"(?=[\s,;:)]|\.(?:\s|$)|$)"
_OPTION = re.compile(
    rf"{_QUOTED}"  # text of the user's, which stays
    rf"|(?<![\w/\\.-])(?<!\w\()(?P<option>[a-z_]+)=(?P<value>{_VALUE})?{_END}"
    rf"|(?<![\w/\\.-])(?P<word>[a-z]+_[a-z_]+)(?=\s)"
)
"""An option with or without its value, or the name of one that can be no other word. Not a part of a path, as in
/data/time=3/x.csv, and not an argument, as in Polynomial(degree=0)."""


def as_typed(message: str, options: Collection[str]) -> str:
    """Return a message with the keyword arguments in it as options of a command.

    Args:
        message: a sentence of an error, with quotation marks around what is the user's.
        options: the parameters of the command; keywords that are none of them stay.

    >>> as_typed('pass time="year", or leave "x=" out with columns=["y", "z"].', ["time", "columns"])
    'pass --time "year", or leave "x=" out with --columns "y,z".'
    >>> as_typed('ask for units={"t": "days"}; max_evals must be positive.', ["units", "max_evals"])
    'ask for --units "t=days"; --max-evals must be positive.'
    """

    def spelt(found: re.Match[str]) -> str:
        keyword = found["option"] or found["word"]
        name = ALIASES.get(keyword, keyword)
        if name not in options:
            return found[0]
        option = f"--{name.replace('_', '-')}"
        return f"{option} {_typed(found['value'])}" if found["value"] else option

    return _OPTION.sub(spelt, message)


def _typed(value: str) -> str:
    """Return a value as one word: lists with commas, dicts as pairs."""
    items = re.findall(r'"([^"]*)"', value)
    if value.startswith("["):
        return f'"{",".join(items)}"'
    if value.startswith("{"):
        pairs = zip(items[::2], items[1::2], strict=False)
        return f'"{",".join(f"{name}={unit}" for name, unit in pairs)}"'
    return value
