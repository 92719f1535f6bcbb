"""Conservation over space: u_t = -∂F/∂x, so that the total of u changes through the boundary only."""

from dataclasses import dataclass

from discover.contract import Constraint
from discover.errors import SettingError
from discover.expr import Expr, simplify
from discover.physics.requirement import Identity, Weights
from discover.physics.subject import Subject
from discover.physics.wording import names_of, targets_of
from discover_kernels import opcodes


@dataclass(frozen=True, slots=True)
class Flux(Identity):
    """Every term of an equation is a derivative along space.

    Attributes:
        targets: the fields whose totals are conserved.
    """

    targets: tuple[int, ...]

    def contribution(self, target: int, term: Expr) -> Weights:
        """Return a term that is no derivative along space, which has to go."""
        whole = simplify(term)
        is_flux = whole.root == opcodes.D and any(whole.orders[-1][1:])
        return {} if is_flux else {(target, whole): 1.0}

    def speaks_of(self, target: int) -> bool:
        """Return whether a field's total is conserved."""
        return target in self.targets


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "conserve: u" for a field.

    Raises:
        SettingError: for what is no field.
    """
    if not subject.space:
        raise SettingError(f'"{text}" is for laws over space.')
    return [Flux(text, subject, targets_of(text, names_of(text, about, subject, "conserve: u"), subject))]
