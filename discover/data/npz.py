"""NPZ: named NumPy arrays, never unpickled."""

from pathlib import Path
from typing import Any

import numpy as np

from discover.data.arrays import Member, from_members, members_of
from discover.data.binary import other_kind, start_of, told_if_damaged
from discover.data.columns import Table
from discover.data.gridded import Gridded
from discover.data.roles import NOTHING, Named

OBJECTS = "holds Python objects, and unpickling them may run code; save numbers and text as plain arrays"


def read_npz(path: Path, named: Named = NOTHING) -> Table | Gridded:
    """Return the arrays of an NPZ file, or the fields of its only structured array.

    Args:
        path: the file.
        named: what the caller gave a role.

    Raises:
        DataError: where the file is damaged or no NPZ, or an array that is needed cannot be a column.
    """
    if not start_of(path).startswith(b"PK"):
        raise other_kind(path, "NPZ")
    arrays: dict[str, Any] = {}
    # The file is opened here, because NumPy leaves one that is no archive open.
    with told_if_damaged(path, "NPZ"), path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        for name in archive.files:
            arrays[name] = _read(archive, name)
    plain = {name: array for name, array in arrays.items() if array is not None}
    members = members_of(plain, _fault)
    refused = {name: Member((), lambda: None, OBJECTS) for name in arrays if name not in plain}
    return from_members({**members, **refused}, path.name, named)


def _read(archive: Any, name: str) -> Any:
    """Return an array, None where it holds objects."""
    try:
        return archive[name]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        return None


def _fault(dtype: np.dtype[Any]) -> str:
    return "holds raw bytes; save numbers or text" if dtype.kind == "V" else ""
