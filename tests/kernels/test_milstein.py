"""The compiled step of a stochastic path, against its slow twin."""

import numpy as np

from discover.expr import compile_program, differentiate, parse
from discover_kernels.milstein import march, new_columns
from tests.reference import milstein


def test_a_few_steps_agree_with_the_twin():
    names = ["x", "y", "u"]
    drift = [parse("y + u", names), parse("x - x**3 - 0.2*y", names)]
    squared = [parse("0.1 + 0.05*x**2", names), parse("0.3*y**2 - 0.05", names)]
    slope = [differentiate(square, i) for i, square in enumerate(squared)]
    program = compile_program([*drift, *squared, *slope], 3)
    rng = np.random.default_rng(0)
    x, Z, inputs = rng.standard_normal((2, 5)), rng.standard_normal((7, 2, 5)), rng.standard_normal((2, 1, 5))
    h = np.full(5, 0.01)
    wanted = milstein(drift, squared, slope, x, inputs, h, Z)
    buffer = new_columns(program.n_rows, program.constants, 3, 5)
    rows = np.asarray(program.roots, dtype=np.int64).reshape(3, 2)
    march(program.code, buffer, *(np.ascontiguousarray(part) for part in rows), x, inputs, h, Z)
    np.testing.assert_allclose(x, wanted, rtol=1e-12)
