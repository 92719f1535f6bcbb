"""The manifest: what it keeps, what a crash costs, and when inputs count as changed."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from discover.batch.manifest import (
    MANIFEST,
    Answer,
    Input,
    Ledger,
    Record,
    cut_off,
    fingerprint,
    input_of,
    is_unchanged,
    read,
)
from discover.batch.plan import Job
from discover.errors import InputError

RECORD = Record(
    "a",
    ("x.csv",),
    {"seed": 1},
    "f00",
    "2026-01-01",
    Answer(
        "done",
        seconds=1.5,
        verdict="law",
        equations=("x' = −x",),
        fit=0.9,
        inputs=(Input("x.csv", 3, 4, "beef"),),
        versions=(("numpy", "2"),),
        files=(("law.json", "cafe"),),
    ),
)


def test_records_come_back_and_the_last_one_of_a_job_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.add(replace(RECORD, answer=Answer("running")), RECORD, replace(RECORD, job="b"))
    assert read(tmp_path) == {"a": RECORD, "b": replace(RECORD, job="b")}


@pytest.mark.parametrize("n", [2, 40, 200])
def test_a_torn_line_costs_that_line_only(tmp_path: Path, n: int) -> None:
    ledger = Ledger(tmp_path)
    ledger.add(RECORD, replace(RECORD, job="b"))
    place = tmp_path / MANIFEST
    os.truncate(place, place.stat().st_size - n)
    assert set(read(tmp_path)) == {"a"}
    ledger.add(replace(RECORD, job="c"))
    assert set(read(tmp_path)) == {"a", "c"}


def test_lines_that_are_no_records_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"job": 3}\n[]\nnull\n{"answer": {"status": "odd"}}\n\n')
    assert read(tmp_path) == {}


def test_a_folder_without_a_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no batch"):
        read(tmp_path)


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"no space left on device.*--resume"):
        Ledger(tmp_path).add(RECORD)


def test_an_input_is_known_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("1,2\n")
    before = input_of(str(path))
    assert is_unchanged(before, str(path))
    os.utime(path, ns=(1, 1))
    assert is_unchanged(before, str(path)), "another date is no other content"
    path.write_text("1,3\n")
    assert not is_unchanged(before, str(path))
    path.unlink()
    assert not is_unchanged(before, str(path))


def test_a_folder_is_known_by_its_files_and_their_names(tmp_path: Path) -> None:
    store = tmp_path / "s.zarr"
    (store / "u").mkdir(parents=True)
    (store / "u" / "0").write_text("a")
    (store / "u" / "1").write_text("b")
    before = input_of(str(store))
    (store / "u" / "0").write_text("b")
    (store / "u" / "1").write_text("a")
    assert not is_unchanged(before, str(store))


def test_what_the_law_does_not_depend_on_is_not_in_its_fingerprint() -> None:
    job = Job("a", ("x/a.csv",), {"seed": 1, "threads": 1})
    assert fingerprint(job) == fingerprint(Job("b", ("y/a.csv",), {"seed": 1, "memory_limit": "2 GB"}))
    assert fingerprint(job) != fingerprint(Job("a", ("x/b.csv",), {"seed": 1}))
    assert fingerprint(job) != fingerprint(Job("a", ("x/a.csv",), {"seed": 1, "target": "x"}))


def test_a_job_that_was_running_when_everything_ended_was_cut_off() -> None:
    assert cut_off(RECORD) is RECORD
    ended = cut_off(replace(RECORD, answer=Answer("running")))
    assert ended.answer.status == "interrupted"
    assert "without a word" in ended.answer.error
