"""What a law must obey: one file a constraint.

A requirement is a text, read by a grammar of our own (`grammar`), or an object with the answers of
`discover.contract.Constraint`. What is linear in the coefficients is handed to every fit as rows and priors, and then
holds exactly; what is not is proven or tested of finished right-hand sides, and refused where it fails.

To add a constraint: a file with a frozen dataclass that inherits `Requirement` (or `Identity`, where it is one), and
a row in `registry.py` that says which word it answers to. One list of tests runs over the whole registry.
"""

from discover.physics.augmentation import augmenting
from discover.physics.augmentation import note as augmented_note
from discover.physics.grammar import read, required, statements
from discover.physics.registry import WORDS
from discover.physics.subject import Subject, subject_of
from discover.physics.symmetries import symmetries

__all__ = [
    "WORDS",
    "Subject",
    "augmented_note",
    "augmenting",
    "read",
    "required",
    "statements",
    "subject_of",
    "symmetries",
]
