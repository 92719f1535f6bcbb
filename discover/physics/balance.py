"""A sum of left-hand sides that is known: dS/dt + dI/dt + dR/dt == 0."""

from dataclasses import dataclass

from discover.expr import Expr
from discover.expr.expansion import expand, monomial_expr
from discover.physics.requirement import Identity, Weights


@dataclass(frozen=True, slots=True)
class Balance(Identity):
    """Σ weight · left-hand side equals an expression of the variables, whatever their values.

    Attributes:
        weights: of each target, 0 where it takes no part.
        right: the expression.
    """

    weights: tuple[float, ...]
    right: Expr

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return the products that a term is made of, times the weight of its target."""
        return {key: self.weights[target] * value for key, value in expand(term).items()}

    def total(self) -> Weights:
        """Return the products that the right side is made of."""
        return dict(expand(self.right))

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return the targets that take part."""
        mine = tuple(i for i, weight in enumerate(self.weights) if weight)
        return (mine,) if len(mine) > 1 else ()

    def speaks_of(self, target: int) -> bool:
        """Return whether a target takes part."""
        return self.weights[target] != 0.0

    def needed(self) -> tuple[Expr, ...]:
        """Return the terms that the right side is made of."""
        return tuple(monomial_expr(key) for key in expand(self.right))
