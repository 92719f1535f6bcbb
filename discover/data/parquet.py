"""Parquet -> Table through pyarrow and pandas."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from discover.data.arrays import asked_for, is_needed
from discover.data.binary import needed, other_kind, start_of, told_if_damaged
from discover.data.columns import Table
from discover.data.frames import from_frame
from discover.data.roles import NOTHING, Named
from discover.errors import DataError


def read_parquet(path: Path, named: Named = NOTHING) -> Table:
    """Return the columns of a Parquet file; units are read from their names, or from metadata called units.

    Args:
        path: the file.
        named: what the caller gave a role; where it names the states, nested columns that it does not are left out.

    Raises:
        DataError: where the file is damaged or no Parquet, or a column that is needed is nested.
        UnavailableError: where pyarrow is not installed.
    """
    if not start_of(path).startswith(b"PAR1"):
        raise other_kind(path, "Parquet")
    parquet = needed("pyarrow.parquet", path)
    with told_if_damaged(path, "Parquet"):
        with parquet.ParquetFile(path) as file:
            table = file.read()
        frame = table.select(_flat(table.schema, path.name, asked_for(named))).to_pandas()
    read = from_frame(frame, path.name)
    return replace(read, units={name: unit for name, unit in _units(table.schema).items() if name in read.columns})


def _flat(schema: Any, source: str, asked: Collection[str] | None) -> list[int]:
    """Return the numbers of the columns with one value a row."""
    from pyarrow import types

    nested = [types.is_nested(field.type) for field in schema]
    for field in (field for field, inside in zip(schema, nested, strict=True) if inside):
        if is_needed(field.name, asked):
            raise DataError(
                f'{source}: "{field.name}" is nested ({field.type}); give one number a row, or leave it out with '
                "columns=."
            )
    return [index for index, inside in enumerate(nested) if not inside]


def _units(schema: Any) -> dict[str, str]:
    found = {field.name: (field.metadata or {}).get(b"units") for field in schema}
    return {name: unit.decode(errors="replace") for name, unit in found.items() if unit is not None}
