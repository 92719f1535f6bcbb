"""The command `discover`, run as a process of its own."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

DISCOVER = (sys.executable, "-c", "from discover.cli import main; main()")
"""The command by this interpreter, whether or not its script is on the path."""

GOOD = (0, 3)
"""Exit codes of a finished search: a law or several, and none."""


def discover(arguments: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 600.0) -> str:
    """Return the standard output of `discover ARGUMENTS`; raises RuntimeError where it did not end well."""
    done = subprocess.run(
        [*DISCOVER, *arguments], capture_output=True, text=True, timeout=timeout, check=False, env=environment
    )
    if done.returncode not in GOOD:
        raise RuntimeError(f"discover {arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout
