"""Solitons: a law over space, from a noisy movie of two waves that pass through each other.

Two waves on shallow water meet, the tall one overtakes the low one, and both leave as they came. Neither
the steepening term nor the spreading term alone would let them: the law that is found holds both.

Try: raise the noise to 0.5. Which of the two terms has the wider interval, and why?
"""

import numpy as np

import discover


def two_solitons(t: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the exact solution of u_t = -6 u u_x - u_xxx with two solitons, shape (n_t, n_x)."""
    low, tall = 1.0, 1.6
    T, X = t[:, None], x[None, :]
    a, b = np.exp(low * X - low**3 * T), np.exp(tall * (X + 6.0) - tall**3 * T)
    both = ((low - tall) / (low + tall)) ** 2 * a * b
    F = 1.0 + a + b + both
    F_x = low * a + tall * b + (low + tall) * both
    F_xx = low**2 * a + tall**2 * b + (low + tall) ** 2 * both
    return 2.0 * (F_xx / F - (F_x / F) ** 2)


def main() -> discover.Discovery:
    """Find the Korteweg-de Vries equation under a tenth of noise."""
    t, x = np.linspace(0.0, 5.0, 160), np.linspace(-12.0, 14.0, 260)
    u = two_solitons(t, x)
    noise = 0.1 * np.sqrt(np.mean(u**2)) * np.random.default_rng(1).standard_normal(u.shape)
    found = discover.dynamics(discover.load({"t": t, "x": x, "u": u + noise}, space="x"))
    print(found)
    print("\nthe truth: u_t = -3 (u²)_x - u_xxx, which is -6 u u_x - u_xxx")
    return found


if __name__ == "__main__":
    main()
