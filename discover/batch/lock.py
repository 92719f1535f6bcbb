"""One batch at a time in a folder: a lock that ends with the process that holds it, however that ends."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from discover.errors import SettingError

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make a folder, and hold it for as long as the block takes.

    Raises:
        SettingError: where another batch holds it, or it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingError(f"{folder} cannot be written to: {reason}; name another folder with --output.") from None
    with file:
        if not _seized(file):
            file.seek(0)
            raise SettingError(
                f"Another batch is at work in {folder} ({file.read().strip() or 'process unknown'}); wait for it, or "
                "name another folder with --output."
            )
        file.truncate(0)
        with suppress(OSError):  # who holds it is for people; on a full disk the lock holds all the same
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            file.flush()
        yield


def is_free(folder: Path) -> bool:
    """Return whether no batch is at work in a folder."""
    try:
        with (folder / LOCK).open("r+", encoding="utf-8") as file:
            return _seized(file)
    except OSError:
        return True


def _seized(file: IO[str]) -> bool:
    """Return whether the lock on an open file is ours; the system lets go of it when the process is gone."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        file.seek(1024)  # beyond the text, which must stay readable; pyright: these exist on Windows only
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
