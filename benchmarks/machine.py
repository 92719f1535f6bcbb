"""Where and with what a figure was measured: commit, command, versions, machine."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.plan import Record

PACKAGES = ("discover-equations", "numpy", "scipy", "numba", "xarray", "pysindy", "pyoperon", "gplearn", "scikit-learn")
ROOT = Path(__file__).parent.parent


def provenance() -> Record:
    """Return what must stand beside every figure, in JSON's types."""
    return {
        "commit": _git("rev-parse", "--short", "HEAD") or "unknown",
        "changed_since": bool(_git("status", "--porcelain", "--", "discover", "kernels", "benchmarks")),
        "command": "python -m benchmarks " + " ".join(sys.argv[1:]),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": processor(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "memory_GB": _memory(),
            "system": f"{platform.system()} {platform.machine()}",
            "load_at_start": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
            "blas": blas(),
        },
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def blas() -> list[str]:
    """Return the BLAS libraries that NumPy and SciPy have loaded here, with their kernels."""
    import scipy.linalg  # noqa: F401  it brings its own BLAS along
    from threadpoolctl import threadpool_info

    found = [info for info in threadpool_info() if info.get("user_api") == "blas"]
    return sorted(
        {f"{info.get('internal_api')} {info.get('version')} {info.get('architecture', '')}" for info in found}
    )


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
