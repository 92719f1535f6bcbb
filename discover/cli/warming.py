"""Compiling every kernel ahead of the first run: laws of all kinds in small tables, kinds side by side on all cores.

What a search compiles is what a search calls, with its types; so kernels are not listed here, laws are found.
"""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed


def warm_up(observe: Callable[[str, float], None]) -> None:
    """Call every kernel once; a kernel that two processes need may be compiled by both, and is kept once."""
    observe("all kinds of laws", 0.0)
    n_jobs = min(len(KINDS), os.cpu_count() or 1)
    with ProcessPoolExecutor(n_jobs, multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(find): find.__name__ for find in KINDS}
        for n_done, future in enumerate(as_completed(running), start=1):
            future.result()
            observe(running[future].replace("_", " "), n_done / len(KINDS))


def formulas() -> None:
    """Send noise through every kind of formula, and through every loss."""
    import numpy as np

    import discover

    rng = np.random.default_rng(0)
    table = {name: rng.uniform(1.0, 2.0, 40) for name in ("a", "b", "y")}
    discover.law(table, "y", budget=None, max_evals=6000)
    for loss in ("huber", "quantile"):
        discover.law(table, "y", engine=discover.Symbolic(loss=loss), budget=None, max_evals=20)


def equations_of_motion() -> None:
    """Find laws in weak and in strong form."""
    import discover

    for form in (discover.Weak(), discover.Strong()):
        discover.dynamics(discover.example("pelts"), library=discover.Polynomial(2), form=form)


def simulation() -> None:
    """Simulate many starts at once, and integrate products of many monomials."""
    import discover
    from discover.simulate import simulate_batch, vector_field
    from discover.sparse import derivative_gram

    library = discover.Polynomial(1) + discover.Terms("sin(theta)")
    law = discover.dynamics(discover.example("pendulum"), library=library).law
    measured = law.evidence.stretches[0]
    starts = measured.measured[: len(law.states), :2].T
    simulate_batch(vector_field(law), starts, measured.time[:10])
    for degree in (1, 10):  # a small library keeps its Gram, one of many monomials its moments
        derivative_gram(measured.measured, measured.measured, discover.Polynomial(degree).build(law.names))


def chance_and_cases() -> None:
    """Find a law by cases, and a stochastic one."""
    import numpy as np

    import discover

    rng = np.random.default_rng(0)
    line, small = discover.Polynomial(1), np.arange(200) * 0.05
    both = np.concatenate([np.exp(-small), np.exp(-2.0 * small)]) + 0.001 * rng.standard_normal(400)
    table = {"run": np.repeat(["a", "b"], 200), "t": np.tile(small, 2), "x": both}
    discover.dynamics(discover.load(table, time="t", by="run"), library=line, by="run")
    walk = [0.0]
    for kick in rng.standard_normal(1500):
        walk.append(walk[-1] * 0.95 + 0.3 * kick)
    walked = discover.load({"t": np.arange(1501) * 0.05, "x": walk}, time="t")
    stochastic = discover.dynamics(walked, library=line, form=discover.Stochastic())
    stochastic.simulate([0.0], small[:5], seed=0, n_paths=2)


def maps_and_fields() -> None:
    """Find a map, and a law over space."""
    import numpy as np

    import discover

    rng = np.random.default_rng(0)
    orbit = [0.3]
    for _ in range(100):
        orbit.append(3.8 * orbit[-1] * (1.0 - orbit[-1]))
    noisy = np.array(orbit) + 0.001 * rng.standard_normal(101)
    data = discover.load({"n": np.arange(101), "x": noisy}, time="n")
    discover.dynamics(data, library=discover.Polynomial(2), form=discover.Map())
    t, x = np.linspace(0.0, 1.0, 40), np.linspace(0.0, 6.0, 48)
    wave = np.sin(x[None] - t[:, None]) + 0.5 * np.sin(2.0 * (x[None] - t[:, None]))
    discover.dynamics(discover.load({"t": t, "x": x, "u": (("t", "x"), wave)}, time="t", space="x"))


KINDS: tuple[Callable[[], None], ...] = (
    formulas,
    equations_of_motion,
    simulation,
    chance_and_cases,
    maps_and_fields,
)
"""The longest first, so that the others fill what is left."""
