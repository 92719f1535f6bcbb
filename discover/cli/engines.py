"""`discover engines`: who can search here, and whether the kernels are compiled."""

import time
from collections.abc import Callable
from typing import Annotated

from typer import Option

from discover.cli.exits import ends_well
from discover.cli.progress import COMPILING, kernels_are_compiled, progress


@ends_well
def engines(
    warm: Annotated[bool, Option("--warm", help="Compile all kernels now, so that the first run need not.")] = False,
) -> int:
    """List the engines that are ready here, and compile the kernels."""
    if warm:
        started = time.monotonic()
        with progress(COMPILING) as observe:
            warm_up(observe)
        print(f"kernels compiled and tried in {time.monotonic() - started:.1f} s")
    from discover.find import ENGINES, LAW_ENGINES

    for name, engine in {**ENGINES, **LAW_ENGINES}.items():
        needs: Callable[[], str | None] = getattr(engine, "missing", lambda: None)
        missing = needs()
        state, told = ("ready", (engine.__doc__ or "").splitlines()[0]) if missing is None else ("missing", missing)
        print(f"{name:<10} {state:<7} {told}")
    if not kernels_are_compiled():
        print("The kernels are compiled by the first run, in about a minute, or now: discover engines --warm")
    return 0


def warm_up(observe: Callable[[str, float], None]) -> None:
    """Call every kernel once, by finding laws of every kind in small tables, and by what no search calls."""
    import discover
    from discover.simulate import simulate_batch, vector_field
    from discover.sparse import derivative_gram

    products, waves = discover.Polynomial(2), discover.Polynomial(1) + discover.Terms("sin(theta)")
    for at, form in enumerate((discover.Weak(), discover.Strong())):
        observe("pelts", at / 8)
        discover.dynamics(discover.example("pelts"), library=products, form=form)
    observe("pendulum", 0.25)
    law = discover.dynamics(discover.example("pendulum"), library=waves).law
    observe("simulation", 0.375)
    measured = law.evidence.stretches[0]
    starts = measured.measured[: len(law.states), :2].T
    simulate_batch(vector_field(law), starts, measured.time[:10])
    for degree in (1, 10):  # a small library keeps its Gram, one of many monomials its moments
        derivative_gram(measured.measured, measured.measured, discover.Polynomial(degree).build(law.names))
    _other_kinds(observe)


def _other_kinds(observe: Callable[[str, float], None]) -> None:
    """Find a law by cases, a stochastic one, a map, a field and a formula: each has kernels of its own."""
    import numpy as np

    import discover

    rng = np.random.default_rng(0)
    line, small = discover.Polynomial(1), np.arange(200) * 0.05
    observe("cases", 0.5)
    both = np.concatenate([np.exp(-small), np.exp(-2.0 * small)]) + 0.001 * rng.standard_normal(400)
    table = {"run": np.repeat(["a", "b"], 200), "t": np.tile(small, 2), "x": both}
    discover.dynamics(discover.load(table, time="t", by="run"), library=line, by="run")
    observe("noise", 0.6)
    walk = [0.0]
    for kick in rng.standard_normal(1500):
        walk.append(walk[-1] * 0.95 + 0.3 * kick)
    stochastic = discover.dynamics(
        discover.load({"t": np.arange(1501) * 0.05, "x": walk}, time="t"), library=line, form=discover.Stochastic()
    )
    stochastic.simulate([0.0], small[:5], seed=0, n_paths=2)
    observe("map", 0.7)
    orbit = [0.3]
    for _ in range(100):
        orbit.append(3.8 * orbit[-1] * (1.0 - orbit[-1]))
    noisy = np.array(orbit) + 0.001 * rng.standard_normal(101)
    discover.dynamics(
        discover.load({"n": np.arange(101), "x": noisy}, time="n"), library=discover.Polynomial(2), form=discover.Map()
    )
    observe("field", 0.8)
    t, x = np.linspace(0.0, 1.0, 40), np.linspace(0.0, 6.0, 48)
    wave = np.sin(x[None] - t[:, None]) + 0.5 * np.sin(2.0 * (x[None] - t[:, None]))
    discover.dynamics(discover.load({"t": t, "x": x, "u": (("t", "x"), wave)}, time="t", space="x"))
    observe("formula", 0.9)
    table = {"a": rng.uniform(1.0, 2.0, 40), "b": rng.uniform(1.0, 2.0, 40), "y": rng.uniform(1.0, 2.0, 40)}
    discover.law(table, "y", budget=None, max_evals=6000)  # noise sends a search through every kind of form
    for loss in ("huber", "quantile"):
        discover.law(table, "y", engine=discover.Symbolic(loss=loss), budget=None, max_evals=20)
