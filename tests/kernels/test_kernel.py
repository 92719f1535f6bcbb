import importlib.util
import math
import shutil
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import config

from discover_kernels import kernel as module
from discover_kernels.kernel import SAFE_MATH, kernel

HOME = Path(module.__file__).parent


def fingerprint_of(folder: Path) -> str:
    """Return what the decorator makes of the sources in a folder."""
    spec = importlib.util.spec_from_file_location(f"kernel_of_{folder.name}", folder / "kernel.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.CACHE.name


def test_a_change_in_any_kernel_source_moves_the_cache(tmp_path):
    names = []
    for change in (None, "opcodes.py", "gram.py", "tape.py"):
        folder = tmp_path / f"after_{Path(change or 'nothing').stem}"
        shutil.copytree(HOME, folder, ignore=shutil.ignore_patterns("__pycache__"))
        if change:
            (folder / change).write_text((folder / change).read_text() + "# changed\n")
        names.append(fingerprint_of(folder))
    assert names[0] == module.CACHE.name
    assert len(set(names)) == 4


def test_compiled_code_is_kept_on_disk_and_the_setting_of_numba_is_put_back(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CACHE", tmp_path / "cache")
    before = config.CACHE_DIR

    @kernel
    def doubled(x):
        return 2.0 * x

    assert doubled(1.5) == 3.0
    assert before == config.CACHE_DIR
    assert list((tmp_path / "cache").rglob("*.nbi"))


def test_without_a_folder_to_write_to_it_compiles_all_the_same(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(module, "CACHE", blocked / "cache")

    @kernel
    def tripled(x):
        return 3.0 * x

    assert tripled(1.5) == 4.5


def test_not_a_number_and_infinity_survive_the_fast_math():
    @kernel
    def kinds(x, y):
        return np.isnan(x), np.isinf(y), x == x, y - y

    is_nan, is_inf, equal, difference = kinds(math.nan, math.inf)
    assert (is_nan, is_inf, equal) == (True, True, False)
    assert math.isnan(difference)
    assert not SAFE_MATH & {"fast", "nnan", "ninf"}


def test_division_by_zero_is_infinity_not_an_exception():
    @kernel
    def ratio(x, y):
        return x / y

    assert ratio(1.0, 0.0) == math.inf
    assert math.isnan(ratio(0.0, 0.0))


@pytest.mark.parametrize("name", ["gram", "stencil", "subset", "ridge", "whiten"])
def test_kernels_release_the_interpreter_lock(name):
    room = importlib.import_module(f"discover_kernels.{name}")
    compiled = [value for value in vars(room).values() if isinstance(value, numba.core.dispatcher.Dispatcher)]
    assert compiled
    for one in compiled:
        assert one.targetoptions["nogil"] is True
        assert one.targetoptions["error_model"] == "numpy"
        assert not one.targetoptions.get("parallel", False)
