"""Kernels compiled ahead of the first run."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import discover_kernels.kernel


def kernels() -> set[str]:
    """Return module.function of everything under the `kernel` decorator, read from the sources."""
    folder = Path(discover_kernels.kernel.__file__).parent
    return {
        f"{source.stem}.{node.name}"
        for source in folder.glob("*.py")
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "kernel" for mark in node.decorator_list)
    }


def test_warm_compiles_every_kernel_on_a_new_machine(tmp_path: Path) -> None:
    """It takes half a minute, and nothing less shows that the first run will find no kernel missing."""
    done = subprocess.run(
        [sys.executable, "-c", "from discover.cli import main; main()", "engines", "--warm"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "kernels compiled and tried in" in done.stdout
    cached = {".".join(path.name.split("-")[0].split(".")) for path in tmp_path.rglob("*.nbi")}
    assert kernels() - cached == set()
