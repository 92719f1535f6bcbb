"""Twelve data sets, two engines, a Dask cluster of two processes: a worker is killed, the coordinator too, and resumed.

`python -m benchmarks.batch` writes the data, runs the plan, does the damage, resumes, compares the laws with those of
an undisturbed run on one machine, and opens the summary page in Chromium where there is one.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

N_SETS = 12
ENGINES = ("sparse", "pysindy")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

PLAN = f"""\
[defaults]
time = "t"
degree = 2
max_evals = 1000
matrix.engine = {list(ENGINES)!r}
[[jobs]]
data = "growth_*.csv"
"""

SORTED = """<script>
for (const button of document.querySelectorAll("thead button")) if (button.textContent === "Time") button.click();
document.title = [...document.querySelectorAll("tbody tr")].map((row) => row.cells[6].dataset.key).join(" ");
</script>"""
"""Presses the heading of a column, and writes down in which order its rows are then."""


def write_data(folder: Path, seed: int) -> None:
    """Write tables of logistic growth at rates and noises of their own."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0.0, 8.0, 120)
    for number in range(N_SETS):
        rate, start = rng.uniform(0.6, 1.4), rng.uniform(0.05, 0.2)
        x = 1.0 / (1.0 + (1.0 / start - 1.0) * np.exp(-rate * t)) + 0.01 * rng.standard_normal(t.size)
        table = np.c_[t, x]
        np.savetxt(folder / f"growth_{number:02d}.csv", table, delimiter=",", header="t,x", comments="")


def laws(folder: Path) -> dict[str, Any]:
    """Return every law file of a batch without its date."""
    found = {}
    for path in sorted(folder.glob("*/law.json")):
        found[path.parent.name] = json.loads(path.read_text(encoding="utf-8"))
        found[path.parent.name]["law"]["provenance"].pop("created")
    return found


def n_done(folder: Path) -> int:
    """Return how many jobs of a batch are done."""
    from discover.batch.manifest import read
    from discover.errors import InputError

    try:
        return sum(record.answer.status == "done" for record in read(folder).values())
    except InputError:
        return 0


def until(holds: Callable[[], bool], seconds: float = 600.0) -> None:
    """Wait for something to hold."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.1)


def started(plan: Path, *options: str) -> "subprocess.Popen[str]":
    """Start `discover batch` as a process of its own."""
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "discover"), "batch", str(plan), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def disturbed(plan: Path, output: Path) -> dict[str, Any]:
    """Run a plan on a cluster while a worker and then the coordinator are killed, and resume it."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        address = str(cluster.scheduler_address)
        options = ("--cluster", address, "--output", str(output))
        first = started(plan, *options)
        until(lambda: n_done(output) >= 4)
        with Client(address) as client:
            victim = next(iter(client.run(os.getpid).values()))
        os.kill(victim, signal.SIGKILL)
        at_kill = n_done(output)
        until(lambda: n_done(output) >= 12)
        first.kill()
        first.communicate()
        before = n_done(output)
        again = started(plan, *options, "--resume")
        told, _ = again.communicate()
    return {"killed after": at_kill, "coordinator killed after": before, "resumed": again.returncode, "told": told}


def opened(page: Path) -> dict[str, Any]:
    """Open a summary in a browser, sort it by time, and return how many rows it has and whether they are in order."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return {"rows": None, "sorted": None}
    copy = page.with_name("sorted.html")
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{SORTED}</body>"), encoding="utf-8")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", copy.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    copy.unlink()
    keys = [float(key) for key in done.stdout.partition("<title>")[2].partition("</title>")[0].split()]
    return {"rows": done.stdout.count('<th scope="row">'), "sorted": keys == sorted(keys)}


def main() -> None:
    """Do all of it and print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, help="a folder that everything is left in, and from which a run that was cut short goes on"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = asked.keep or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        write_data(home, asked.seed)
        plan = home / "plan.toml"
        plan.write_text(PLAN, encoding="utf-8")
        found = disturbed(plan, home / "cluster") if n_done(home / "cluster") < N_SETS * len(ENGINES) else {}
        summary = subprocess.run(
            [str(Path(sys.executable).parent / "discover"), "summary", str(home / "cluster")], check=False
        )
        alone = started(plan, "--jobs", "1", "--output", str(home / "alone"), "--resume")
        alone.communicate()
        on_cluster, undisturbed = laws(home / "cluster"), laws(home / "alone")
        found |= {"laws": len(on_cluster), "equal to an undisturbed run": on_cluster == undisturbed}
        found |= {"summary": summary.returncode, **opened(home / "cluster" / "summary.html")}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
