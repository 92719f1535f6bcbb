"""A batch whose worker and coordinator are killed, in a folder that two want; then resumed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import discover
from discover.batch.manifest import LAW, REPORT, read
from discover.batch.plan import read_plan
from discover.batch.run import again, run_batch
from discover.errors import InputError, SettingError
from tests.batch.conftest import children, decay, endless, is_alive, plan_of

PLAN = """\
[defaults]
degree = 1
max_evals = 500
[[jobs]]
data = "a.csv"
[[jobs]]
data = "b.csv"
"""


def until(holds: Callable[[], Any], what: str, seconds: float = 100.0) -> Any:
    """Wait for something to hold, and return it."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
    return found


@contextmanager
def started(plan: Path, output: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """Start `discover batch` as a process of its own, which does not outlive the block."""
    call = [str(Path(sys.executable).parent / "discover"), "batch", str(plan), "--output", str(output), *options]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def state(folder: Path, job: str) -> str:
    """Return the status of a job in a manifest that may not be there yet."""
    try:
        return read(folder)[job].answer.status
    except (InputError, KeyError):
        return ""


def law_of(folder: Path, job: str) -> dict[str, Any]:
    """Return a law file without its date."""
    content = json.loads((folder / job / LAW).read_text(encoding="utf-8"))
    content["law"]["provenance"].pop("created")
    return content


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a plan whose batch lost a worker and then its coordinator, and was resumed."""
    home = tmp_path_factory.mktemp("batch")
    decay(home / "a.csv", rate=1.0)
    endless(home / "b.csv")
    endless(home / "c.csv")
    plan = plan_of(home, PLAN + '[[jobs]]\ndata = "c.csv"\n')
    with started(plan, home / "out", "--jobs", "3") as coordinator:
        until(lambda: state(home / "out", "a") == "done", "the first law")
        until(lambda: state(home / "out", "c") == "running", "the third job")
        with pytest.raises(SettingError, match=f"at work in .* \\(process {coordinator.pid} on"):
            run_batch(plan, output=home / "out", resume=True)
        first, second = sorted(children(coordinator.pid))
        os.kill(first, signal.SIGKILL)
        until(lambda: "failed" in (state(home / "out", "b"), state(home / "out", "c")), "the failure of a killed job")
        os.kill(coordinator.pid, signal.SIGKILL)
        coordinator.communicate()
    until(lambda: not is_alive(second), "the end of a process whose coordinator is gone")
    discover.summary(home / "out")
    assert sorted(state(home / "out", job) for job in "abc") == ["done", "failed", "running"]
    assert "ended without a word" in (home / "out" / "summary.html").read_text(encoding="utf-8")

    decay(home / "b.csv", rate=0.5, seed=1)
    plan = plan_of(home, PLAN)
    done = run_batch(plan, output=home / "out", resume=True)
    assert done.kept == ("a",)
    assert not done.failed
    assert not done.interrupted
    assert state(home / "out", "c") == "dropped"
    return home


def test_resumed_laws_are_those_of_an_undisturbed_run(survivor: Path) -> None:
    for job in ("a", "b"):
        alone = discover.dynamics(survivor / f"{job}.csv", library=discover.Polynomial(1), max_evals=500)
        alone.save(survivor / LAW)
        expected = json.loads((survivor / LAW).read_text(encoding="utf-8"))
        expected["law"]["provenance"].pop("created")
        assert law_of(survivor / "out", job) == expected
        assert (survivor / "out" / job / REPORT).exists()


def test_a_table_of_what_became_of_them(survivor: Path) -> None:
    done = run_batch(survivor / "plan.toml", output=survivor / "out", resume=True)
    assert done.kept == ("a", "b")
    table = done.table()
    assert list(table["job"]) == ["a", "b"]
    assert (table["status"] == "done").all()
    assert table["law"].str.contains("x").all()


def test_nothing_is_overwritten_without_being_asked_to(survivor: Path) -> None:
    with pytest.raises(SettingError, match=r"holds a batch already.*resume"):
        run_batch(survivor / "plan.toml", output=survivor / "out")


def test_what_is_complete_and_valid_is_kept_and_nothing_else(survivor: Path, tmp_path: Path) -> None:
    job, other = read_plan(survivor / "plan.toml").jobs
    folder = tmp_path / "out"
    shutil.copytree(survivor / "out", folder)
    record = read(folder)["a"]
    assert again(job, record, folder) is None
    assert again(replace(job, settings={**job.settings, "threads": 2}), record, folder) is None
    assert again(replace(job, settings={**job.settings, "seed": 7}), record, folder) == "its settings have changed"
    moved = shutil.copy(job.data[0], tmp_path / "a.csv")
    assert again(replace(job, data=(str(moved),)), record, folder) is None, "the same file elsewhere is the same file"
    moved.write_text(moved.read_text().replace("1", "2", 1))
    assert again(replace(job, data=(str(moved),)), record, folder) == "its data have changed"
    assert again(replace(job, data=other.data), record, folder) == "its settings have changed"
    with (folder / "a" / LAW).open("r+") as law:
        law.truncate(100)
    assert again(job, record, folder) == "its law.json is missing or damaged"
    (folder / "a" / REPORT).unlink()
    assert again(other, read(folder)["b"], folder) is None
    assert again(job, None, folder) == "new"


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path: Path) -> None:
    endless(tmp_path / "b.csv")
    decay(tmp_path / "broken.csv").write_text("t,x\n")
    plan = plan_of(tmp_path, '[[jobs]]\ndata = "b*.csv"\n')
    with started(plan, tmp_path / "out", "--jobs", "2") as coordinator:
        until(lambda: state(tmp_path / "out", "broken") == "failed", "the job that fails")
        until(lambda: state(tmp_path / "out", "b") == "running", "the job that goes on")
        coordinator.send_signal(signal.SIGINT)
        out, err = coordinator.communicate(timeout=60)
    assert coordinator.returncode == 130
    assert state(tmp_path / "out", "b") == "interrupted"
    assert "1 interrupted" in out
    assert "--resume" in err
    assert "Traceback" not in err


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_runs(tmp_path: Path) -> None:
    decay(tmp_path / "a.csv")
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SettingError, match=r"cannot be written to"):
        run_batch(plan_of(tmp_path, '[[jobs]]\ndata = "a.csv"\n'), output=tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "piece"), [({"n_jobs": 0}, "from 1 on"), ({"n_jobs": 2, "cluster": "tcp://a:1"}, "one machine")]
)
def test_settings_that_make_no_sense(tmp_path: Path, options: dict[str, Any], piece: str) -> None:
    with pytest.raises(SettingError, match=piece):
        run_batch(tmp_path / "plan.toml", **options)
