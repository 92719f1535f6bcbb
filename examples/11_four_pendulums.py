"""Four pendulums: one form of law, and one number in it that changes from pendulum to pendulum.

Four pendulums of different length swing in the same air. All share one form, ω′ = -k sin θ - c ω; the search does not
know which of its coefficients depend on the length. It finds that k does and c does not, and k times the length is
the same number for all four: the acceleration of gravity, which nobody told it.

Try: give every pendulum a damping of its own. Which sentence of the answer changes? Then let two of the pendulums
have the same length, and see whether the answer notices.
"""

from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

import discover

GRAVITY, DAMPING = 9.81, 0.15
LENGTHS = (0.25, 0.5, 1.0, 2.0)


def swing(length: float, t: np.ndarray) -> np.ndarray:
    """Return angle and angular velocity of one pendulum, shape (2, n)."""

    def rates(_: float, state: np.ndarray) -> list[float]:
        theta, omega = state
        return [omega, -GRAVITY / length * np.sin(theta) - DAMPING * omega]

    return solve_ivp(rates, (0.0, t[-1]), [1.9, 0.0], t_eval=t, rtol=1e-9, atol=1e-9).y


def main() -> discover.Discovery:
    """Find the law of all four, as one instrument saw them, and write the report."""
    rng, t = np.random.default_rng(11), 0.02 * np.arange(400)
    theta, omega = np.concatenate([swing(length, t) for length in LENGTHS], axis=1)
    theta, omega = theta + 0.02 * rng.standard_normal(theta.shape), omega + 0.05 * rng.standard_normal(omega.shape)
    table = {"t": np.tile(t, 4), "theta": theta, "omega": omega, "length": np.repeat(LENGTHS, len(t))}

    library = discover.Polynomial(2) + discover.Trigonometric(of="theta")
    found = discover.dynamics(table, by="length", library=library)
    print(found)

    print("\ngravity, from each pendulum:")
    for label, one in found.cases.items():
        term = min(one.equations["omega"].terms, key=lambda term: term.value)
        error = 0.5 * (term.high - term.low) * float(label)
        print(f"  length {label}: {-term.value * float(label):.3f} ± {error:.3f} (95 %)")
    Path("out").mkdir(exist_ok=True)
    found.report("out/four_pendulums.html")
    return found


if __name__ == "__main__":
    main()
