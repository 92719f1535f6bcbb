"""What may stand in one equation: columns that enter alone or together, and those that must be in."""

from dataclasses import dataclass

Support = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """The choices of one equation, as columns of the library.

    Attributes:
        groups: columns that enter together or not at all; most groups hold one.
        forced: columns that are always in.
    """

    groups: tuple[Support, ...]
    forced: Support = ()

    @property
    def n_choices(self) -> int:
        """How many groups there are to choose from."""
        return len(self.groups)

    @property
    def columns(self) -> Support:
        """Every column that may be in, forced ones first, each group side by side."""
        return (*self.forced, *(column for group in self.groups for column in group))

    @property
    def is_plain(self) -> bool:
        """Whether every column may come and go alone."""
        return not self.forced and all(len(group) == 1 for group in self.groups)

    @property
    def widest(self) -> int:
        """Columns of the largest group."""
        return max((len(group) for group in self.groups), default=0)

    def support(self, chosen: Support) -> Support:
        """Return the columns of the chosen groups and the forced ones, increasing.

        >>> Menu(((0, 1), (2,)), forced=(3,)).support((0,))
        (0, 1, 3)
        """
        return tuple(sorted({*self.forced, *(column for g in chosen for column in self.groups[g])}))

    def chosen(self, support: Support) -> Support:
        """Return the groups of which a support holds a column.

        >>> Menu(((0, 1), (2,)), forced=(3,)).chosen((0, 1, 3))
        (0,)
        """
        inside = set(support)
        return tuple(g for g, group in enumerate(self.groups) if inside & set(group))
