"""Other people's engines behind our contract: they propose, and what they propose is judged like our own.

A peer is imported only when it is asked for, and says what to install where it is missing. To add one,
write a frozen dataclass as `discover.contract.Engine` says, with `missing()` beside it, in a file of its
own; turn what it proposes into supports for `discover.inference.candidates`, or its formulas into a front by
`discover.peers.translation`; then add a row to `ENGINES` or `LAW_ENGINES` of `discover.find`.
"""

from discover.peers.gplearn import GPLearn
from discover.peers.operon import Operon
from discover.peers.pysindy import PySINDy
from discover.peers.pysr import PySR

__all__ = ["GPLearn", "Operon", "PySINDy", "PySR"]
