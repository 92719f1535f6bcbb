"""The table of exporters: a name, and a function from a law to text.

To add one: write `name(law) -> str` in a file of its own and add a row; the contract test in
tests/export/test_formats.py runs over every row.
"""

from collections.abc import Callable

from discover.equation import Law
from discover.errors import SettingError, did_you_mean
from discover.export import source
from discover.export.latex import latex
from discover.export.mathml import law_mathml

EXPORTERS: dict[str, Callable[[Law], str]] = {
    "latex": latex,
    "mathml": law_mathml,
    "python": source.python,
    "c": source.c,
    "julia": source.julia,
    "matlab": source.matlab,
    "sympy": source.sympy_source,
}


def export(law: Law, to: str) -> str:
    """Return the law in one of the formats of the table.

    Raises:
        SettingError: for a format that is not in it.

    >>> from discover.export.specimen import specimen
    >>> export(specimen()[0], "python").splitlines()[0]
    'import numpy'
    >>> export(specimen()[0], "latx")
    Traceback (most recent call last):
    discover.errors.SettingError: There is no format "latx". Did you mean "latex"?
    """
    if to not in EXPORTERS:
        raise SettingError(f'There is no format "{to}".{did_you_mean(to, EXPORTERS)}')
    return EXPORTERS[to](law)
