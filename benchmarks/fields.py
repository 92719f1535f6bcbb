"""Fields to time the weak form on, and both sides of that race: rows of the library and a sparse fit on them.

Each side runs in a process of its own, `python -m benchmarks.fields SIDE CASE FILE`, so that its peak memory is its
own; it prints wall and CPU seconds and megabytes as JSON. Both take the same array and a library of the same order,
and thread as they like.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.campaign import Campaign
from benchmarks.footprint import megabytes
from benchmarks.plan import Plan, Record, Table
from discover.expr import Derivatives, Expr, Library, Polynomial, derivative, variable
from discover.simulate import VectorField, simulate

Array = np.ndarray

MEMORY_LIMIT = 12 * 2**30
"""Bytes of address space that either side may take."""

PATIENCE = 900
"""Seconds after which a side is stopped."""


@dataclass(frozen=True, slots=True)
class Case:
    """One field and what is asked of both sides.

    Attributes:
        names: of the states.
        shape: samples along time and space.
        degree, order: of pysindy's polynomials and derivatives.
        n_rows: pysindy's number of subdomains; ours follows from the data, at most 600.
        repeats: how often each side is timed after a first time.
    """

    names: tuple[str, ...]
    shape: tuple[int, ...]
    degree: int
    order: int
    n_rows: int
    repeats: int

    def library(self) -> tuple[Expr, ...]:
        """Return our library: for two space axes 181 terms, else polynomials to the same degree and order."""
        if len(self.shape) == 2:
            return Derivatives(Polynomial(self.degree + 1), self.order).build(self.names)
        functions = Polynomial(5).build(self.names)
        pure = [(0, *(k if j == axis else 0 for j in range(2))) for axis in range(2) for k in range(1, 5)]
        return (*functions, *(derivative(f, orders) for orders in pure for f in functions if f.variables))


CASES = {
    "KS": Case(("u",), (801, 256), 2, 4, 500, 5),
    "RD": Case(("u", "v"), (201, 256, 256), 3, 2, 500, 1),
}
"""Kuramoto-Sivashinsky (16 terms ∂ᵃ(uᵇ), a ≤ 4, b ≤ 3), and a spiral of reaction and diffusion (181 terms: 20
polynomials of u and v to degree five, their derivatives to order four along x and along y, and 1)."""


def generate(name: str) -> tuple[Array, list[Array]]:
    """Return a field by our own solver, (n_states, n_t, n_x, …), and its coordinates, time first."""
    u, v = variable(0), variable(1)
    n_t, *sizes = CASES[name].shape
    if name == "KS":
        t, x = np.linspace(0.0, 200.0, n_t), np.linspace(0.0, 32.0 * np.pi, sizes[0], endpoint=False)
        law = VectorField(
            ("u",), (), (-0.5 * derivative(u**2, (0, 1)) - derivative(u, (0, 2)) - derivative(u, (0, 4)),), space=("x",)
        )
        start = np.cos(x / 16.0) * (1.0 + np.sin(x / 16.0))
        return _movie(law, start[None], t, [x])
    t, x = np.linspace(0.0, 10.0, n_t), np.linspace(-10.0, 10.0, sizes[0], endpoint=False)
    square = u**2 + v**2
    spread = [0.1 * (derivative(w, (0, 2)) + derivative(w, (0, 0, 2))) for w in (u, v)]
    law = VectorField(
        ("u", "v"),
        (),
        (spread[0] + u - u * square + v * square, spread[1] + v - u * square - v * square),
        space=("x", "y"),
    )
    X, Y = np.meshgrid(x, x, indexing="ij")
    radius, angle = np.hypot(X, Y), np.angle(X + 1j * Y)
    start = np.tanh(radius) * np.array([np.cos(angle - radius), np.sin(angle - radius)])
    return _movie(law, start, t, [x, x])


def _movie(law: VectorField, start: Array, t: Array, space: list[Array]) -> tuple[Array, list[Array]]:
    found = simulate(law, start, t, space=space, boundary="periodic", rtol=1e-5)
    return np.stack([found[name].values for name in law.states]), [t, *space]


# --- the two sides ----------------------------------------------------------------------------------------------------


def our_fit(case: Case, X: Array, axes: list[Array]) -> object:
    """Return the coefficients of our library along a path of thresholds, from rows in weak form."""
    from discover.data.formulate import formulate
    from discover.sparse import gram, stlsq

    problem = formulate(_dataset(case, X, axes))
    G = gram(problem, case.library()).sum(axis=0)
    return stlsq(G, len(problem.targets), THRESHOLDS)


def our_law(case: Case, X: Array, axes: list[Array]) -> object:
    """Return the law: choice by chi-square, intervals, verdict and the simulation beside the data too."""
    from discover import dynamics
    from discover.expr import text

    found = dynamics(_dataset(case, X, axes), library=_Fixed(case))
    return {key: [text(term.expr, one.names) for term in one.terms] for key, one in found.equations.items()}


def pysindy_fit(case: Case, X: Array, axes: list[Array]) -> object:
    """Return pysindy's coefficients from its weak library of the same order, at its defaults but for the subdomains."""
    import pysindy as ps

    np.random.seed(0)  # noqa: NPY002  pysindy draws its subdomains from the global state
    mesh = np.stack(np.meshgrid(*axes[1:], axes[0], indexing="ij"), axis=-1)
    library = ps.WeakPDELibrary(
        function_library=ps.PolynomialLibrary(case.degree, include_bias=False),
        derivative_order=case.order,
        spatiotemporal_grid=mesh,
        K=case.n_rows,
    )
    model = ps.SINDy(optimizer=ps.STLSQ(threshold=0.1), feature_library=library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(np.moveaxis(X, (0, 1), (-1, -2)), t=axes[0])
    return np.asarray(model.coefficients())


THRESHOLDS = tuple(float(value) for value in np.geomspace(0.01, 1.0, 11))
SIDES = {"ours": our_fit, "our law": our_law, "pysindy": pysindy_fit}


@dataclass(frozen=True, slots=True)
class _Fixed(Library):
    """A case's library, as `dynamics` takes it."""

    case: Case

    def build(self, names: Sequence[str]) -> tuple[Expr, ...]:
        return self.case.library()


def _dataset(case: Case, X: Array, axes: list[Array]) -> Any:
    import discover

    names = ("t", "x", "y")[: len(axes)]
    given = dict(zip(names, axes, strict=True))
    return discover.load({**given, **{name: (names, values) for name, values in zip(case.names, X, strict=True)}})


def main() -> None:
    """Fit once, time the repeats, and print the least wall and CPU seconds and the megabytes added at the peak."""
    side, name, path = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    case, stored = CASES[name], np.load(path)
    X, axes = stored["X"], [stored[f"axis{k}"] for k in range(len(CASES[name].shape))]
    few = (slice(None), *(slice(0, 60) for _ in axes))
    SIDES[side](case, X[few].copy(), [axis[:60] for axis in axes])  # compiles, and imports
    Path("/proc/self/clear_refs").write_text("5")  # Linux: forget the high-water mark
    before, wall, cpu, found = megabytes("VmRSS"), [], [], None
    for _ in range(case.repeats):
        started, worked = time.perf_counter(), time.process_time()
        found = SIDES[side](case, X, axes)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    told = found if isinstance(found, dict) else None
    peak = megabytes("VmHWM") - before
    print(json.dumps({"wall": min(wall), "cpu": min(cpu), "megabytes": peak, "found": told}))


def measured(side: str, name: str, path: Path) -> Record:
    """Return what one side measured in a process of its own, or why it did not come to an end."""
    command = [sys.executable, "-m", "benchmarks.fields", side, name, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return {"why": f"stopped after {PATIENCE} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed"])[-1]
        is_memory = "MemoryError" in last or "allocate" in last or done.returncode < 0
        return {"why": f"out of memory ({MEMORY_LIMIT / 1e9:.3g} GB)" if is_memory else last[:120]}
    return json.loads(done.stdout.splitlines()[-1])


# --- the table --------------------------------------------------------------------------------------------------------

TITLES = {
    "KS": "Kuramoto-Sivashinsky 801 × 256, order 4",
    "RD": "reaction and diffusion 2 × 201 × 256 × 256, 181 terms",
}
HOLD = {"KS": "10× pysindy", "RD": "60 s, 2 GB"}
AIM = {"KS": "20×", "RD": "10 s"}
SIDE_TITLES = {
    "ours": "rows and a sparse fit",
    "pysindy": "rows and a sparse fit, pysindy",
    "our law": "the whole of discover.dynamics",
}


def table(plan: Plan, campaign: Campaign) -> Table:
    """Return what the weak form costs on fields, by us and by pysindy; the plane only in the full tier."""
    rows: list[tuple[str, ...]] = []
    for name in CASES if plan.full else ("KS",):
        sides = [side for side in SIDE_TITLES if side != "pysindy" or "pysindy" in plan.peers]
        found = campaign.here(f"speed | weak {name}", lambda name=name, sides=sides: _sides(name, sides))
        rows += [_row(name, side, found[side], found["ours"]) for side in sides]
    columns = ("field", "what", "wall s", "CPU s", "MB", "ours is faster by (wall, CPU)", "held", "aimed at")
    note = (
        "Least of some repeats from the same array in memory, each side in a process of its own with at most "
        f"{MEMORY_LIMIT / 2**30:g} GiB. Ours includes making a Dataset, the noise and the widths, "
        "and a path of thresholds; pysindy has 500 subdomains and one threshold."
    )
    return Table("Weak form of fields", columns, tuple(rows), note)


def _sides(name: str, sides: list[str]) -> Record:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "field.npz"
        X, axes = generate(name)
        np.savez(path, X=X, **{f"axis{k}": axis for k, axis in enumerate(axes)})
        return {side: measured(side, name, path) for side in sides}


def _row(name: str, side: str, mine: Record, ours: Record) -> tuple[str, ...]:
    limits = (HOLD[name], AIM[name]) if side == "ours" else ("", "")
    if "why" in mine:
        return (TITLES[name], SIDE_TITLES[side], mine["why"], "–", "–", "–", *limits)
    faster = "–"
    if side == "pysindy" and "why" not in ours:
        faster = f"{mine['wall'] / ours['wall']:.3g}, {mine['cpu'] / ours['cpu']:.3g}"
    figures = (f"{mine['wall']:.3g}", f"{mine['cpu']:.3g}", f"{mine['megabytes']:.3g}")
    return (TITLES[name], SIDE_TITLES[side], *figures, faster, *limits)


if __name__ == "__main__":
    main()
