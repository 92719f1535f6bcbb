"""Running a law forward: the compiled batch and the single run, against pysindy's `simulate`.

    python benchmarks/simulate.py

All integrate the same Lorenz system, fitted by pysindy to clean data, from the same initial states over the
same times, to comparable accuracy; the error is against DOP853 at 1e-12.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from discover.expr import Polynomial, add, constant, multiply
from discover.simulate import VectorField, clean_trajectories, known_system, simulate, simulate_batch

N_RUNS = 20
N_SAMPLES = 1000
STEP = 0.002


def best_of(function: Callable[[], object], n: int = 3) -> tuple[float, object]:
    """Return the least of n wall times, and the last result."""
    times = []
    for _ in range(n):
        started = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - started)
    return min(times), result


def fitted_lorenz() -> tuple[object, VectorField]:
    """Return pysindy's fitted model and the same right-hand sides as expressions."""
    import pysindy

    system = known_system("lorenz")
    (X,), _ = clean_trajectories(system, 1, 5000)
    model = pysindy.SINDy(
        feature_library=pysindy.PolynomialLibrary(degree=2),
        optimizer=pysindy.STLSQ(threshold=0.1),
        differentiation_method=pysindy.FiniteDifference(order=4),
    )
    model.fit(X.T, t=system.dt, feature_names=list(system.states))
    library = Polynomial(2).build(system.states)
    rates = []
    for row in model.coefficients():
        total = constant(0.0)
        for value, term in zip(row, library, strict=True):
            total = add(total, multiply(constant(float(value)), term)) if value else total
        rates.append(total)
    return model, VectorField(system.states, (), tuple(rates))


def timings() -> list[tuple[str, float, float, float]]:
    """Return (what, seconds a run, largest error over the range, times faster than pysindy) of every way."""
    warnings.filterwarnings("ignore")
    model, field = fitted_lorenz()
    t = np.arange(N_SAMPLES) * STEP
    X0 = clean_trajectories(known_system("lorenz"), N_RUNS, 2)[0][:, :, 0]
    exact = [
        solve_ivp(lambda _, x: model.predict(x[None])[0], t[[0, -1]], X0[0], "DOP853", t, rtol=1e-12, atol=1e-12).y
    ]

    simulate_batch(field, X0[:2], t[:3])
    simulate(field, X0[0], t[:3])
    theirs, x_theirs = best_of(lambda: np.array([model.simulate(x0, t) for x0 in X0[:2]]), 1)
    theirs /= 2
    single, x_single = best_of(lambda: simulate(field, X0[0], t).to_array().values)
    tight, x_tight = best_of(lambda: simulate(field, X0[0], t, rtol=1e-11).to_array().values)
    batch, x_batch = best_of(lambda: simulate_batch(field, X0, t))
    many = np.tile(X0, (50, 1))
    crowd, _ = best_of(lambda: simulate_batch(field, many, t))
    reach = np.abs(exact[0]).max()
    ways = (
        ("pysindy 2.1.0 simulate (LSODA 1e-12)", theirs, x_theirs[0].T),
        ("simulate (DOP853 1e-9)", single, x_single),
        ("simulate (DOP853 1e-11)", tight, x_tight),
        (f"simulate_batch of {N_RUNS} (Dormand–Prince 1e-9)", batch / N_RUNS, x_batch[0]),
        (f"simulate_batch of {len(many)}", crowd / len(many), x_batch[0]),
    )
    return [
        (name, seconds, float(np.abs(states - exact[0]).max() / reach), theirs / seconds)
        for name, seconds, states in ways
    ]


def main() -> None:
    """Print times per run and their ratios."""
    print(f"Lorenz, {N_SAMPLES} samples {STEP} apart, seconds per run and largest error over range")
    for name, seconds, error, ratio in timings():
        print(f"{name:50s} {seconds:.2e} s  error {error:.0e}  {ratio:6.0f} times faster")


if __name__ == "__main__":
    main()
