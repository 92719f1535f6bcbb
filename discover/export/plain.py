"""Typed data as plain data: frozen dataclasses to dictionaries that JSON can hold, and back.

One walk over the type hints serves every type of a law, so a field added there is saved and checked
here without another line. Floats keep every bit (JSON text of a float is its shortest exact form);
NaN and infinities, which JSON has no number for, travel as the words "NaN", "Infinity", "-Infinity".
"""

import dataclasses
import functools
import math
import types
import typing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.export import tape
from discover.export.notation import Words
from discover.export.tape import Damaged
from discover.expr import Expr

_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode(value: Any, words: Words) -> Any:
    """Return dataclasses, tuples, arrays and expressions as dictionaries, lists, text and numbers.

    >>> from discover.equation import Verdict
    >>> encode(Verdict("none", ("white noise",)), Words(()))
    {'word': 'none', 'reasons': ['white noise']}
    """
    if isinstance(value, Expr):
        return tape.encode(value, words)
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "values": [_number(item) for item in value.ravel().tolist()]}
    if dataclasses.is_dataclass(value):
        return {field.name: encode(getattr(value, field.name), words) for field in _fields(value)}
    if isinstance(value, tuple):
        return [encode(item, words) for item in value]
    return _number(float(value)) if isinstance(value, float) else value


def decode(kind: Any, value: Any, words: Words, path: str) -> Any:
    """Return plain `value` as an object of type `kind`.

    Args:
        kind: a dataclass or one of the types that its fields have.
        value: what JSON gave.
        words: what variables and axes are called, for the expressions.
        path: where in the file it stands, for the message.


    Raises:
        Damaged: where the value does not fit the type.

    >>> from discover.equation import Verdict
    >>> decode(Verdict, {"word": "none", "reasons": ["white noise"]}, Words(()), "verdict")
    Verdict(word='none', reasons=('white noise',))
    """
    origin = typing.get_origin(kind)
    if kind is Expr:
        return tape.decode(value, words, path)
    if origin in (np.ndarray, NDArray):  # newer NumPy keeps NDArray as a type of its own
        return _array(value, path)
    if dataclasses.is_dataclass(kind):
        return _record(kind, value, words, path)
    if origin is tuple:
        return _tuple(typing.get_args(kind), value, words, path)
    if origin in (types.UnionType, typing.Union):
        return _optional(kind, value, words, path)
    if origin is typing.Literal:
        return _one_of(typing.get_args(kind), value, path)
    return _scalar(kind, value, path)


_NONE = Words(())


def _fields(kind: Any) -> "list[dataclasses.Field[Any]]":
    """Return the fields that make up a value; what does not count when values are compared is not kept."""
    return [field for field in dataclasses.fields(kind) if field.compare]


def _number(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _record(kind: Any, value: Any, words: Words, path: str) -> Any:
    if not isinstance(value, dict):
        raise Damaged(f"{path} should be an object, not {_shown(value)}")
    hints = _hints(kind)
    fields = {field.name: field for field in _fields(kind)}
    for name in value:
        if name not in fields:
            raise Damaged(f'{path} has an unknown field "{name}"')
    for name, field in fields.items():
        if name not in value and field.default is dataclasses.MISSING:
            raise Damaged(f'{path} lacks its field "{name}"')
    # A field with a default may be missing: files of earlier versions do not know it.
    return kind(**{name: decode(hints[name], value[name], words, f"{path}.{name}") for name in fields if name in value})


_hints = functools.cache(typing.get_type_hints)


def _tuple(kinds: tuple[Any, ...], value: Any, words: Words, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Damaged(f"{path} should be a list, not {_shown(value)}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(decode(kinds[0], item, words, f"{path}[{at}]") for at, item in enumerate(value))
    if len(value) != len(kinds):
        raise Damaged(f"{path} should have {len(kinds)} entries, not {len(value)}")
    pairs = zip(kinds, value, strict=True)
    return tuple(decode(kind, item, words, f"{path}[{at}]") for at, (kind, item) in enumerate(pairs))


def _optional(kind: Any, value: Any, words: Words, path: str) -> Any:
    inner = [choice for choice in typing.get_args(kind) if choice is not type(None)]
    return None if value is None else decode(inner[0], value, words, path)


def _one_of(choices: tuple[Any, ...], value: Any, path: str) -> Any:
    if not isinstance(value, str) or value not in choices:
        raise Damaged(f"{path} should be one of {', '.join(map(str, choices))}, not {_shown(value)}")
    return value


def _scalar(kind: Any, value: Any, path: str) -> Any:
    if kind is float:
        return _float(value, path)
    # bool is an int to Python, but true is no count
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Damaged(f"{path} should be {_KINDS[kind]}, not {_shown(value)}")
    return value


_KINDS = {str: "text", int: "a whole number", bool: "true or false"}


def _float(value: Any, path: str) -> float:
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Damaged(f"{path} should be a number, not {_shown(value)}")
    try:
        return float(value)
    except OverflowError:
        raise Damaged(f"{path} is too large for a number") from None


def _array(value: Any, path: str) -> np.ndarray:
    if not isinstance(value, dict) or set(value) != {"shape", "values"}:
        raise Damaged(f'{path} should be an object with "shape" and "values", not {_shown(value)}')
    shape = decode(tuple[int, ...], value["shape"], _NONE, f"{path}.shape")
    values = decode(tuple[float, ...], value["values"], _NONE, f"{path}.values")
    if min(shape, default=0) < 0 or math.prod(shape) != len(values):
        raise Damaged(f"{path} has {len(values)} values, which do not fill its shape {list(shape)}")
    return np.array(values, dtype=np.float64).reshape(shape)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
