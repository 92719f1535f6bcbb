"""`discover engines`: who is ready, and kernels compiled ahead of the first run."""

from pathlib import Path

import discover_kernels.kernel
from discover.find import ENGINES, LAW_ENGINES


def test_every_engine_is_listed(program) -> None:
    lines = program("engines").stdout.splitlines()
    for name, engine in {**ENGINES, **LAW_ENGINES}.items():
        (line,) = [line for line in lines if line.startswith(name)]
        missing = engine.missing() if hasattr(engine, "missing") else None
        assert ("ready" in line) is (missing is None)
        assert missing is None or "pip install" in line


def test_what_is_not_compiled_is_said(program, tmp_path: Path, monkeypatch) -> None:
    assert "engines --warm" not in program("engines").stdout or not discover_kernels.kernel.CACHE.exists()
    monkeypatch.setattr(discover_kernels.kernel, "CACHE", tmp_path)
    assert "engines --warm" in program("engines").stdout
