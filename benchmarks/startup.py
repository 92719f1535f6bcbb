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
    """Return wall and CPU seconds of a run with a cold kernel cache, of a second one, of compiling, and of the help."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.csv"
        SMALL.write(path, 0.01, seed)
        run = ["run", str(path), *SMALL.options()]
        first = _seconds(run, {**os.environ, "XDG_CACHE_HOME": f"{folder}/first"})
        warm_cache = {**os.environ, "XDG_CACHE_HOME": f"{folder}/first"}
        again = [_seconds(run, warm_cache) for _ in range(repeats)]
        warming = _seconds(["engines", "--warm"], {**os.environ, "XDG_CACHE_HOME": f"{folder}/warm"})
        help_text = [_seconds(["--help"], os.environ) for _ in range(repeats)]
    times = {"first run, compiling": [first], "second run": again, "engines --warm": [warming], "--help": help_text}
    return {name: [median(value) for value in zip(*pairs, strict=True)] for name, pairs in times.items()}


def _seconds(arguments: list[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the wall and the CPU seconds of one command."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    discover(arguments, environment)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - started
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
