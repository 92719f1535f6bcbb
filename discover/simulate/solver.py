"""One initial value problem, by scipy's solvers, with an end whatever the rates are."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import DOP853, LSODA

from discover.simulate.batch import escape_box, tolerances

Array = NDArray[np.float64]
Rate = Callable[[float, Array], Array]


@dataclass(frozen=True, slots=True)
class Method:
    """A solver of scipy, called like `scipy.integrate.BDF`, and how many steps it may take."""

    solver: Callable[..., Any]
    n_steps: int


def explicit_first(n_samples: int, max_steps: int) -> tuple[Method, ...]:
    """Return DOP853, and LSODA after so many steps that the system must be stiff."""
    first = min(max_steps, 2000 + 10 * n_samples)
    return Method(DOP853, first), Method(LSODA, max_steps - first)


def solve(
    rate: Rate, x0: Array, t: Array, rtol: float, max_steps: int, methods: Sequence[Method] = ()
) -> tuple[Array, str | None]:
    """Solve one initial value problem; returns the states (n_states, n_samples) and why it ended early, or None.

    Each method goes on from where the one before it ran out of steps; `explicit_first` unless told otherwise.

    >>> solve(lambda t, x: -x, np.array([1.0]), np.array([0.0, 1.0]), 1e-9, 1000)[0].round(6)
    array([[1.      , 0.367879]])
    """
    states = np.full((len(x0), len(t)), np.nan)
    states[:, 0] = x0
    atol, box = tolerances(x0[None, :], rtol), escape_box(x0[None, :])
    time, x, n_left = float(t[0]), x0, max_steps
    for method in methods or explicit_first(len(t), max_steps):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solver = method.solver(rate, time, x, float(t[-1]), rtol=rtol, atol=atol)
            for _ in range(min(method.n_steps, n_left)):
                solver.step()
                inside = np.isfinite(solver.y).all() and (np.abs(solver.y) <= box.reach).all()
                if solver.status == "failed" or not inside:
                    break
                passed = (t > time) & (t <= solver.t)
                if passed.any():
                    states[:, passed] = solver.dense_output()(t[passed])
                time, x, n_left = float(solver.t), solver.y.copy(), n_left - 1
                if solver.status == "finished":
                    return states, None
    reason = f"needed more than {max_steps} steps" if n_left <= 0 else "left the finite numbers"
    return states, f"{reason} at {time:.6g}; it is NaN from there on"
