"""A disk that is really full: a file system in memory of a few kilobytes, mounted where nobody else sees it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import discover
from discover.batch.manifest import LAW
from tests.batch.conftest import decay, plan_of

PLAN = '[defaults]\ndegree = 1\nmax_evals = 500\n[[jobs]]\ndata = "a.csv"\n'

MOUNTED = """\
import json, subprocess, sys
from pathlib import Path
from discover.batch.run import run_batch
from discover.errors import InputError

disk, plan, told = Path(sys.argv[1]), sys.argv[2], []

def sized(kilobytes, *options):
    told_as = ",".join((f"size={kilobytes}k", *options))
    subprocess.run(["mount", "-t", "tmpfs", "-o", told_as, "tmpfs", disk], check=True)

def run(**options):
    try:
        (record,) = run_batch(plan, output=disk / "out", n_jobs=1, **options).records
        names = sorted(one.name for one in (disk / "out" / "a").iterdir())
        told.append([record.answer.status, record.answer.error, names])
    except InputError as error:
        told.append(["refused", str(error), []])

sized(4)  # the lock takes the only page
run()
sized(64, "remount")  # the law finds room, its report does not
run(resume=True)
sized(4096, "remount")
run(resume=True)
content = json.loads((disk / "out" / "a" / "law.json").read_text())
print(json.dumps({"told": told, "law": content}))
"""


def confined(*call: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as the root of a namespace of its own, where it may mount what nobody else sees."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here, with which a small disk could be mounted without rights")
    return subprocess.run(["unshare", "-rm", *call], capture_output=True, text=True, check=False)


def test_what_a_full_disk_stops_is_resumed_once_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    tried = confined("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(disk))
    if tried.returncode:
        pytest.skip(f"no small disk may be mounted here: {tried.stderr.strip()}")
    data, plan = decay(tmp_path / "a.csv"), plan_of(tmp_path, PLAN)
    done = confined(sys.executable, "-c", MOUNTED, str(disk), str(plan))
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    (first, why, _), (second, error, left), (third, *_) = answer["told"]
    assert (first, second, third) == ("refused", "failed", "done")
    assert "no space left" in why
    assert "--resume" in why
    assert "no space left" in error
    assert left == [LAW], "no draft is left behind"
    discover.dynamics(data, library=discover.Polynomial(1), max_evals=500).save(tmp_path / LAW)
    undisturbed = json.loads((tmp_path / LAW).read_text(encoding="utf-8"))
    for law in (undisturbed, answer["law"]):
        law["law"]["provenance"].pop("created")
    assert answer["law"] == undisturbed
    assert list(disk.iterdir()) == [], "nothing was written outside the small disk"
