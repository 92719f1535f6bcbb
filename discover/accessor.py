"""`import discover.accessor` gives every xarray.Dataset `ds.discover.dynamics(…)` and `ds.discover.law(…)`.

It is a module of its own because registering an accessor changes xarray for the whole process: only who asks for it
gets it.
"""

import inspect
from typing import Any

import xarray as xr

from discover.data import load
from discover.discovery import Discovery
from discover.find import dynamics, law

LOADING = tuple(name for name in inspect.signature(load).parameters if name not in ("source", "by"))
"""Options of `load`: how the Dataset is to be read."""


@xr.register_dataset_accessor("discover")
class DiscoverAccessor:
    """What discover does with a Dataset, from the Dataset itself.

    >>> import numpy as np
    >>> t = np.linspace(0.0, 4.0, 200)
    >>> ds = xr.Dataset({"x": ("time", np.exp(-t))}, coords={"time": t})
    >>> ds.discover.dynamics().verdict.word in ("law", "several")
    True
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def dynamics(self, **settings: Any) -> Discovery:
        """Return `discover.dynamics` of the Dataset; takes its options and those of `discover.load`, such as `time=`.

        Raises:
            InputError: as these do.
        """
        reading = {name: settings.pop(name) for name in LOADING if name in settings}
        by = {"by": settings["by"]} if "by" in settings else {}
        return dynamics(load(self._dataset, **reading, **by), **settings)

    def law(self, target: str, **settings: Any) -> Discovery:
        """Return `discover.law` of the Dataset's variables, one row for each of their points along one dimension.

        Raises:
            InputError: as it does.
        """
        return law(self._dataset, target, **settings)
