"""Engine two: which expression at all?

A search is a sequence of stages, each a file with a generator that takes a node (a reduced problem) and
yields batches of forms; the archive fits their constants and ranks them by description length. To add a
stage, write such a generator and name it in `stages.batches`; to add a view of the target, a row in `views`.
"""

from discover.symbolic.engine import Symbolic
from discover.symbolic.state import Keeper

__all__ = ["Keeper", "Symbolic"]
