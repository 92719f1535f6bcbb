"""Law files: a law and its front as one JSON text that another person can read, check and cite."""

import json
import os
from pathlib import Path
from typing import Any

from discover.equation import Equation, Law
from discover.errors import InputError
from discover.export import plain
from discover.export.atomic import write_text
from discover.export.migration import VERSION, migrated
from discover.export.notation import Words
from discover.export.tape import Damaged
from discover.front import Front

SCHEMA = "discover-law"
_OUTSIDE = ("schema", "version", "law", "front")


def document(law: Law, front: Front) -> dict[str, Any]:
    """Return what a law file holds, as dictionaries, lists, text and numbers."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "law": plain.encode(law, Words(law.names, law.axes)),
        "front": plain.encode(front, Words(law.names, law.axes)),
    }


def save(law: Law, front: Front, path: str | os.PathLike[str]) -> None:
    """Write a law and its front to a file; a crash leaves either the old file or the new one.

    Raises:
        InputError: if the file cannot be written.
    """
    write_text(path, laid_out(document(law, front), "") + "\n")


def laid_out(value: Any, margin: str) -> str:
    """Return JSON with a line for every field, and lists of plain values on one line."""
    inner = margin + " "
    if isinstance(value, dict) and value:
        fields = (f"{inner}{_json(name)}: {laid_out(item, inner)}" for name, item in value.items())
        return "{\n" + ",\n".join(fields) + f"\n{margin}}}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "[\n" + ",\n".join(f"{inner}{laid_out(item, inner)}" for item in value) + f"\n{margin}]"
    return _json(value)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # File names that are no UTF-8 reach Python as lone surrogates, which UTF-8 cannot hold and JSON can.
    return text if all(sign < "\ud800" or sign > "\udfff" for sign in text) else json.dumps(value, allow_nan=False)


def load(path: str | os.PathLike[str]) -> tuple[Law, Front]:
    """Read a law file back.

    Raises:
        InputError: if the file is missing, is no law file, is of a newer version, or is damaged.
    """
    name = Path(path)
    outside = parsed(read(name), name)
    _check_schema(outside, name)
    outside = migrated(outside)
    try:
        words = _words(outside["law"])
        law = plain.decode(Law, outside["law"], words, "law")
        front = plain.decode(Front, outside["front"], words, "front")
        _check(law, front)
    except Damaged as error:
        raise InputError(f"{name} is damaged: {error}.") from None
    return law, front


def read(path: Path) -> str:
    """Return the text of a file; raises InputError where there is none, or it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"There is no file {path}; a law file is written by saving what was found.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a law file: it is not UTF-8 text.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None


