"""The state of a search, kept in a file: what was fitted, so that a later run goes on from there.

The file is a NumPy archive of arrays and text, replaced as a whole, and never a pickle. A search is the same from the
same data, settings and seed, so going on is running it again with the fits that are known taken from the file.
"""

import io
import json
import os
import secrets
import time
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.errors import InputError, SettingError
from discover.expr import BY_OPCODE, CONSTANT, OPERATORS, VARIABLE, Expr
from discover.inference.forms import Form
from discover.symbolic.archive import Archive, Entry
from discover.symbolic.holes import Filled

_LEAVES = {VARIABLE: "variable", CONSTANT: "number"}

FORMAT = "discover symbolic state 1"
LONGEST_TOLD = 60
"""Characters of a setting that a message still holds."""

EVERY = 5.0
"""Seconds between two writings."""


@dataclass(slots=True, eq=False)
class Keeper:
    """Writes the state of a search down, and knows that of an earlier run.

    Attributes:
        path: of the file.
        identity: name -> text of what must be the same for a search to go on: data, settings, seed.
        earlier: part of the search -> entries of the earlier run, each with the constants of the form around it.
        now: part of the search -> the archive, the stage, and how many entries it had then: what a search adds at its
            very end, a longer one comes upon in another order.
    """

    path: Path
    identity: dict[str, str]
    earlier: dict[str, list[tuple[Entry, tuple[float, ...]]]] = field(default_factory=dict)
    now: dict[str, tuple[Archive, str, int]] = field(default_factory=dict)
    written: float = field(default_factory=time.monotonic)

    @classmethod
    def at(cls, path: str | Path, identity: dict[str, str]) -> "Keeper":
        """Return the keeper of a file, which may be there from an earlier run.

        Raises:
            SettingError: where the file is no state, or that of a search of something else.
            InputError: where it cannot be read or written.
        """
        place = Path(path)
        if place.is_dir() or not place.absolute().parent.is_dir():
            raise InputError(f"The state of the search cannot be written to {place}: name a file in a folder there is.")
        keeper = cls(place, identity)
        if place.exists():
            header, arrays = _read(place)
            _same(place, header["identity"], identity)
            for k, part in enumerate(header["parts"]):
                keeper.earlier[part] = _entries(arrays, f"{k}/", header)
        return keeper

    def known(self, part: str, filled: Filled | None) -> dict[Expr, Entry]:
        """Return the entries of the earlier run, and tell a hole the constants of the form around them."""
        found = {}
        for entry, around in self.earlier.get(part, []):
            found[entry.form.expr] = entry
            if filled is not None:
                filled.known.setdefault(entry.form.expr, around)
        return found

    def keep(self, archive: Archive, part: str, stage: str) -> None:
        """Remember an archive, and write it down where the last time is long ago."""
        self.now[part] = (archive, stage, len(archive.entries))
        if time.monotonic() - self.written > EVERY:
            self.write()

    def write(self) -> None:
        """Write the state down."""
        names: dict[str, int] = {}
        arrays: dict[str, Any] = {}
        for k, (archive, _, n_entries) in enumerate(self.now.values()):
            arrays |= _arrays(archive, n_entries, f"{k}/", names)
        header = {
            "format": FORMAT,
            "identity": self.identity,
            "parts": list(self.now),
            "names": list(names),
            "stages": [stage for _, stage, _ in self.now.values()],
            "n_fits": [archive.n_fits for archive, *_ in self.now.values()],
        }
        arrays["header"] = np.array(json.dumps(header, ensure_ascii=False))
        _replace(self.path, arrays)
        self.written = time.monotonic()


def _arrays(archive: Archive, n_entries: int, part: str, names: dict[str, int]) -> dict[str, NDArray[Any]]:
    """Return the entries of an archive as arrays; operators and stages are numbers of names, which grow by them."""
    entries = list(archive.entries.values())[:n_entries]
    filled = archive.criterion if isinstance(archive.criterion, Filled) else None
    around = [filled.known.get(entry.form.expr, filled.start) if filled else () for entry in entries]
    exprs, starts = [entry.form.expr for entry in entries], [entry.form.start for entry in entries]

    def number(name: str) -> int:
        return names.setdefault(name, len(names))

    columns = {
        "operators": _whole(number(_LEAVES.get(o) or BY_OPCODE[o].name) for expr in exprs for o, _ in expr.tape),
        "arguments": _whole(argument for expr in exprs for _, argument in expr.tape),
        "n_nodes": _whole(len(expr.tape) for expr in exprs),
        "fixed": np.array([value for expr in exprs for value in expr.constants], dtype=np.float64),
        "n_fixed": _whole(len(expr.constants) for expr in exprs),
        "free": np.array([value for start in starts for value in start], dtype=np.float64),
        "n_free": _whole(len(start) for start in starts),
        "around": np.array(around, dtype=np.float64).reshape(len(entries), -1) if entries else np.empty((0, 0)),
        "measures": np.array([(e.mse, e.length, e.tokens) for e in entries], dtype=np.float64).reshape(-1, 3),
        "found_by": _whole(number(entry.stage) for entry in entries),
        "n_variables": np.array(len(archive.X), dtype=np.int64),
    }
    return {part + name: column for name, column in columns.items()}


def _whole(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)


def _entries(
    arrays: dict[str, NDArray[Any]], part: str, header: dict[str, Any]
) -> list[tuple[Entry, tuple[float, ...]]]:
    """Return the entries that `_arrays` wrote."""
    of = {name.removeprefix(part): values.tolist() for name, values in arrays.items() if name.startswith(part)}
    names = header["names"]
    opcodes = {name: opcode for opcode, name in _LEAVES.items()} | {row.name: row.opcode for row in OPERATORS}
    tape = [(opcodes[names[o]], a) for o, a in zip(of["operators"], of["arguments"], strict=True)]
    found = []
    at = [0, 0, 0]
    for i, (mse, length, tokens) in enumerate(of["measures"]):
        end = [at[0] + of["n_nodes"][i], at[1] + of["n_fixed"][i], at[2] + of["n_free"][i]]
        expr = Expr(tuple(tape[at[0] : end[0]]), tuple(of["fixed"][at[1] : end[1]]))
        form = Form(expr, of["n_variables"], tuple(of["free"][at[2] : end[2]]))
        found.append((Entry(form, mse, length, names[of["found_by"][i]], tokens), tuple(of["around"][i])))
        at = end
    return found


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    wrong = SettingError(f"{path} is not the state of a search for formulas; name another file, or remove it.")
    try:
        if not zipfile.is_zipfile(path):
            raise wrong
        with np.load(path, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        header = json.loads(str(arrays.pop("header")))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {(error.strerror or str(error)).lower()}.") from error
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise wrong from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise wrong
    return header, arrays


def _same(path: Path, then: dict[str, str], now: dict[str, str]) -> None:
    for name in (*now, *then):
        before, after = then.get(name), now.get(name)
        if before != after:
            short = before is not None and after is not None and max(len(before), len(after)) < LONGEST_TOLD
            said = f' ("{before}" then, "{after}" now)' if short else ""
            what = "other data" if name == "data" else f"another {name}{said}"
            raise SettingError(
                f"{path} is the state of a search with {what}; search with the same, or name another file."
            )


def _replace(path: Path, arrays: dict[str, Any]) -> None:
    """Write the arrays to the file, so that a crash leaves either the old file or the new one."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise InputError(f"Cannot write {path}: {(error.strerror or str(error)).lower()}.") from error
