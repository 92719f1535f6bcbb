"""Law files of earlier versions, brought up to date field by field.

To raise the version: add one to `VERSION`, and a row to `_STEPS` that turns a document of the version
before into one of yours. A step fills in what is missing and leaves what is damaged to the reader.
"""

from collections.abc import Callable
from typing import Any

VERSION = 3
"""Raised whenever a field is added, renamed or changes its meaning."""


def migrated(outside: dict[str, Any]) -> dict[str, Any]:
    """Return a law file's document as the present version writes it.

    >>> old = {"version": 1, "law": {"equations": [{}], "evidence": {}}}
    >>> migrated(old)["law"]["equations"]
    [{'space': [], 'kind': 'derivative', 'order': 1}]
    """
    for version in range(outside["version"], VERSION):
        outside = {**outside, "version": version + 1, "law": _STEPS[version](outside["law"])}
    return outside


def _over_space(law: Any) -> Any:
    """Version 2 knows laws over space, maps, and higher derivatives by time."""
    if not isinstance(law, dict):
        return law
    law = {"space": [], "space_units": [], **law}
    if isinstance(law.get("evidence"), dict):
        law["evidence"] = {"fields": [], **law["evidence"]}
    if isinstance(law.get("equations"), list):
        law["equations"] = [
            {"space": [], "kind": "derivative", "order": 1, **equation} if isinstance(equation, dict) else equation
            for equation in law["equations"]
        ]
    return law


def _new_formulations(law: Any) -> Any:
    """Version 3 has fields with defaults that version 2 lacks: denominators, and their kin of other formulations."""
    return law


_STEPS: dict[int, Callable[[Any], Any]] = {1: _over_space, 2: _new_formulations}
