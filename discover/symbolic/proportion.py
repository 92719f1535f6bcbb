"""Are the errors of a target equal, or in proportion to its value? The forms of a search are asked, all of them.

A form under equal errors and the same form under errors of its logarithm are two descriptions of the same numbers: they
compare once the residuals of the first are divided by the geometric mean of y, which is the Jacobian of the logarithm.

Source: Box and Cox (1964), doi:10.1111/j.2517-6161.1964.tb00553.x.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from discover.inference.criteria import Logarithms, Squares
from discover.inference.description import PER_TOKEN
from discover.problem import Array
from discover.symbolic.archive import Archive, Entry

DECADE = 10.0
"""Range of y below which the two kinds of errors are hardly told apart, and equal ones are assumed."""

FAR = 1e-3
"""Standard deviation relative to y's root mean square that is an error, and not rounding or what a solver left."""

N_ITERATIONS = 60
TURN = "exhaustive"
"""The stage by which all kinds of short forms have had their turn."""

NOTE = (
    "Errors in proportion to {target} describe the data more briefly than equal ones, so formulas were fitted to "
    'logarithms; loss="squared" takes equal errors.'
)


def may_be(y: Array) -> bool:
    """Return whether y (n_rows,) is of one sign and spans a decade.

    >>> may_be(np.array([0.4, 1.0, 9.0])), may_be(np.array([0.4, 1.0, 5.0, -1.0])), may_be(np.array([1.0, 2.0]))
    (True, False, False)
    """
    size = np.abs(y)
    return bool(((y > 0).all() or (y < 0).all()) and size.max() > DECADE * size.min())


def shorter(entries: Sequence[Entry], equal: Squares) -> float:
    """Return by how many nats the shortest description under errors in proportion is below that under equal ones.

    Args:
        entries: the forms that count, fitted under equal errors.
        equal: the data.
    """
    logarithms = Logarithms(equal.X, equal.y, np.ones(len(equal.y)))
    n = len(equal.y)
    unit = float(np.exp(2.0 * np.mean(np.log(np.abs(equal.y)))))  # the geometric mean, squared
    costs = [PER_TOKEN * one.tokens + 0.5 * one.form.n_free * np.log(n) for one in entries]
    usual = [
        equal.nats(one.mse * equal.scale / unit, one.form.n_free) + c for one, c in zip(entries, costs, strict=True)
    ]
    fits = logarithms.fit([one.form for one in entries], N_ITERATIONS)
    relative = [
        logarithms.nats(left, form.n_free) + c for (form, left), c in zip(fits, costs, strict=True) if np.isfinite(left)
    ]
    return min(usual) - min(relative) if relative else -np.inf


@dataclass(slots=True, eq=False)
class Errors:
    """Watches a search under equal errors, and ends it where errors in proportion turn out to explain more.

    Attributes:
        asked: whether there is a question at all: y is of one sign and spans a decade, and nobody told its errors.
        kept: which entries of an archive count.
        in_proportion: the answer, None before it was given.
    """

    asked: bool
    kept: Callable[[Archive], list[Entry]]
    in_proportion: bool | None = None

    def look(self, stage: str, archive: Archive) -> None:
        """Answer the question once all kinds of short forms have had their turn."""
        if stage == TURN and self.in_proportion is None:
            self.decide(archive)

    def decide(self, archive: Archive) -> bool:
        """Return whether errors are in proportion to the value, by the forms of an archive; decided once."""
        best, equal = archive.best, archive.fits
        if self.in_proportion is None and self.asked and best is not None and isinstance(equal, Squares):
            # Without errors to speak of there is no kind of error; nor where all that y does is left unexplained.
            explains = any(v < best.form.n_variables for v in best.form.expr.variables)
            self.in_proportion = explains and best.mse > FAR**2 and shorter(self.kept(archive), equal) > 0.0
        return bool(self.in_proportion)

    @property
    def ends(self) -> bool:
        """Whether the search under equal errors may stop."""
        return bool(self.in_proportion)
