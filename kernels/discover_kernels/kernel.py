"""The one decorator of every compiled function.

Numba's cache looks at one file only: an opcode changed in one file leaves a stale kernel in another,
which then computes garbage without a word. So the cache folder is named after a hash of all kernel
sources (and of Numba and Python), and a change anywhere compiles everything afresh, once.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

F = TypeVar("F", bound=Callable[..., Any])

SAFE_MATH = frozenset({"nsz", "arcp", "contract", "afn", "reassoc"})
"""Fast-math flags that keep NaN and infinity tests alive (`fastmath=True` compiles them away)."""


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_home() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    return Path(root) / "discover-equations" / f"kernels-{_fingerprint()}"


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


CACHE = _cache_home()


def kernel(function: F) -> F:
    """Compile `function` on first use, release the GIL in it, and keep the result on disk.

    Where the cache folder cannot be written the function still compiles, in every process anew.
    """
    compiled = numba.njit(nogil=True, error_model="numpy", fastmath=set(SAFE_MATH))(function)
    if _writable(CACHE):
        before = getattr(config, "CACHE_DIR")  # noqa: B009  Numba sets its options at run time
        setattr(config, "CACHE_DIR", str(CACHE))  # noqa: B010
        try:
            compiled.enable_caching()
        finally:
            setattr(config, "CACHE_DIR", before)  # noqa: B010
    return cast(F, compiled)
