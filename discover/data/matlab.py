"""MATLAB .mat: versions 4 to 7 through SciPy, version 7.3, which is HDF5, through h5py."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.arrays import Member, from_members, is_column
from discover.data.binary import N_SEARCHED, is_hdf5, other_kind, start_of, told_if_damaged
from discover.data.columns import Table
from discover.data.gridded import Gridded
from discover.data.mat_elements import check_elements
from discover.data.roles import NOTHING, Named

if TYPE_CHECKING:
    import h5py

NUMBERS = frozenset(
    {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
)

FAULTS = {
    "struct": 'is a struct; save its fields as variables, with save(file, "-struct", name)',
    "sparse": "is a sparse matrix; save its columns as full vectors",
    "cell": "is a cell array of other things than text; save its numbers as vectors",
    "function": "is a function; save the numbers that it gives",
    "function_handle": "is a function; save the numbers that it gives",
}
"""Class of a variable -> why it is no column, and what to do."""


def read_matlab(path: Path, named: Named = NOTHING) -> Table | Gridded:
    """Return the arrays of a .mat file: numbers, char matrices and cell arrays of text.

    Args:
        path: the file.
        named: what the caller gave a role.

    Raises:
        DataError: where the file is damaged or not MATLAB's, or where a variable that is needed cannot be a column.
    """
    start = start_of(path, N_SEARCHED)
    if is_hdf5(start):
        import h5py

        with told_if_damaged(path, "MATLAB 7.3"), h5py.File(path, "r") as file:
            return from_members(_members_of_hdf5(file), path.name, named)
    # Version 4 has no signature, but a zero in its first number, whose decimal digits say how the file is written.
    if not start.startswith(b"MATLAB") and 0 not in start[:4]:
        raise other_kind(path, "MATLAB", "in Octave save it with -v7, and name a table of text .csv")
    from scipy.io.matlab import MatReadError

    # A damaged size may be any, and after a class that does not exist SciPy returns a variable that it never set.
    with told_if_damaged(path, "MATLAB", MatReadError, MemoryError, UnboundLocalError):
        if start.startswith(b"MATLAB"):
            check_elements(path)
        members = _members(path)
        if not start.startswith(b"MATLAB") and not all(map(_is_name, members)):
            raise ValueError("it begins like version 4, but names no variables")
        return from_members(members, path.name, named)


def _fault(kind: str) -> str:
    other = f'is a MATLAB object ("{kind}", as tables and datetimes are); save its columns as vectors of numbers'
    return "" if kind in NUMBERS | {"char"} else FAULTS.get(kind, other)


def _is_name(name: str) -> bool:
    return name.isascii() and name.isidentifier()


# --- versions 4 to 7 --------------------------------------------------------------------------------------------------


def _members(path: Path) -> dict[str, Member]:
    from scipy.io import whosmat

    with _unreadable_is_an_error():
        listed = {str(name): (shape, kind) for name, shape, kind in whosmat(path) if not str(name).startswith("__")}
    # What stands in cells, and whether truth values are sparse, shows only in the values.
    unclear = [name for name, (_, kind) in listed.items() if kind in ("cell", "logical")]
    values = _load(path, unclear)
    return {name: _member(path, name, shape, kind, values.get(name)) for name, (shape, kind) in listed.items()}


def _load(path: Path, names: list[str]) -> dict[str, Any]:
    from scipy.io import loadmat

    with _unreadable_is_an_error():
        return loadmat(path, variable_names=names) if names else {}


@contextmanager
def _unreadable_is_an_error() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="Unreadable variable")
        yield


def _member(path: Path, name: str, shape: tuple[int, ...], kind: str, value: Any) -> Member:
    """Return a variable; `value` is None where it was not loaded yet."""
    from scipy.sparse import issparse

    if kind == "cell":
        texts = [_cell_text(cell) for cell in np.ravel(value)]
        return Member(shape, lambda: texts, FAULTS["cell"] if None in texts else "")
    if kind == "logical":
        return Member(shape, lambda: np.asarray(value, dtype=bool), FAULTS["sparse"] if issparse(value) else "")
    return Member(shape, lambda: _load(path, [name])[name], _fault(kind))


def _cell_text(cell: Any) -> str | None:
    """Return the text in a cell, None where there is something else."""
    array = np.asarray(cell)
    if array.size == 0:
        return ""
    return str(array.flat[0]) if array.dtype.kind == "U" and array.size == 1 else None


# --- version 7.3 ------------------------------------------------------------------------------------------------------


def _members_of_hdf5(file: "h5py.File") -> dict[str, Member]:
    return {name: _member_of_hdf5(file, item) for name, item in file.items() if not name.startswith("#")}


def _member_of_hdf5(file: "h5py.File", item: Any) -> Member:
    import h5py

    kind = _class(item)
    if isinstance(item, h5py.Group):
        return Member((), lambda: None, FAULTS["sparse"] if "MATLAB_sparse" in item.attrs else _fault(kind or "struct"))
    if item.attrs.get("MATLAB_empty", 0):
        return Member((0,), lambda: None)
    if kind == "char":
        return Member(item.shape[1:], lambda: _rows_of_text(item[...]))
    if kind == "cell":
        cells: list[Any] = [file[reference] for reference in np.ravel(item[...])] if is_column(item.shape) else []
        fault = "" if all(_class(cell) == "char" for cell in cells) else FAULTS["cell"]
        return Member(item.shape, lambda: ["".join(_rows_of_text(cell[...])[:1]) for cell in cells], fault)
    shape = item.shape[::-1]  # MATLAB writes columns one after the other, HDF5 rows
    if item.dtype.names == ("real", "imag"):
        return Member(shape, lambda: (item["real"] + 1j * item["imag"]).T)
    known = kind if kind or item.dtype.kind not in "biuf" else "double"
    return Member(shape, lambda: (item[...].astype(bool) if kind == "logical" else item[...]).T, _fault(known))


def _class(item: Any) -> str:
    name = item.attrs.get("MATLAB_class", b"")
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _rows_of_text(codes: Any) -> list[str]:
    """Return the rows of a char matrix from its codes, shape (n_characters, n_rows); [] where it is empty."""
    return ["".join(map(chr, row)) for row in codes.T] if codes.ndim == 2 else []
