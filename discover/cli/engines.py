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
        from discover.cli.warming import warm_up

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
