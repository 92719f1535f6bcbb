"""Trajectories augmented by a symmetry: mirrored copies that count as the same data as their originals.

Over the copies of all changes of a finite group the loss is Σ_g L(ρ(g) ξ), which no change of the group alters. Its
least-squares minimum is therefore a law with the symmetry, and among such laws every copy has the loss of the data
themselves: so augmenting is fitting the data under the symmetry, exactly, in one covariance with its copies, and with
error bars that do not shrink as if the copies were news. On trajectories, whose loss is no parabola, a minimum among
laws with the symmetry is a stationary point of the augmented loss.

Source: Palais (1979), The principle of symmetric criticality, doi:10.1007/BF01941322.
"""

from collections.abc import Sequence

import numpy as np

from discover.contract import Constraint
from discover.errors import SettingError, did_you_mean
from discover.expr import Expr
from discover.physics.equivariance import Equivariance
from discover.physics.grammar import statements
from discover.physics.samples import rates
from discover.physics.subject import Subject, listed, subject_of
from discover.problem import Problem

GROUPS = ("symmetric", "reversible", "even", "odd", "rotation")
"""Words whose changes come back to where they began, so that their copies are finitely many, or a circle."""

MOST_COPIES = 24


def augmenting(augment: str | Sequence[str], problem: Problem) -> tuple[Constraint, ...]:
    """Return what augmenting trajectories by symmetries asks of their law.

    Args:
        augment: "(x, y) -> (-x, -y)", "odd: theta", "rotation: (x, y)", or a list of these.
        problem: whose names they speak of.

    Raises:
        SettingError: for text that is no symmetry, or one whose copies would have no end.

    >>> from discover.physics.subject import Subject
    >>> [one.text for one in copies("x -> -x", Subject(("x", "y"), ("x", "y")))]
    ['symmetric: x -> -x']
    """
    texts = [augment] if isinstance(augment, str) else augment
    if not isinstance(texts, Sequence) or not texts:
        raise SettingError(
            f'augment takes symmetries such as "(x, y) -> (-x, -y)", or a list of them, got {augment!r}.'
        )
    if problem.cases or problem.formulation in ("stochastic", "algebraic"):
        raise SettingError("augment= is for trajectories of one case under a law without chance; leave it out.")
    subject = subject_of(problem)
    return tuple(one for words in texts for one in copies(words, subject))


def copies(words: object, subject: Subject) -> tuple[Constraint, ...]:
    """Return the constraints of one symmetry; see `augmenting`."""
    if not isinstance(words, str) or not words.strip():
        raise SettingError(f'augment takes a symmetry such as "(x, y) -> (-x, -y)", got {words!r}.')
    word, colon, _ = words.partition(":")
    text = words if colon else f"symmetric: {words}"
    if not colon and "->" not in words:
        raise SettingError(f'augment got "{words}"; it takes a symmetry such as "(x, y) -> (-x, -y)" or "odd: x".')
    if colon and word.strip().lower() not in GROUPS:
        raise SettingError(
            f'augment got "{words}"; copies are made by {listed(GROUPS)}.{did_you_mean(word.strip().lower(), GROUPS)} '
            "What has no such copies can be required: require=."
        )
    found = statements([text], subject)
    for one in found:
        if isinstance(one, Equivariance) and not _returns(one.image):
            raise SettingError(
                f'augment got "{words}", which made again and again never comes back to where it began, so its copies '
                "would have no end; require it instead."
            )
    return found


def _returns(image: tuple[Expr, ...]) -> bool:
    """Return whether a change of variables, made at most so many times, leaves everything in place."""
    X = np.random.default_rng(len(image)).uniform(0.5, 2.0, (len(image), 7))
    there = X
    for _ in range(MOST_COPIES):
        there = rates(image, np.ascontiguousarray(there))
        if np.allclose(there, X, rtol=1e-9, atol=1e-9):
            return True
    return False


def note(constraints: Sequence[Constraint]) -> str:
    """Return what the reader is told of the copies."""
    told = listed([f'"{one.text}"' for one in dict.fromkeys(constraints)])
    return (
        f"The trajectories were augmented by {told}: the copies count as the same data as their originals, so the law "
        "was fitted under the symmetry, and no error bar is smaller for the copies' number."
    )
