"""A field larger than memory, from its file to its law: seconds, megabytes, and how fast the file is read.

The field is a sum of damped waves that drift, u_t = -0.8 u_x - 0.3 u_y + 0.02 (u_xx + u_yy), with 1 % of noise;
it is written a stretch of time at a time and removed afterwards.
`python -m benchmarks.disk FILE` fits one and prints what it took as JSON.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.campaign import Campaign
from benchmarks.footprint import megabytes
from benchmarks.plan import Plan, Record, Table

DRIFT, SPREADING, NOISE = (0.8, 0.3), 0.02, 0.01
N_WAVES, N_PLACES = 24, 1024
STRETCH = 8
"""Snapshots written together, and a chunk of the file."""

SIZES = {"fast": 0.5, "full": 20.0}
"""Gigabytes of the file."""

SPARE = 1.5
"""A file is only written where so many times its size is free."""


def table(plan: Plan, campaign: Campaign) -> Table:
    """Return what the law of a field on disk costs; the largest size of the tier that the disk has room for."""
    room = shutil.disk_usage(tempfile.gettempdir()).free / 1e9
    gigabytes = min(SIZES[plan.tier], round(room / SPARE, 1))
    record = campaign.here(f"disk | {gigabytes:g} GB", lambda: _measured(gigabytes, plan.seed))
    rows = (
        ("size of the file, GB", f"{record['gigabytes']:.3g}", ""),
        ("reading it once, GB/s", f"{record['reading']:.3g}", ""),
        ("discover.dynamics, wall s", f"{record['seconds']:.4g}", ""),
        ("bytes of the file over that, GB/s", f"{record['gigabytes'] / record['seconds']:.3g}", "as fast as the disk"),
        ("peak resident memory, GB", f"{record['peak']:.3g}", "2"),
        ("terms found", record["terms"], "D(u, x, 1), D(u, y, 1), D(u, x, 2), D(u, y, 2)"),
        ("largest relative error", f"{record['error']:.2g}", ""),
    )
    note = f"{N_PLACES} × {N_PLACES} points, float64 in NetCDF, {100 * NOISE:g} % noise; the file is read four times."
    return Table("A field on disk", ("what", "measured", "held"), rows, note)


def _measured(gigabytes: float, seed: int) -> Record:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "field.nc"
        write(path, gigabytes, seed)
        started = time.perf_counter()
        with path.open("rb", buffering=0) as file:
            while file.read(2**25):
                pass
        reading = path.stat().st_size / 1e9 / (time.perf_counter() - started)
        command = [sys.executable, "-m", "benchmarks.disk", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"The fit ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        size = path.stat().st_size / 1e9
        return {**json.loads(done.stdout.splitlines()[-1]), "gigabytes": size, "reading": reading}


def snapshots(gigabytes: float, seed: int) -> tuple[np.ndarray, np.ndarray, Iterator[tuple[int, np.ndarray]]]:
    """Return the times, the places along each axis, and the field a stretch at a time, each with its first snapshot."""
    n_t = max(4 * STRETCH, round(gigabytes * 1e9 / 8 / N_PLACES**2 / STRETCH) * STRETCH)
    t = np.linspace(0.0, 6.0, n_t)
    x = np.linspace(0.0, 2.0 * np.pi, N_PLACES, endpoint=False)
    rng = np.random.default_rng(seed)
    waves, size = rng.integers(1, 7, (2, N_WAVES)), rng.standard_normal(N_WAVES) / np.sqrt(N_WAVES)
    along_x = np.exp(1j * waves[0][:, None] * x + 2j * np.pi * rng.random((N_WAVES, 1)))
    along_y = np.exp(1j * waves[1][:, None] * x)
    rate = -1j * (DRIFT[0] * waves[0] + DRIFT[1] * waves[1]) - SPREADING * (waves**2).sum(axis=0)

    def stretches() -> Iterator[tuple[int, np.ndarray]]:
        for first in range(0, n_t, STRETCH):
            amplitude = size * np.exp(rate * t[first : first + STRETCH, None])
            clean = np.real(np.einsum("tw,wx->txw", amplitude, along_x) @ along_y)
            yield first, clean + NOISE * rng.standard_normal(clean.shape, dtype=np.float32)

    return t, x, stretches()


def write(path: Path, gigabytes: float, seed: int) -> None:
    """Write the field, a stretch of snapshots at a time."""
    import h5netcdf

    t, x, stretches = snapshots(gigabytes, seed)
    with h5netcdf.File(path, "w") as file:
        file.dimensions = {"time": len(t), "x": N_PLACES, "y": N_PLACES}
        for name, values in (("time", t), ("x", x), ("y", x)):
            file.create_variable(name, (name,), data=values)
        u = file.create_variable("u", ("time", "x", "y"), np.float64, chunks=(STRETCH, N_PLACES, N_PLACES))
        for first, values in stretches:
            u[first : first + STRETCH] = values


def main() -> None:
    """Find the law of one file and print seconds, peak memory and how right it is."""
    import discover
    from discover.expr import Derivatives, Polynomial, text

    started = time.perf_counter()
    found = discover.dynamics(sys.argv[1], library=Derivatives(Polynomial(2), 2, 2))
    seconds = time.perf_counter() - started
    (one,) = found.law.equations
    got = {text(term.expr, one.names, ("t", "x", "y")): term.value for term in one.terms}
    truth = dict(zip(TRUE_TERMS, (-DRIFT[0], -DRIFT[1], SPREADING, SPREADING), strict=True))
    error = max(abs(got.get(name, 0.0) / value - 1.0) for name, value in truth.items())
    peak = megabytes("VmHWM") / 1e3
    print(json.dumps({"seconds": seconds, "peak": peak, "error": error, "terms": ", ".join(sorted(got))}))


TRUE_TERMS = ('D(u, "x", 1)', 'D(u, "y", 1)', 'D(u, "x", 2)', 'D(u, "y", 2)')

if __name__ == "__main__":
    main()
