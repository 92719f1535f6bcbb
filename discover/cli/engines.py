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
    from discover.find import ENGINES

    for name, engine in ENGINES.items():
        missing = engine.missing() if hasattr(engine, "missing") else None
        state, told = ("ready", (engine.__doc__ or "").splitlines()[0]) if missing is None else ("missing", missing)
        print(f"{name:<10} {state:<7} {told}")
    if not kernels_are_compiled():
        print("The kernels are compiled by the first run, in about half a minute, or now: discover engines --warm")
    return 0


def warm_up(observe: Callable[[str, float], None]) -> None:
    """Call every kernel once, by finding laws in shipped tables in both forms, and by what no search calls."""
    import discover
    from discover.simulate import simulate_batch, vector_field
    from discover.sparse import derivative_gram

    products, waves = discover.Polynomial(2), discover.Polynomial(1) + discover.Terms("sin(theta)")
    for at, form in enumerate((discover.Weak(), discover.Strong())):
        observe("pelts", at / 4)
        discover.dynamics(discover.example("pelts"), library=products, form=form)
    observe("pendulum", 0.5)
    law = discover.dynamics(discover.example("pendulum"), library=waves).law
    observe("simulation", 0.75)
    measured = law.evidence.stretches[0]
    starts = measured.measured[: len(law.states), :2].T
    simulate_batch(vector_field(law), starts, measured.time[:10])
    for degree in (1, 10):  # a small library keeps its Gram, one of many monomials its moments
        derivative_gram(measured.measured, measured.measured, discover.Polynomial(degree).build(law.names))
