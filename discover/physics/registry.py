"""The words that requirements begin with, and what reads what they are about: one line a constraint."""

from collections.abc import Callable

from discover.contract import Constraint
from discover.physics.subject import Subject

Reader = Callable[[str, str, Subject], list[Constraint]]
"""(whole text, what stands after the colon, names) -> constraints."""

WORDS: dict[str, Reader] = {}