def parsed(text: str, path: Path) -> Any:
    """Return what JSON holds; raises InputError where it is none, or names a field twice."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except Damaged as error:
        raise InputError(f"{path} is damaged: {error}.") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path} is not a law file: it is not JSON (line {error.lineno}, column {error.colno}: {error.msg})."
        ) from None
    except (ValueError, RecursionError):  # numbers with thousands of digits, brackets nested by the thousand
        raise InputError(f"{path} is not a law file: its JSON cannot be read.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Damaged(f'the field "{name}" stands twice in one object')
        found[name] = value
    return found


def _refuse_constant(word: str) -> Any:
    raise Damaged(f'{word} is not JSON; a law file writes "{word}" in quotes')


def _check_schema(outside: Any, path: Path) -> None:
    if not isinstance(outside, dict) or "schema" not in outside:
        raise InputError(f'{path} is not a law file: it has no field "schema".')
    if outside["schema"] != SCHEMA:
        raise InputError(f'{path} is not a law file: its schema is "{outside["schema"]}" and should be "{SCHEMA}".')
    version = outside.get("version")
    if type(version) is not int or version < 1:
        raise InputError(f"{path} is damaged: version should be a whole number from 1, not {version!r}.")
    if version > VERSION:
        raise InputError(
            f"{path} is of version {version}, and this installation reads up to {VERSION}; "
            "upgrade with: pip install --upgrade discover-equations."
        )
    for name in outside:
        if name not in _OUTSIDE:
            raise InputError(f'{path} is damaged: it has an unknown field "{name}".')
    for name in _OUTSIDE:
        if name not in outside:
            raise InputError(f'{path} is damaged: it lacks its field "{name}".')


def _words(law: Any) -> Words:
    """Return what expressions call their variables and axes, which the whole law is read with."""
    none, texts = Words(()), tuple[str, ...]
    names, space = (plain.decode(texts, _field(law, name, "law"), none, f"law.{name}") for name in ("names", "space"))
    return Words(names, (plain.decode(str, _field(law, "time", "law"), none, "law.time"), *space))


def _field(value: Any, name: str, path: str) -> Any:
    if not isinstance(value, dict):
        raise Damaged(f"{path} should be an object")
    if name not in value:
        raise Damaged(f'{path} lacks its field "{name}"')
    return value[name]


def _check(law: Law, front: Front) -> None:
    """What one field promises about another."""
    n_states, n_variables = len(law.equations), len(law.names)
    _demand(len(set(law.names)) == n_variables, "law.names has a name twice")
    _demand(len(law.units) == n_variables, f"law.units has {len(law.units)} entries for {n_variables} names")
    _demand(law.names[:n_states] == law.states, "law.names should begin with the targets of law.equations")
    for at, equation in enumerate(law.equations):
        _demand(equation.names == law.names, f"law.equations[{at}].names should equal law.names")
        _check_covariance(equation, f"law.equations[{at}].covariance")
    if law.diffusion or law.kind == "stochastic":
        squared = tuple(equation.target for equation in law.diffusion)
        _demand(squared == law.states, "law.diffusion should have one equation per state, in their order")
        _demand(all(e.names == law.names for e in law.diffusion), "law.diffusion should be over law.names")
    for at, stretch in enumerate(law.evidence.stretches):
        n = stretch.time.size
        path = f"law.evidence.stretches[{at}]"
        _demand(stretch.time.shape == (n,), f"{path}.time should have one dimension")
        _demand(stretch.measured.shape == (n_variables, n), f"{path}.measured should have the shape {[n_variables, n]}")
        _demand(stretch.simulated.shape == (n_states, n), f"{path}.simulated should have the shape {[n_states, n]}")
    _check_space(law)
    for at, candidate in enumerate(front.candidates):
        path = f"front.candidates[{at}]"
        _demand(candidate.target in front.targets, f'{path}.target is "{candidate.target}", which front.targets lacks')
        sizes = {len(candidate.terms), len(candidate.coefficients), len(candidate.std)}
        _demand(len(sizes) == 1, f"{path} should have as many coefficients and std as terms")
        sizes = {len(candidate.denominator), len(candidate.divisors), len(candidate.divisor_std)}
        _demand(len(sizes) == 1, f"{path} should have as many divisors and divisor_std as terms in its denominator")


def _check_covariance(equation: Equation, path: str) -> None:
    n = len(equation.terms) + len(equation.denominator)
    fits = len(equation.covariance) in (0, n) and all(len(row) == n for row in equation.covariance)
    _demand(fits, f"{path} should have {n} rows of {n} numbers, or none")


def _check_space(law: Law) -> None:
    n_space = len(law.space)
    _demand(
        len(law.space_units) in (0, n_space), f"law.space_units has {len(law.space_units)} entries for {n_space} axes"
    )
    for at, equation in enumerate(law.equations):
        _demand(equation.space == law.space, f"law.equations[{at}].space should equal law.space")
        _demand(equation.order >= 1, f"law.equations[{at}].order should be a whole number from 1")
    for at, patch in enumerate(law.evidence.fields):
        path, grid = f"law.evidence.fields[{at}]", tuple(along.size for along in patch.coordinates)
        _demand(len(patch.axes) == len(grid) == n_space + 1, f"{path} should have {n_space + 1} axes and coordinates")
        _demand(all(along.ndim == 1 for along in patch.coordinates), f"{path}.coordinates should have one dimension")
        for name, n_rows in (("measured", len(law.names)), ("simulated", len(law.equations))):
            wanted = (n_rows, *grid)
            _demand(getattr(patch, name).shape == wanted, f"{path}.{name} should have the shape {list(wanted)}")


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise Damaged(sentence)
