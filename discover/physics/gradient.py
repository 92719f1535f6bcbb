"""Right-hand sides that descend, or climb, a potential: f = -∇V, so that ∂f_i/∂x_j = ∂f_j/∂x_i."""

from collections.abc import Hashable
from dataclasses import dataclass

from discover.contract import Constraint
from discover.expr import Expr, differentiate
from discover.expr.expansion import expand
from discover.physics.requirement import Identity, Weights
from discover.physics.subject import Subject
from discover.physics.wording import only_motion


@dataclass(frozen=True, slots=True)
class Potential(Identity):
    """Some signed arrangement of the right-hand sides has no curl, and so is the gradient of something.

    Attributes:
        components: for each target the target whose derivative of the potential it is, and its sign.
    """

    components: tuple[tuple[int, float], ...]

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return a term's part of the curl in every plane."""
        component, sign = self.components[target]
        found: dict[Hashable, float] = {}
        for other in range(self.subject.n_targets):
            if other != component:
                turn = sign if component < other else -sign
                plane = (min(component, other), max(component, other))
                for key, value in expand(differentiate(term, self.subject.index_of(other))).items():
                    found[plane, key] = found.get((plane, key), 0.0) + turn * value
        return found

    def ties(self, n_targets: int) -> tuple[tuple[int, ...], ...]:
        """Return all targets."""
        return (tuple(range(n_targets)),) if n_targets > 1 else ()


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "gradient".

    Raises:
        SettingError: for laws that are no rates.
    """
    only_motion(text, subject)
    return [Potential(text, subject, tuple((i, 1.0) for i in range(subject.n_targets)))]
