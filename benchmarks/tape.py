"""How fast compiled programs run: billions of node · rows a second on one core, first compilation apart.

Run as `python -m benchmarks.tape`.
"""

import time

import numpy as np

from discover.expr import Polynomial, compile_program, parse
from discover_kernels import tape

NAMES = [f"x{index}" for index in range(10)]
CASES = {
    "arithmetic": [parse("(x0*x1 + x2)*(x3 - x4) + (x5 + x6*x7)*x8 - x9*(x0 - x1)*(x2 + x3)/(x4 + 3)", NAMES)],
    "polynomial library, degree 3, 286 terms": list(Polynomial(3).build(NAMES)),
    "sin and exp, 4 of 12 nodes": [parse("sin(x0*x1) + exp(x2 - x3)*cos(x4) - x5*exp(-x6)", NAMES)],
    "sin alone": [parse("sin(x0)", NAMES)],
    "exp alone": [parse("exp(x0)", NAMES)],
    "log alone": [parse("log(x0)", NAMES)],
    "tanh alone": [parse("tanh(x0)", NAMES)],
    "real power alone": [parse("x0**x1", NAMES)],
}


def rate(exprs, width: int = tape.WIDTH, seconds: float = 0.3) -> float:
    """Return node · rows a second of a program over one block that stays in the cache."""
    program = compile_program(exprs, len(NAMES))
    # The program is repeated inside one call, so that the cost of entering the kernel is not measured.
    code = np.tile(program.code, (max(1, 20_000 // len(program.code)), 1))
    buffer = np.random.default_rng(0).uniform(0.5, 1.5, (program.n_rows, width))
    buffer[len(NAMES) : len(NAMES) + len(program.constants)] = program.constants[:, None]
    tape.run_block(code, buffer, width)  # the first call compiles where nothing is cached
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        tape.run_block(code, buffer, width)
        best = min(best, time.perf_counter() - start)
    return len(code) * width / best


def main() -> None:
    """Print one line for each kind of program."""
    start = time.perf_counter()
    compile_program([parse("x0 + 1", NAMES)], 10).evaluate(np.ones((10, 3)))
    print(f"first call, compilation included unless cached: {time.perf_counter() - start:.2f} s")
    for label, exprs in CASES.items():
        print(f"{label:42s} {rate(exprs) / 1e9:6.2f} G node·rows/s/core")


if __name__ == "__main__":
    main()
