"""The archive: every form that was fitted, ranked by how short it makes the data.

The description length of a form is ½(N - p) ln(MSE / mean square) + 1.5 nats a token + ½ ln N for each of
its p constants. The price of a token pays for having looked at so many forms: no hold-out is needed beside
it. Of N residuals p are not free, which decides among few rows.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr
from discover.inference.criteria import Criterion, Squares
from discover.inference.description import PER_TOKEN, n_tokens
from discover.inference.forms import Form
from discover.inference.whiteness import structure_left
from discover.symbolic.exhaustion import MOST_WORK, Exhausted, exhausted
from discover.symbolic.limits import Limits

Array = NDArray[np.float64]

N_ITERATIONS = 30

FEW, MANY = 3, 1e-6
EXACT = 1e-18
"""Mean squared error, relative to the mean square of y, below which only rounding is left."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fitted form.

    Attributes:
        form: with its constants.
        mse: mean squared error, relative to the mean square of y.
        length: description length in nats.
        stage: what found it.
        tokens: what it takes to write down.
    """

    form: Form
    mse: float
    length: float
    stage: str
    tokens: float

    @property
    def is_exact(self) -> bool:
        """Whether only rounding is left; with many constants, smooth forms come near any law."""
        return self.mse < EXACT * (1.0 if self.form.n_free <= FEW else MANY)


@dataclass(slots=True, eq=False)
class Archive:
    """Every form so far.

    Attributes:
        X, y, weights: the data, shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        columns: the variables that forms may hold.
        legal: whether an expression obeys the units and what was asked for; others never enter.
        price: how many tokens an expression takes to write down.
        criterion: what forms are fitted to and ranked by; None for weighted least squares.
        entries: by expression.
        stage: written on what comes in now.
        n_fits: how many forms were fitted.
        interrupted: whether somebody stopped the search.
        known: entries of an earlier run of the same search, by expression: their fits are not done again.
        proof: what was tried of all that is short; None where not yet, or where forms are fitted to something else
            than weighted squares.
        left: mean squared error that a smooth surface leaves, relative; infinite where none was fitted.
    """

    X: Array
    y: Array
    weights: Array
    columns: tuple[int, ...]
    legal: Callable[[Expr], bool] = lambda expr: True
    price: Callable[[Expr], float] = n_tokens
    criterion: Criterion | None = None
    entries: dict[Expr, Entry] = field(default_factory=dict)
    stage: str = ""
    n_fits: int = 0
    interrupted: bool = False
    known: Mapping[Expr, Entry] = field(default_factory=dict)
    left: float = math.inf
    proof: Exhausted | None = None

    @property
    def fits(self) -> Criterion:
        """What forms are fitted to."""
        if self.criterion is None:
            self.criterion = Squares(self.X, self.y, self.weights)
        return self.criterion

    @property
    def best(self) -> Entry | None:
        """The entry with the shortest description."""
        return min(self.entries.values(), key=lambda entry: entry.length, default=None)

    @property
    def exact(self) -> Entry | None:
        """The shortest of the entries that leave rounding only."""
        found = [entry for entry in self.entries.values() if entry.is_exact]
        return min(found, key=lambda entry: entry.length, default=None)

    def add(self, forms: Iterable[Form]) -> list[Entry]:
        """Fit the forms that are new, and return their entries."""
        new = {form.expr: form for form in forms if form.expr not in self.entries}
        finite = [form for form in new.values() if all(map(math.isfinite, form.start)) and self.legal(form.expr)]
        if not finite:
            return []
        self.n_fits += len(finite)
        unknown = [form for form in finite if form.expr not in self.known]
        fits = {form.expr: form for form, left in self.fits.fit(unknown, N_ITERATIONS, True) if math.isfinite(left)}
        added = []
        for form in finite:
            if form.expr in self.known:
                added.append(self.known[form.expr])
                self.entries[form.expr] = added[-1]
            elif form.expr in fits:
                added.append(self._entered(fits[form.expr]))
        return added

    def _entered(self, form: Form) -> Entry:
        ((form, mse),) = self.fits.fit([form], 0)
        tokens = self.price(form.expr)
        cost = PER_TOKEN * tokens + 0.5 * form.n_free * math.log(len(self.y))
        length = (self.fits.nats(mse, form.n_free) if math.isfinite(mse) else math.inf) + cost
        entry = Entry(form, mse, length, self.stage, tokens)
        self.entries[form.expr] = entry
        return entry

    def prove(self, limits: Limits, most_work: float = MOST_WORK) -> list[Form]:
        """Try all that is short, and return the best of every size."""
        fits = self.fits
        if self.proof is None and isinstance(fits, Squares):
            self.proof = exhausted(fits.X, fits.y, fits.weights, self.columns, limits, most_work)
        return [] if self.proof is None else list(self.proof.forms)

    @property
    def note(self) -> str | None:
        """What can be said of all that is short, beside the best entry."""
        best, fits = self.best, self.fits
        if self.proof is None or best is None or not isinstance(fits, Squares):
            return None
        return self.proof.note(max(best.mse, EXACT) * fits.scale)

    def structure_left(self, entry: Entry) -> float:
        """Return how much structure the residual of an entry still holds, in standard deviations."""
        return structure_left(self.fits.residual(entry.form), self.X[list(self.columns)])

    def front(self) -> list[Entry]:
        """Return the best of each number of tokens, those that a shorter one beats left out."""
        by_size: dict[float, Entry] = {}
        for entry in self.entries.values():
            if math.isfinite(entry.mse):
                key = entry.tokens
                by_size[key] = min(entry, by_size.get(key, entry), key=lambda e: e.mse)
        found: list[Entry] = []
        for key in sorted(by_size):
            if not found or by_size[key].mse < found[-1].mse:
                found.append(by_size[key])
        return found
