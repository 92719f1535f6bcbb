"""Conserved quantities as one JSON text that another person can read, check and cite."""

import os
from pathlib import Path
from typing import Any

from discover.errors import InputError
from discover.export import plain
from discover.export.atomic import write_text
from discover.export.lawfile import laid_out, parsed, read
from discover.export.notation import Words
from discover.export.tape import Damaged
from discover.inference.quantities import Conservation

SCHEMA, VERSION = "discover-conserved", 1


def save(found: Conservation, path: str | os.PathLike[str]) -> None:
    """Write conserved quantities to a file; a crash leaves either the old file or the new one.

    Raises:
        InputError: if the file cannot be written.
    """
    write_text(path, laid_out(document(found), "") + "\n")


def document(found: Conservation) -> dict[str, Any]:
    """Return what such a file holds, as dictionaries, lists, text and numbers."""
    words = Words(found.names, (found.time,))
    return {"schema": SCHEMA, "version": VERSION, "conserved": plain.encode(found, words)}


def load(path: str | os.PathLike[str]) -> Conservation:
    """Read such a file back.

    Raises:
        InputError: if the file is missing, is no such file, is of a newer version, or is damaged.
    """
    name = Path(path)
    outside = parsed(read(name), name)
    if not isinstance(outside, dict) or outside.get("schema") != SCHEMA:
        raise InputError(f'{name} holds no conserved quantities: its field "schema" is not "{SCHEMA}".')
    if outside.get("version") != VERSION:
        raise InputError(
            f"{name} is of version {outside.get('version')!r}, and this installation reads version {VERSION}; "
            "upgrade with: pip install --upgrade discover-equations."
        )
    try:
        inside = outside.get("conserved")
        if not isinstance(inside, dict):
            raise Damaged('it lacks its field "conserved"')
        words = Words(())
        names = plain.decode(tuple[str, ...], inside.get("names"), words, "conserved.names")
        time = plain.decode(str, inside.get("time"), words, "conserved.time")
        return plain.decode(Conservation, inside, Words(names, (time,)), "conserved")
    except Damaged as error:
        raise InputError(f"{name} is damaged: {error}.") from None
