"""Hares and lynxes: the law of predator and prey, from a hundred-year-old table.

The Hudson's Bay Company counted the pelts that trappers brought in. Nobody tells the program that one
animal eats the other: it is offered every product of the two counts up to degree two, and keeps what the
data can pay for. What is left is the law that Lotka (1925) and Volterra (1926) wrote down.

Try: leave out the last five years (`data.isel(time=slice(0, 16))`). Which interval grows most, and why?
"""

from pathlib import Path

import discover


def main() -> discover.Discovery:
    """Find the law, and print every coefficient with its 95 % interval."""
    data = discover.example("pelts")
    print(f"{data.sizes['time']} years of {', '.join(map(str, data.data_vars))}: few, and noisy.\n")

    found = discover.dynamics(data, library=discover.Polynomial(2))
    print(found)

    # An interval that keeps clear of zero is what makes a term worth believing in.
    for target, equation in found.equations.items():
        for term in equation.terms:
            print(f"{target}′: {term.value:+.4f}  95 % interval {term.low:+.4f} to {term.high:+.4f}")

    page = Path("out") / "pelts.html"
    page.parent.mkdir(exist_ok=True)
    found.report(page)
    print(f"\nThe same, with pictures: {page}")
    return found


if __name__ == "__main__":
    main()
