"""Other people's engines behind our contract: they propose, and what they propose is judged like our own.

A peer is imported only when it is asked for, and says what to install where it is missing. To add one,
write a frozen dataclass as `discover.contract.Engine` says, with `missing()` beside it, in a file of its
own; turn what it proposes into supports for `discover.inference.candidates`; then add a row to `ENGINES`
of `discover.find`.
"""

from discover.peers.pysindy import PySINDy

__all__ = ["PySINDy"]
