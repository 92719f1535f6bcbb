"""Hamilton's equations: q' = ∂H/∂p, p' = -∂H/∂q for some H, which need not be known."""

from discover.contract import Constraint
from discover.errors import SettingError
from discover.physics.gradient import Potential
from discover.physics.subject import Subject
from discover.physics.wording import only_motion, targets_of, tuples_of


def read(text: str, about: str, subject: Subject) -> list[Constraint]:
    """Read "hamiltonian: (x, px), (y, py)"; each pair is a coordinate and its momentum.

    Raises:
        SettingError: where the pairs are not all the states.
    """
    only_motion(text, subject)
    example = "hamiltonian: (x, px), (y, py)"
    pairs = tuples_of(text, about, subject, example)
    named = [name for pair in pairs for name in pair]
    if any(len(pair) != 2 for pair in pairs) or sorted(named) != sorted(subject.targets):
        raise SettingError(
            f'"{text}" must pair every state, coordinate and momentum, such as "{example}"; the states are '
            f"{', '.join(subject.targets)}."
        )
    components = dict[int, tuple[int, float]]()
    for pair in pairs:
        q, p = targets_of(text, pair, subject)
        components[q] = (p, 1.0)  # q' is the derivative of H by p
        components[p] = (q, -1.0)
    return [Potential(text, subject, tuple(components[i] for i in range(subject.n_targets)))]
