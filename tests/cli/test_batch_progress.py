"""What a batch says while it runs."""

import pytest

from discover.batch.manifest import Answer, Record
from discover.cli.batch_progress import Bars, Lines, closing

DONE = Record("a", (), {}, "", "", Answer("done", verdict="law", seconds=2.34))
FAILED = Record("b", (), {}, "", "", Answer("failed", error="No data.", seconds=0.5))


def test_lines_say_what_ended_and_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.checks("checking", 0.5)
    lines.begins(2, 1, ["c will fail: gone"])
    lines.step("a", "reading", 0.1)
    lines.ends(DONE)
    lines.ends(FAILED)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "2 jobs to do, 1 complete already",
        "note: c will fail: gone",
        "[1/2] a: law (2.3 s)",
        "[2/2] b: failed: No data. (0.5 s)",
    ]


def test_bars_show_the_jobs_at_work_and_take_them_away() -> None:
    with Bars() as bars:
        bars.checks("checking the data", 0.5)
        bars.begins(2, 0, [])
        bars.step("a", "[reading]", 0.1)
        bars.step("b", "searching", 0.2)
        assert [task.description for task in bars.progress.tasks] == ["2 jobs to do", "a: [reading]", "b: searching"]
        bars.ends(DONE)
        assert [task.description for task in bars.progress.tasks] == ["2 jobs to do", "b: searching"]
        assert bars.progress.tasks[0].completed == 1


def test_the_line_of_a_job() -> None:
    assert closing(FAILED) == "b: failed: No data. (0.5 s)"
