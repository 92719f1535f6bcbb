"""Program (first version)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.expr.evaluation import evaluate
from discover.expr.expression import Expr


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    exprs: tuple[Expr, ...]
    n_variables: int

    def evaluate(self, X: ArrayLike) -> NDArray[np.float64]:
        return np.array([evaluate(expr, X) for expr in self.exprs])


def compile_program(exprs: Sequence[Expr], n_variables: int) -> Program:
    return Program(tuple(exprs), n_variables)
