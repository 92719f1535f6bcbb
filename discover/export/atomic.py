"""Write a whole text file or none of it."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from discover.errors import InputError


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` as UTF-8, so that a crash leaves either the old file or the new one.

    Raises:
        InputError: if the place cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(folder + "/a.txt", "whole")
    ...     Path(folder, "a.txt").read_text()
    'whole'
    """
    place, content = Path(path), text.encode("utf-8", "replace")
    try:
        if place.is_dir():
            raise InputError(f"Cannot write {place}: it is a folder; add a file name.")
        if place.exists() and not place.is_file():
            place.write_bytes(content)  # a pipe or a device must be written to, never replaced
        else:
            _replace(place.resolve(), content)
    except OSError as error:
        raise InputError(f"Cannot write {place}: {_reason(error, place)}.") from error


def _replace(place: Path, content: bytes) -> None:
    # Not tempfile: that creates files only their owner may read, whatever the umask says.
    draft = place.with_name(f".{place.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, place)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    _settle(place.parent)


def _settle(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can (Windows cannot open folders)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError, place: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"the folder {place.parent} does not exist; create it first"
    return (error.strerror or str(error)).lower()
