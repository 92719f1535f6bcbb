"""Maps run forward: x[n+1] = f(x[n], u[n]), value after value."""

import numpy as np
from numpy.typing import NDArray

from discover.errors import SettingError
from discover.expr import compile_program
from discover.simulate.batch import escape_box
from discover.simulate.field import VectorField

Array = NDArray[np.float64]


def iterate(field: VectorField, X0: Array, n_samples: int, inputs: Array) -> tuple[Array, list[str]]:
    """Return the values (n_runs, n_states, n_samples) of a map, and what is to be said about runs that ended early.

    A run that leaves the finite numbers is NaN from there on.

    Args:
        field: the map.
        X0: initial values, shape (n_runs, n_states).
        n_samples: how many values, the first included.
        inputs: shape (n_runs, n_inputs, n_samples).

    Raises:
        SettingError: for a map over space, or one with derivatives.

    >>> from discover.expr import parse
    >>> doubling = VectorField(("x",), (), (parse("2*x", ["x"]),), kind="map")
    >>> iterate(doubling, np.array([[1.0]]), 4, np.empty((1, 0, 4)))[0].tolist()
    [[[1.0, 2.0, 4.0, 8.0]]]
    """
    if field.space or any(expr.orders for expr in field.expressions):
        raise SettingError("A map over space, or with derivatives, cannot be run forward; only maps of plain values.")
    program, reach = compile_program(field.expressions, len(field.names)), escape_box(X0).reach[:, None]
    values = np.full((X0.shape[1], n_samples, len(X0)), np.nan)
    values[:, 0] = X0.T
    for n in range(n_samples - 1):
        after = program.evaluate(np.vstack([values[:, n], inputs[:, :, n].T]))
        is_lost = ~(np.abs(after) <= reach).all(axis=0)
        values[:, n + 1] = np.where(is_lost, np.nan, after)
    ends = np.isfinite(values).all(axis=0).sum(axis=0)  # samples that each run lasts
    who = (f"Run {run}" if len(X0) > 1 else "The simulation" for run in range(len(X0)))
    notes = [
        f"{name} left the finite numbers after {end} of {n_samples} values; it is NaN from there on."
        for name, end in zip(who, ends, strict=True)
        if end < n_samples
    ]
    return values.transpose(2, 0, 1), notes
