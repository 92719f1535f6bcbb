"""The words that requirements begin with, and what reads what they are about: one line a constraint."""

from collections.abc import Callable

from discover.contract import Constraint
from discover.physics import (
    bounded,
    conserved,
    divergence,
    energy,
    equivariance,
    generator,
    gradient,
    grouping,
    hamiltonian,
    mass_action,
    positivity,
    shape,
    wanted,
)
from discover.physics.subject import Subject

Reader = Callable[[str, str, Subject], list[Constraint]]
"""(whole text, what stands after the colon, names) -> constraints."""

WORDS: dict[str, Reader] = {
    "positive": positivity.read,
    "conserve": conserved.read,
    "divergence-free": divergence.read,
    "energy-preserving": energy.read,
    "hamiltonian": hamiltonian.read,
    "gradient": gradient.read,
    "symmetric": equivariance.read_symmetric,
    "even": equivariance.read_parity,
    "odd": equivariance.read_parity,
    "reversible": equivariance.read_reversible,
    "translation": generator.read_translation,
    "rotation": generator.read_rotation,
    "scaling": generator.read_scaling,
    "galilean": generator.read_galilean,
    "mass-action": mass_action.read,
    "forced": wanted.read,
    "forbidden": wanted.read,
    "together": grouping.read_together,
    "inseparable": grouping.read_inseparable,
    "finite": shape.read_finite,
    "bounds": shape.read_bounds,
    "increasing": shape.read_slope,
    "decreasing": shape.read_slope,
    "convex": shape.read_slope,
    "concave": shape.read_slope,
    "bounded": bounded.read,
}
"""Word at the beginning of a requirement -> what reads the rest."""
