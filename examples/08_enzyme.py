"""An enzyme: Vmax and K from progress curves, without being told the law of Michaelis and Menten.

An enzyme eats its substrate at the rate Vmax s/(K + s): fast and steady while there is plenty, in proportion to
what is left when there is little. Three test tubes are watched while their substrate disappears, by an instrument
that errs by 0.02 mM. Polynomials are on offer above the line and below it, so the law might have had many another form.

The law comes out relative to 1; a biochemist divides by the coefficient of s instead. The page is out/enzyme.html.

Try: start all three tubes at 0.1 mM, far below K. Which number can the data still tell, and which not?
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import lambertw

import discover
from discover import Polynomial, Rational

VMAX, K = 1.8, 0.65
"""Millimoles per litre and minute; millimoles per litre."""


def progress(start: float, t: np.ndarray) -> np.ndarray:
    """Return the substrate left at times t, after Schnell and Mendoza (1997), doi:10.1006/jtbi.1997.0425."""
    return K * lambertw(start / K * np.exp((start - VMAX * t) / K)).real


def measured(starts: tuple[float, ...], error: float = 0.02, seed: int = 3) -> pd.DataFrame:
    """Return noisy progress curves, a test tube for each start."""
    rng, t = np.random.default_rng(seed), np.linspace(0.0, 4.0, 201)
    tubes = []
    for number, start in enumerate(starts, start=1):
        s = progress(start, t) + error * rng.standard_normal(len(t))
        tubes.append(pd.DataFrame({"time [min]": t, "tube": f"tube {number}", "s [mM]": s}))
    return pd.concat(tubes)


def main() -> discover.Discovery:
    """Find the law, then read Vmax and K off it."""
    data = discover.load(measured((4.0, 2.0, 1.0)), time="time", group="tube")
    found = discover.dynamics(data, library=Rational(Polynomial(3), Polynomial(2)))
    print(found)

    usual = found.relative_to("s", "s")
    law = usual.equations["s"]
    (rate,), (_, constant) = law.terms, law.denominator
    print(f"\nVmax = {-rate.value:.3f} {rate.unit} (95 % interval {-rate.high:.3f} to {-rate.low:.3f}; true {VMAX})")
    print(
        f"K = {constant.value:.3f} {constant.unit} (95 % interval {constant.low:.3f} to {constant.high:.3f}; true {K})"
    )

    Path("out").mkdir(exist_ok=True)
    usual.report("out/enzyme.html")
    return found


if __name__ == "__main__":
    main()
