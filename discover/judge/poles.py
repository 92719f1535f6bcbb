"""Where a rational law has poles: proved that there are none, or where they are, in words."""

from collections.abc import Sequence

import numpy as np

from discover.equation import Equation
from discover.expr import Interval, zero_in
from discover.problem import Problem


def poles(problem: Problem, equations: Sequence[Equation]) -> list[str]:
    """Return a sentence for every denominator, about the ranges in which the variables were measured."""
    return [_told(problem, equation) for equation in equations if equation.divisor is not None]


def _told(problem: Problem, equation: Equation) -> str:
    low = np.min([block.X.min(axis=1) for block in problem], axis=0)
    high = np.max([block.X.max(axis=1) for block in problem], axis=0)
    assert equation.divisor is not None  # asked of rational equations alone
    zero = zero_in(equation.divisor, [Interval(*side) for side in zip(low.tolist(), high.tolist(), strict=True)])
    start = f"The denominator of {equation.target} "
    match zero.found:
        case "no":
            return f"{start}has no zero between the smallest and the largest values measured (proved)."
        case "open":
            return f"{start}could not be shown to have no zero between the smallest and the largest values measured."
    used = equation.divisor.variables
    where = ", ".join(f"{problem.names[v]} = {zero.point[v]:.3g}" for v in used)
    return (
        f"{start}vanishes within the ranges of the data, near {where}, though at no sample: "
        "there the law says nothing, and no simulation crosses it."
    )
