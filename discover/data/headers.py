"""Headers -> names and units: `T [K]` is T in kelvin, `v (m/s)` too, and `v (raw)` is a name."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from discover.data.columns import Table
from discover.data.units import symbols
from discover.data.vocabulary import ARBITRARY, MISTAKEN
from discover.errors import DataError, SettingError, UnitError

_SQUARE = re.compile(r"(?P<name>.*\S)\s*\[(?P<unit>[^\[\]]*)\]")
_ROUND = re.compile(r"(?P<name>[^()]*\S)\s*\((?P<unit>(?:[^()]|\([^()]*\))*)\)")
_LETTERS = frozenset("msghdKANJWVCFTHLlM%°")
"""Single letters that are a unit in round brackets; the others ("x (a)", "x (b)") tell columns apart."""


def split_headers(table: Table, units: Mapping[str, str] | None = None) -> Table:
    """Return the table with units taken off its headers, and those of `units` put in their place.

    Raises UnitError for an unknown unit in square brackets, DataError for names that are no longer different or are
    not there.
    """
    given = _given(units)
    found: dict[str, tuple[str, str | None]] = {}
    notes: list[str] = []
    stems = Counter(stem(header) for header in table.columns)
    for header in table.columns:
        overridden = header in given or stem(header) in given
        name, unit, note = _split(table, header, overridden, alone=stems[stem(header)] == 1)
        found[header] = (name, unit)
        notes += note
    _refuse_duplicates(table, found)
    named = replace(
        table,
        columns={found[header][0]: cells for header, cells in table.columns.items()},
        headers={name: header for header, (name, _) in found.items() if name != header} | dict(table.headers),
        time=table.time and found[table.time][0],
        group=table.group and found[table.group][0],
        inputs=tuple(found[header][0] for header in table.inputs),
    )
    known, more = _from_source(table, found)
    known |= {name: unit for name, unit in found.values() if unit is not None}
    known |= {named.find(name, "units="): unit for name, unit in given.items()}
    return replace(named, units={name: unit for name, unit in known.items() if unit}).noting([*notes, *more])


def _given(units: Mapping[str, str] | None) -> dict[str, str]:
    if units is None:
        return {}
    if not isinstance(units, Mapping):
        raise SettingError(f'units= must be a dict such as {{"T": "K"}}, not {units!r}.')
    for name, unit in units.items():
        if not isinstance(unit, str):
            raise SettingError(f'units= must give text for "{name}", not {unit!r}; "1" is dimensionless.')
        if unit.strip() not in ARBITRARY:
            symbols(unit)
    return {name: "" if unit.strip() in ARBITRARY else unit.strip() for name, unit in units.items()}


def stem(header: str) -> str:
    """Return a header without the unit in brackets behind it.

    >>> stem("v [m s-1]"), stem("v")
    ('v', 'v')
    """
    match = _SQUARE.fullmatch(header) or _ROUND.fullmatch(header)
    return match["name"] if match else header


def _split(table: Table, header: str, overridden: bool, alone: bool) -> tuple[str, str | None, list[str]]:
    """Return name, unit (None: unknown) and notes of one header."""
    if square := _SQUARE.fullmatch(header):
        name, unit = square["name"], square["unit"].strip()
        if overridden:
            return name, None, []
        if unit in ARBITRARY:
            return name, None, [f'The unit of "{name}", [{unit}], is taken as unknown.'] if unit else []
        _check(table, header, unit)
        return name, unit, _mistaken(name, unit)
    around = _ROUND.fullmatch(header)
    if around and alone and _is_unit(around["unit"].strip()):
        name, unit = around["name"], around["unit"].strip()
        return name, unit, [f'The unit of "{name}" was read from round brackets: {unit}.', *_mistaken(name, unit)]
    return header, None, []


def _check(table: Table, header: str, unit: str) -> None:
    try:
        symbols(unit)
    except UnitError as error:
        raise UnitError(f'{table.source}, column "{header}": {error}') from None


def _is_unit(text: str) -> bool:
    if text == "-" or text in _LETTERS:
        return True
    if len(text) < 2 or text.isdigit():
        return False
    try:
        symbols(text)
    except UnitError:
        return False
    return True


def _mistaken(name: str, unit: str) -> list[str]:
    if unit not in MISTAKEN or not name.lower().startswith("t"):
        return []
    meant, other = MISTAKEN[unit]
    return [f'The unit of "{name}", {unit}, is the {meant}; if a temperature is meant, write {other}.']


def _from_source(table: Table, found: Mapping[str, tuple[str, str | None]]) -> tuple[dict[str, str], list[str]]:
    """Return the units that a NetCDF or a Dataset gives in attributes; those nobody knows are unknown, and noted."""
    known: dict[str, str] = {}
    notes: list[str] = []
    for header, unit in table.units.items():
        name = found[header][0]
        try:
            symbols(unit)
        except UnitError:
            notes.append(f'The unit "{unit}" of "{name}" is not known and constrains nothing.')
        else:
            known[name] = unit
    return known, notes


def _refuse_duplicates(table: Table, found: Mapping[str, tuple[str, str | None]]) -> None:
    counts = Counter(name for name, _ in found.values())
    for name, count in counts.items():
        if count > 1:
            headers = ", ".join(f'"{header}"' for header, (other, _) in found.items() if other == name)
            raise DataError(f'{table.source}: {headers} are all called "{name}" without their units; rename them.')
