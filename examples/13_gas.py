"""A formula without a library: the gas law, with its constant, its unit and its error bar.

A class measured the pressure of 120 samples of gas with errors of 1 %, and wrote down the age of the
gauge as well. Which of the columns matter, and how? Formulas that break the units are not considered,
and the unit of the constant comes out by itself.

Try: give the gauge a fault, such as 2 % more for every year of its age.
"""

from pathlib import Path

import numpy as np

import discover


def main() -> discover.Discovery:
    """Make the table, seek the formula, and write the page."""
    rng = np.random.default_rng(3)
    amount, temperature, volume = rng.uniform([[0.5], [280.0], [0.01]], [[2.0], [400.0], [0.05]], (3, 120))
    pressure = 8.314 * amount * temperature / volume
    table = {
        "n [mol]": amount,
        "T [K]": temperature,
        "V [m^3]": volume,
        "age [year]": rng.uniform(0.0, 10.0, 120),
        "P [Pa]": pressure * (1.0 + 0.01 * rng.standard_normal(120)),
    }
    found = discover.law(table, target="P")
    print(found)
    (term,) = found.equations["P"].terms
    print(f"\nThe constant is {term.value:.3f} ± {term.std:.3f} {term.unit}; the gas constant is 8.314.")

    page = Path("out") / "gas.html"
    page.parent.mkdir(exist_ok=True)
    found.report(page)
    print(f"Formula against data: {page}")
    return found


if __name__ == "__main__":
    main()
