"""A job done here instead of in a process of its own: what it writes, and what it says where it cannot."""

import resource
from pathlib import Path
from typing import Any

import pytest

from discover.batch.child import equation_texts, performed
from discover.batch.manifest import LAW, REPORT, digest_of
from discover.batch.plan import Job
from discover.discovery import Discovery
from discover.export.specimen import family, specimen
from tests.batch.conftest import decay


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job("a", (str(decay(tmp_path / "a.csv")),), {"degree": 1, "max_evals": 500})


def silent(message: dict[str, Any]) -> None:
    """Hear nothing."""


def test_a_law_and_its_report_are_written_and_known_by_their_digests(job: Job, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    answer = performed(job, tmp_path / "out", told.append)
    assert answer.status == "done"
    assert dict(answer.files) == {name: digest_of(tmp_path / "out" / name) for name in (LAW, REPORT)}
    assert [one["step"] for one in told][:2] == ["reading", "starting"]
    assert told[-1] == {"step": "writing", "share": 1.0}


def test_a_file_that_finds_no_room_is_a_failure_without_a_draft(job: Job, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, before[1]))  # the law fits, its report does not
    try:
        answer = performed(job, tmp_path / "out", silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert answer.status == "failed"
    assert "file too large" in answer.error.lower()
    assert [one.name for one in (tmp_path / "out").iterdir()] == [LAW]


def test_what_a_failure_leaves_does_not_pass_for_an_answer(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for name in (LAW, REPORT, ".law.json.abc.tmp"):
        (folder / name).write_text("old")
    answer = performed(Job("a", (str(tmp_path / "gone.csv"),), {}), folder, silent)
    assert answer.status == "failed"
    assert "gone.csv" in answer.error
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_told(job: Job, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    answer = performed(job, tmp_path / "out" / "a", silent)
    assert answer.status == "failed"
    assert answer.error.startswith("Not a directory: ")


@pytest.mark.parametrize("pair", [specimen(), family()], ids=["one law", "a law by cases"])
def test_a_law_is_told_an_equation_a_line_and_nothing_else(pair: Any) -> None:
    told = equation_texts(Discovery(*pair))
    assert [line.split("'")[0] for line in told] == list(pair[0].states)
    assert not any("\n" in line for line in told)
