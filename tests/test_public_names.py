"""The public names are exactly what imports, and asking for none of them loads nothing heavy."""

import subprocess
import sys
import types

import pytest

import discover

HEAVY = ("numpy", "numba", "scipy", "xarray", "pandas", "sympy", "matplotlib", "pint", "jinja2", "h5netcdf")


def loaded_by(statement: str) -> set[str]:
    """Return which of the heavy packages a fresh interpreter has loaded after `statement`."""
    code = f"import sys\n{statement}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_every_public_name_imports_from_its_room() -> None:
    for name in discover.__all__:
        value = getattr(discover, name)
        assert not isinstance(value, types.ModuleType), name
        assert value.__module__.startswith("discover."), name


def test_the_list_is_sorted_complete_and_shown() -> None:
    errors = {
        name
        for name, value in vars(discover.errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert set(discover.__all__) == set(discover._ROOM_OF) | errors
    assert list(discover.__all__) == sorted(discover.__all__)
    assert set(discover.__all__) <= set(dir(discover))


def test_version_is_that_of_the_distribution() -> None:
    assert discover.__version__.count(".") == 2


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    with pytest.raises(AttributeError, match='no "dynamic"'):
        discover.dynamic  # noqa: B018
    with pytest.raises(AttributeError, match='Did you mean "dynamics"'):
        discover.dinamics  # noqa: B018


def test_importing_discover_is_light() -> None:
    assert loaded_by("import discover") == set()


def test_help_is_light() -> None:
    for arguments in (["--help"], ["run", "--help"], ["--version"], []):
        statement = (
            "from discover.cli import app\n"
            f"try:\n    app({arguments!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        )
        assert loaded_by(statement) == set(), arguments


def test_the_light_test_can_fail() -> None:
    assert loaded_by("import numpy") == {"numpy"}
