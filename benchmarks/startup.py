"""What one waits for: compilation on a fresh machine, a second run, and the help text."""

import os
import resource
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.command import discover
from benchmarks.experiments import Experiment
from benchmarks.plan import Record

SMALL = Experiment("lotka-volterra", n_trajectories=1, n_samples=200)


def waits(seed: int, repeats: int = 5) -> Record:
    """Return seconds of: a first run with a cold kernel cache, a second one, compiling alone, and CPU of the help."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.csv"
        SMALL.write(path, 0.01, seed)
        run = ["run", str(path), *SMALL.options()]
        first_cache = {**os.environ, "XDG_CACHE_HOME": f"{folder}/first"}
        warm_cache = {**os.environ, "XDG_CACHE_HOME": f"{folder}/warm"}
        return {
            "first run": _wall(run, first_cache),
            "second run": median(_wall(run, first_cache) for _ in range(repeats)),
            "engines --warm": _wall(["engines", "--warm"], warm_cache),
            "--help, CPU": median(_cpu(["--help"]) for _ in range(repeats)),
        }


def _wall(arguments: list[str], environment: Mapping[str, str]) -> float:
    started = time.perf_counter()
    discover(arguments, environment)
    return time.perf_counter() - started


def _cpu(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    discover(arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
