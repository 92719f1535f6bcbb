"""What files that are no text have in common: how they begin, how damage is told, what must be installed."""

import importlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from discover.errors import DataError, DiscoverError, UnavailableError

DAMAGE = (
    *(OSError, ValueError, RuntimeError, KeyError, TypeError, IndexError, AttributeError, EOFError, ImportError),
    *(OverflowError, struct.error, zlib.error, zipfile.BadZipFile),
)
"""What the readers raise on damaged files, which they do not check for."""

N_SEARCHED = 2056
"""Bytes in which the signature of HDF5 is looked for: it may stand behind 0, 512, 1024 or 2048 others."""


def start_of(path: Path, n_bytes: int = 8) -> bytes:
    """Return the first bytes of a file; raises DataError where it is empty or may not be read."""
    try:
        with path.open("rb") as file:
            start = file.read(n_bytes)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check its permissions.") from None
    if not start:
        raise DataError(f"{path.name} is empty; export it again.")
    return start


def is_hdf5(start: bytes) -> bool:
    """Return whether the first `N_SEARCHED` bytes of a file are those of HDF5.

    >>> is_hdf5(b"MATLAB 7.3".ljust(512) + bytes.fromhex("89484446")), is_hdf5(b"t,x")
    (True, False)
    """
    return any(start[offset : offset + 4] == b"\x89HDF" for offset in (0, 512, 1024, 2048))


def other_kind(path: Path, kind: str, remedy: str = "if it is a table of text, name it .csv") -> DataError:
    """Return the error for a file that is not what its extension says."""
    return DataError(f"{path.name} is not {kind} whatever its name says; {remedy}.")


@contextmanager
def told_if_damaged(path: Path, kind: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what a reader raises on a damaged file (and `more`) into a DataError that says so; what we raise passes."""
    try:
        yield
    except DiscoverError:
        raise
    except (*DAMAGE, *more) as error:
        lines = str(error).strip().splitlines()
        reason = lines[0][:120] if lines else type(error).__name__
        raise DataError(
            f"{path.name} is damaged or cut short and cannot be read as {kind} ({reason}); copy or export it again."
        ) from None


def needed(module: str, path: Path) -> Any:
    """Return an optional module; raises UnavailableError with the command that installs it where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise UnavailableError(
            f"{path.name} is read with the package {package}, which is not installed here; install it with: "
            f"python -m pip install {package}"
        ) from None
