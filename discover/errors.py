"""Everything that can go wrong, as one tree.

    DiscoverError
    ├── InputError        what was handed in cannot be used (exit code 2)
    │   ├── DataError         a file, a column, a sampling
    │   ├── UnitError         a unit that is unknown, or that does not fit
    │   ├── ExpressionError   text or a tape that is no expression
    │   └── SettingError      an option, an engine, a range
    └── UnavailableError  a peer or an optional package that is not installed here

A search that finds nothing is not in the tree: that is a result, with a reason.
"""

import difflib
from collections.abc import Iterable


class DiscoverError(Exception):
    """The root: catch this to catch everything the toolkit raises on purpose."""


class InputError(DiscoverError, ValueError):
    """What was handed in cannot be used; the message names it, the value got, and the remedy."""


class DataError(InputError):
    """A file, a column or a sampling that no law can be fitted to."""


class UnitError(InputError):
    """A unit that is unknown, or an expression that breaks the units."""


class ExpressionError(InputError):
    """Text or a tape that is not an expression of the operator table."""


class SettingError(InputError):
    """An option, a name or a range that does not exist."""


class UnavailableError(DiscoverError):
    """Something optional that is not installed on this machine; the message says how to get it."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "…"?`` with its leading space, or all known names where none is near."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f' Did you mean "{near[0]}"?'
    return f" Known: {', '.join(names)}." if names else ""
