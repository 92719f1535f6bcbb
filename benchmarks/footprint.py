"""Peak memory of one fit, in a process of its own: `python -m benchmarks.footprint SIDE N_MODELS FILE.npz`.

The process imports everything, loads the data and fits a hundredth of them, which compiles and allocates
what is needed once; then the high-water mark is reset, and what the fit adds to it is counted.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.fits import SIDES

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_of(side: str, n_models: int, data: Path) -> float:
    """Return the megabytes that the fit of one side adds to the resident memory at its peak."""
    command = [sys.executable, "-m", "benchmarks.footprint", side, str(n_models), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{side} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Fit once and print the megabytes added."""
    side, n_models, path = sys.argv[1:]
    stored = np.load(path)
    X, X_dot = stored["X"], stored["X_dot"]
    options = {"n_models": int(n_models)} if "bagged" in side else {}
    few = slice(0, max(X.shape[1] // 100, 1000))
    SIDES[side](X[:, few].copy(), X_dot[:, few].copy(), **options)
    CLEAR.write_text("5")  # Linux: forget the high-water mark
    before = megabytes("VmRSS")
    SIDES[side](X, X_dot, **options)
    print(json.dumps(megabytes("VmHWM") - before))


def megabytes(what: str) -> float:
    """Return what Linux says of this process: "VmRSS", or "VmHWM" for the peak since it was last cleared.

    `getrusage` will not do: what a process inherits from the one that started it counts there.
    """
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
