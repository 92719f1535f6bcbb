"""Where a law comes from: its data, the settings that were given, the seed, and the call that repeats it."""

import time
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from discover.data.several import n_times
from discover.equation import Provenance
from discover.problem import Problem

if TYPE_CHECKING:
    import xarray as xr

    from discover.data.several import Recordings

PACKAGES = ("discover-equations", "numpy", "scipy", "numba", "xarray")


def origin_of(
    dataset: "xr.Dataset | Recordings",
    problem: Problem,
    notes: tuple[str, ...],
    settings: dict[str, object],
    seed: int,
    called: str = "dynamics",
) -> Provenance:
    """Return where a law comes from: its data, the settings that were given, the seed, and the call that repeats it."""
    told = {name: value for name, value in settings.items() if value is not None}
    call = "".join(f", {name}={value!r}" for name, value in told.items())
    source = str(dataset.attrs.get("source", "data"))
    labels = {block.trajectory for block in problem}
    now = datetime.fromtimestamp(time.time(), UTC)
    return Provenance(
        source=source,
        fingerprint=str(dataset.attrs.get("fingerprint", "")),
        n_samples=n_times(dataset) if called == "dynamics" else problem.n_samples,
        n_trajectories=len(labels),
        settings=(*((name, str(value)) for name, value in told.items()), ("half_width", str(problem.half_width))),
        seed=seed,
        versions=tuple((name, version(name)) for name in PACKAGES),
        command=f"discover.law({source!r}{call}, seed={seed})"
        if called == "law"
        else f"discover.dynamics(discover.load({dataset.attrs.get('sources', source)!r}){call}, seed={seed})",
        notes=(*(str(note) for note in dataset.attrs.get("notes", ())), *notes),
        created=now.isoformat(timespec="seconds"),
    )
