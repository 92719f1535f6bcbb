"""How notebooks show equations and fronts: they ask the object itself, and the door out knows the answer.

Both lie below the rooms that draw. This is the only import of the house that goes up, and only when a notebook asks.
"""

from typing import Any


class Shown:
    """Has a rich form in notebooks, `discover.export.card`; takes no room and changes no value."""

    __slots__ = ()

    def _repr_html_(self: Any) -> str:
        from discover.export.card import shown

        return shown(self)
