"""A field of 6 GB in a Zarr store, fitted by a job that may take 2 GB of memory, beside a part of it fitted in memory.

`python -m benchmarks.memory FOLDER` writes the field where it is not there yet, runs the plan of one job, and compares
the law with that of its first snapshots, read whole.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.disk import DRIFT, N_PLACES, NOISE, SPREADING, STRETCH, TRUE_TERMS, snapshots

LIMIT = "2 GB"
PART = 24
"""Snapshots that are read whole, 0.2 GB."""

PLAN = f"""\
[[jobs]]
name = "field"
data = "field.zarr"
time = "time"
space = ["x", "y"]
library = "derivatives(poly(2), 2, 2)"
memory_limit = "{LIMIT}"
"""


def write(path: Path, gigabytes: float, seed: int) -> None:
    """Write the field of `benchmarks.disk` as a Zarr store, a stretch of snapshots at a time."""
    import xarray as xr
    import zarr

    t, x, stretches = snapshots(gigabytes, seed)
    coordinates = {"time": t, "x": x, "y": x}
    xr.Dataset(coords=coordinates).to_zarr(path, mode="w", consolidated=False)
    shape, chunks = (len(t), N_PLACES, N_PLACES), (STRETCH, N_PLACES, N_PLACES)
    u: Any = zarr.create_array(
        path, name="u", shape=shape, chunks=chunks, dtype="f8", compressors=None, dimension_names=tuple(coordinates)
    )
    for first, values in stretches:
        u[first : first + STRETCH] = values


def run(folder: Path) -> dict[str, Any]:
    """Run the plan of one job, and return what its record says."""
    from discover.batch.manifest import read

    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    call = [str(Path(sys.executable).parent / "discover"), "batch", str(folder / "plan.toml"), "--jobs", "1"]
    done = subprocess.run([*call, "--output", str(folder / "out"), "--resume"], check=False)
    answer = read(folder / "out")["field"].answer
    return {"code": done.returncode, "seconds": answer.seconds, "memory": answer.memory, "error": answer.error}


def in_memory(folder: Path) -> Any:
    """Return what is found in the first snapshots alone, every value of which is in memory."""
    import xarray as xr

    import discover

    part = xr.open_zarr(folder / "field.zarr", chunks=None, consolidated=False).isel(time=slice(0, PART)).load()
    data = discover.load(part, time="time", space=["x", "y"])
    return discover.dynamics(data, library=discover.Derivatives(discover.Polynomial(2), 2, 2))


def coefficients(found: Any) -> dict[str, tuple[float, float]]:
    """Return each term's coefficient with its standard error."""
    from discover.expr import text

    (one,) = found.law.equations
    return {text(term.expr, one.names, ("t", "x", "y")): (term.value, term.std) for term in one.terms}


def main() -> None:
    """Write, fit, compare, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gigabytes", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write-only", action="store_true", help="stop once the field is there")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if not (asked.folder / "written").exists():
        write(asked.folder / "field.zarr", asked.gigabytes, asked.seed)
        (asked.folder / "written").touch()
    if asked.write_only:
        return
    import discover

    found = run(asked.folder)
    if not found["code"]:
        truth = dict(zip(TRUE_TERMS, (-DRIFT[0], -DRIFT[1], SPREADING, SPREADING), strict=True))
        whole = coefficients(discover.load_law(asked.folder / "out" / "field" / "law.json"))
        part = coefficients(in_memory(asked.folder))
        found |= {"truth": truth, "whole, under the limit": whole, f"{PART} snapshots, in memory": part, "noise": NOISE}
    found["peak of this process"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(found, indent=1, default=np.ndarray.tolist))


if __name__ == "__main__":
    main()
