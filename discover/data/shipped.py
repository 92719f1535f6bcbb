"""The small measured tables that ship with the package, each with its citation in the file."""

from pathlib import Path
from typing import TYPE_CHECKING

from discover.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    import xarray as xr

FOLDER = Path(__file__).parent / "examples"


def example(name: str) -> "xr.Dataset":
    """Return one of the measured tables that ship, loaded; raises SettingError for a name that is none of them.

    >>> pelts = example("pelts")
    >>> list(pelts.data_vars), pelts.sizes["time"], pelts["hare"].units
    (['hare', 'lynx'], 21, 'thousand pelts')
    """
    from discover.data.reading import load

    if name not in example_names():
        raise SettingError(f'there is no example "{name}".{did_you_mean(str(name), example_names())}')
    return load(FOLDER / f"{name}.csv")


def example_names() -> tuple[str, ...]:
    """Return the names of the measured tables that ship.

    >>> example_names()
    ('cooling', 'pelts', 'pendulum')
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))
