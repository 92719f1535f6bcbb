"""Law files of earlier versions still load."""

import json
from pathlib import Path
from typing import Any

import pytest

from discover.errors import InputError
from discover.export.lawfile import document, load
from discover.export.migration import VERSION, migrated
from discover.export.specimen import specimen


def first_version() -> dict[str, Any]:
    """Return the specimen as version 1 wrote it."""
    old = document(*specimen())
    old["version"] = 1
    for name in ("space", "space_units"):
        del old["law"][name]
    del old["law"]["evidence"]["fields"]
    for equation in old["law"]["equations"]:
        for name in ("space", "kind", "order"):
            del equation[name]
    return old


def test_version_1_loads_as_the_law_it_was(tmp_path: Path) -> None:
    path = tmp_path / "law.json"
    path.write_text(json.dumps(first_version()), encoding="utf-8")
    assert load(path) == specimen()


def test_the_present_version_is_left_alone() -> None:
    now = document(*specimen())
    assert migrated(now) is now


def test_the_document_handed_in_is_not_changed() -> None:
    old = first_version()
    before = json.dumps(old)
    assert migrated(old)["version"] == VERSION
    assert json.dumps(old) == before


@pytest.mark.parametrize("field", ["law", "equations", "evidence"])
@pytest.mark.parametrize("value", [None, 3, "text", [1], [None]])
def test_what_is_damaged_is_left_to_the_reader(tmp_path: Path, field: str, value: object) -> None:
    old = first_version()
    if field == "law":
        old["law"] = value
    else:
        old["law"][field] = value
    path = tmp_path / "law.json"
    path.write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        load(path)
