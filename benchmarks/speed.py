"""Speed: one regression with 286 terms and 100 000 samples, by us and by pysindy; and what one waits for.

Lorenz's 1996 system with ten variables, degree three, derivatives given to both (with 1 % of noise), the same
threshold and ridge. Repeats of both sides are interleaved on the same arrays in one process; ratios are of medians.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import disk, fields, fits, simulate
from benchmarks.campaign import Campaign
from benchmarks.footprint import peak_of
from benchmarks.plan import Plan, Record, Table
from benchmarks.startup import waits

N_SAMPLES = 100_000
REPEATS, MORE_REPEATS = 3, 5
PEER_MODELS = 3
"""pysindy bags so few models, and its time is scaled up: a hundred take a quarter of an hour."""

N_MODELS = 100
HOLD = {"fit": 15.0, "bag": 150.0, "memory": 20.0}
AIM = {"fit": 40.0, "bag": 1000.0, "memory": 100.0}
THREADS: dict[str, tuple[int | None, Callable[[], float]]] = {
    "one thread, CPU s": (1, time.process_time),
    "one thread, wall s": (1, time.perf_counter),
    "default threads, wall s": (None, time.perf_counter),
}
"""How many threads each side may use, and what is counted: CPU seconds bear a busy machine better."""


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return times, memory, the check that both sides find the same, what one waits for, fields and simulation."""
    with_peer = "pysindy" in plan.peers
    X, X_dot = fits.lorenz96_data(N_SAMPLES, plan.seed)
    fits.our_bag(X[:, :2000], X_dot[:, :2000], 1)  # compile
    repeats = plan.n_seeds or (MORE_REPEATS if plan.full else REPEATS)
    rows: list[tuple[str, ...]] = []
    for n_threads in dict.fromkeys(limit for limit, _ in THREADS.values()):
        record = campaign.here(
            f"speed | {n_threads or 'default'} threads", lambda n=n_threads: _times(X, X_dot, repeats, n, with_peer)
        )
        for name, (limit, clock) in THREADS.items():
            if limit == n_threads:
                rows += _time_rows(name, record[clock.__name__])
    memory = campaign.here("speed | memory", lambda: _memory(X, X_dot, with_peer))
    same = campaign.here("speed | same answer", lambda: _answers(X, X_dot, with_peer))
    waiting = campaign.here("speed | waiting", lambda: waits(plan.seed))
    columns = ("what", "ours", "pysindy", "ratio", "held", "aimed at")
    return (
        Table(
            "Lorenz-96, 10 variables, 286 terms, 100 000 samples", columns, tuple(rows + _memory_rows(memory)), _note()
        ),
        Table("Do both sides find the same?", ("what", "ours", "pysindy"), _answer_rows(same)),
        Table("Waiting", ("what", "wall s", "CPU s"), _waiting_rows(waiting)),
        fields.table(plan, campaign),
        disk.table(plan, campaign),
        *((_simulations(campaign),) if with_peer else ()),
    )


def _simulations(campaign: Campaign) -> Table:
    """Return how fast a fitted Lorenz is run forward, beside pysindy."""
    record = campaign.here("speed | simulate", lambda: {"ways": simulate.timings()})
    rows = tuple((name, f"{s:.2e}", f"{error:.0e}", f"{ratio:.3g}") for name, s, error, ratio in record["ways"])
    note = "Held: 50 times faster than pysindy; aimed at: 500 times."
    return Table("A fitted Lorenz run forward", ("way", "s a run", "largest error", "times faster"), rows, note)


def _waiting_rows(waiting: Record) -> tuple[tuple[str, ...], ...]:
    return tuple((name, *(f"{seconds:.2f}" for seconds in pair)) for name, pair in waiting.items())


def _note() -> str:
    return (
        f"Medians of interleaved repeats. Our fit is Gram and {len(fits.THRESHOLDS)} thresholds; our {N_MODELS} models "
        f"resample {fits.N_FOLDS} stretches. Those of pysindy resample rows; {PEER_MODELS} of them were run, "
        "and their time, less that of the library, was scaled up. Memory: what the fit adds to the peak resident "
        "memory of a process that has imported everything, loaded the data and fitted 1 % of them."
    )


def _threads(limit: int | None) -> AbstractContextManager[object]:
    return nullcontext() if limit is None else threadpool_limits(limits=limit, user_api="blas")


