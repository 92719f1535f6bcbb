"""A population counted once a year: a map, x[n+1] = f(x[n]), found in counts that look like noise.

Salmon spawn once and die, so next year's stock is a function of this year's alone. With few fish every one
has many young; with many the young starve. Ricker (1954) wrote that as x exp(-x), and where it is steep the
stock never settles: the counts jump up and down without a period. A library of polynomials is offered his
term beside its own.

Try: make the counts worse (`error = 0.15`). What happens to the length over which the law can be followed?
"""

from pathlib import Path

import numpy as np

import discover


def counts(n: int = 120, growth: float = 18.0, error: float = 0.02, seed: int = 5) -> np.ndarray:
    """Return yearly counts, in units of the stock at which the young begin to starve, with counting errors."""
    x = np.empty(n)
    x[0] = 0.5
    for year in range(n - 1):
        x[year + 1] = growth * x[year] * np.exp(-x[year])
    return x + error * np.sqrt(np.mean(x**2)) * np.random.default_rng(seed).standard_normal(n)


def main() -> discover.Discovery:
    """Find the map, and follow it for a few years."""
    x = counts()
    data = discover.load({"year": 1900 + np.arange(len(x)), "stock": x}, time="year")
    library = discover.Polynomial(3) + discover.Terms("stock*exp(-stock)")
    found = discover.dynamics(data, form=discover.Map(), library=library)
    print(found)
    print("\nthe truth: stock[n+1] = 18 stock[n]·exp(-stock[n])")

    # Chaos: two stocks that differ by a thousandth part ways within a few years.
    years = np.arange(12)
    one, other = (found.simulate([start], years)["stock"].values for start in (1.0, 1.001))
    print("years until two stocks a thousandth apart differ by a tenth:", int(np.argmax(np.abs(one - other) > 0.1)))

    page = Path("out") / "population.html"
    page.parent.mkdir(exist_ok=True)
    found.report(page)
    print(f"\nThe map as a picture: {page}")
    return found


if __name__ == "__main__":
    main()