def _times(X: np.ndarray, X_dot: np.ndarray, repeats: int, limit: int | None, with_peer: bool) -> Record:
    """Return every time by clock and side, the sides taking turns."""
    clocks = (time.process_time, time.perf_counter)
    times: Record = {clock.__name__: {} for clock in clocks}

    def timed(name: str, function: Callable[..., object], *arguments: object) -> None:
        started = [clock() for clock in clocks]
        function(*arguments)
        for clock, start in zip(clocks, started, strict=True):
            times[clock.__name__].setdefault(name, []).append(round(clock() - start, 4))

    with _threads(limit):
        for _ in range(repeats):
            timed("our fit", fits.our_fit, X, X_dot, limit)
            if with_peer:
                timed("pysindy fit", fits.pysindy_fit, X, X_dot)
            timed("our bag", fits.our_bag, X, X_dot, N_MODELS, limit)
            timed("our fit", fits.our_fit, X, X_dot, limit)
        if with_peer:
            timed("pysindy library", fits.pysindy_library, X)
            timed("pysindy few", fits.pysindy_bag, X, X_dot, PEER_MODELS)
    for sides in times.values() if with_peer else ():
        (once,), (few,) = sides["pysindy library"], sides["pysindy few"]
        sides["pysindy bag"] = [once + (few - once) * N_MODELS / PEER_MODELS]
    return times


def _time_rows(name: str, times: Record) -> list[tuple[str, ...]]:
    return [
        _ratio_row(f"{what}, {name}", times.get(f"our {key}"), times.get(f"pysindy {key}"), key)
        for key, what in (("fit", "one fit"), ("bag", f"{N_MODELS} bootstrap models"))
    ]


def _ratio_row(what: str, ours: Sequence[float] | None, theirs: Sequence[float] | None, key: str) -> tuple[str, ...]:
    """Return a line of the table; what was not run is shown as a dash."""
    cells = [f"{median(values):.3g}" if values else "–" for values in (ours, theirs)]
    ratio = median(theirs) / median(ours) if ours and theirs else None
    mark = "" if ratio is None else (" ✓" if ratio >= HOLD[key] else " ✗")
    return (what, *cells, "–" if ratio is None else f"{ratio:.0f}{mark}", f"{HOLD[key]:.0f}", f"{AIM[key]:.0f}")


def _memory(X: np.ndarray, X_dot: np.ndarray, with_peer: bool) -> Record:
    found: Record = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        np.savez(path, X=X, X_dot=X_dot)
        for side in fits.SIDES:
            if with_peer or side.startswith("ours"):
                found[side] = peak_of(side, N_MODELS if side.startswith("ours") else 1, path)
    return found


def _memory_rows(memory: Record) -> list[tuple[str, ...]]:
    rows = []
    for what, suffix in (("peak memory of one fit, MB", ""), ("peak memory of bootstrap models, MB", ", bagged")):
        sides = [memory.get(side + suffix) for side in ("ours", "pysindy")]
        ours, theirs = ([value] if value is not None else None for value in sides)
        rows.append(_ratio_row(what, ours, theirs, "memory"))
    return rows


def _answers(X: np.ndarray, X_dot: np.ndarray, with_peer: bool) -> Record:
    from discover.simulate import lorenz96

    truth = lorenz96(fits.N_STATES).true_terms(fits.library()).T != 0.0
    sides = {"ours": fits.our_fit(X, X_dot)}
    if with_peer:
        sides["pysindy"] = fits.pysindy_fit(X, X_dot)
    found: Record = {
        name: {"terms": int((Xi != 0).sum()), "exact": bool(np.array_equal(Xi != 0, truth))}
        for name, Xi in sides.items()
    }
    if with_peer:
        found["difference"] = float(np.abs(sides["ours"] - sides["pysindy"]).max())
    return found


def _answer_rows(same: Record) -> tuple[tuple[str, ...], ...]:
    ours, theirs = same["ours"], same.get("pysindy", {"terms": "–", "exact": "–"})
    return (
        ("terms found", str(ours["terms"]), str(theirs["terms"])),
        ("exactly the true terms", str(ours["exact"]), str(theirs["exact"])),
        ("largest difference of coefficients", f"{same['difference']:.1e}" if "difference" in same else "–", ""),
    )
