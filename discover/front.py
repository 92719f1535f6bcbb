"""Candidate and Front: all that an engine ever returns."""

from dataclasses import dataclass, field

from discover.equation import Law
from discover.expr import Expr, inner_values, with_inner
from discover.notebook import Shown

UNOBEYED = "no coefficients of these terms obey what is required"
"""Why candidates are refused where nothing at all could be kept."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One right-hand side for one target, as a sum of coefficient times term.

    Attributes:
        target: name of the variable whose left-hand side it explains.
        terms: the terms without their coefficients.
        coefficients: one number a term, in the units of the data.
        std: standard error of each coefficient (NaN where unknown).
        loss: mean squared error of the rows; whitened (so about 1 at the truth) where a noise model exists.
        score: what the engine ranks by, smaller is better; -2 ln(posterior) up to a constant.
        r2: share of the rows' variance that it explains.
        alternatives: for each term, the terms that the data cannot tell from it, joined by commas; "" for none.
        refusal: why a constraint refuses it, None where none does.
        denominator: what the sum of the terms is divided by, the reference with coefficient 1 first; empty for nothing.
        divisors: the coefficients of the denominator, 1 first; `divisor_std` their standard errors.
        inner: of each term, which of the constants inside it were fitted; empty where none were. A coefficient whose
            error is 0 is 1 by choice: the term carries all its constants inside.
        ties: of every fitted constant inside the terms, in order, the number of the one that it is; empty where all are
            different. A form that a user wrote may have the same constant in two places.
        surcharge: of each term, what it costs in `score` beyond one of a library, because it was picked from more;
            empty where none does.
    """

    target: str
    terms: tuple[Expr, ...]
    coefficients: tuple[float, ...]
    std: tuple[float, ...]
    loss: float
    score: float
    r2: float
    alternatives: tuple[str, ...] = ()
    refusal: str | None = None
    denominator: tuple[Expr, ...] = ()
    divisors: tuple[float, ...] = ()
    divisor_std: tuple[float, ...] = ()
    inner: tuple[tuple[int, ...], ...] = ()
    surcharge: tuple[float, ...] = ()
    ties: tuple[int, ...] = ()

    @property
    def complexity(self) -> int:
        """Nodes of the expression, a coefficient counting one and its product one."""
        return sum(term.complexity + 2 for term in (*self.terms, *self.denominator))

    @property
    def reference(self) -> Expr | None:
        """The term below whose coefficient is 1, None where there is no denominator."""
        return self.denominator[0] if self.denominator else None

    @property
    def free(self) -> tuple[tuple[bool, Expr], ...]:
        """(whether below, term) of every coefficient before a term that is fitted, those above first."""
        return (*((False, term) for term in self.terms), *((True, term) for term in self.denominator[1:]))

    @property
    def parts(self) -> frozenset[tuple[bool, Expr]]:
        """(whether below, term) of every term that has to pay for itself; fitted constants inside do not tell apart."""
        below = ((True, term) for term in self.denominator if term.value is None)
        return frozenset((*((False, term) for term in self.shapes), *below))

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """Of each term, which of the constants inside it were fitted."""
        return self.inner or ((),) * len(self.terms)

    @property
    def constants(self) -> tuple[float, ...]:
        """The fitted constants inside the terms, in order."""
        both = zip(self.terms, self.places, strict=True)
        return tuple(value for term, places in both for value in inner_values(term, places))

    @property
    def shapes(self) -> tuple[Expr, ...]:
        """The terms with 0 in the place of every constant inside that was fitted: what two fits of one form share."""
        both = zip(self.terms, self.places, strict=True)
        return tuple(with_inner(term, places, (0.0,) * len(places)) if places else term for term, places in both)

    @property
    def n_terms(self) -> int:
        """How many terms have to pay for themselves: all but a constant in the denominator."""
        return len(self.terms) + sum(term.value is None for term in self.denominator)

    @property
    def n_parameters(self) -> int:
        """How many numbers are fitted: a coefficient a term, that of the reference left out, and what is inside."""
        inside = len(set(self.ties)) or sum(map(len, self.inner))
        return len(self.terms) + max(0, len(self.denominator) - 1) + inside


@dataclass(frozen=True, slots=True)
class Front(Shown):
    """What a search leaves behind: its candidates for every target, best score first.

    Attributes:
        targets: the left-hand sides, in the problem's order.
        candidates: every candidate kept, for all targets.
        n_library: how many terms were on offer for each equation.
        n_rows: how many rows the choice was made on.
        notes: what the reader should be told about the search.
        interrupted: whether it was stopped before its end.
        offers: for each target the terms that may enter its equation one by one; empty where some may not.
        below: for each target the terms that may enter its denominator; empty where none has one.
        forced: for each target the terms that must be in its equation; empty where none must.
        unfinished: whether the budget ended a search for formulas while there was more to try.
        systems: of equations that constraints tie to each other, candidates that go together, best first;
            `system_scores` their scores.
        law: what was taken from it, where something was; it lends the names by which a notebook shows the front, and
            is no part of its value.
        losses: for each target the loss that its formulas were fitted with, where the search chose it.
    """

    targets: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    n_library: int
    n_rows: int
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    offers: tuple[tuple[Expr, ...], ...] = ()
    below: tuple[tuple[Expr, ...], ...] = ()
    forced: tuple[tuple[Expr, ...], ...] = ()
    unfinished: bool = False
    systems: tuple[tuple[Candidate, ...], ...] = ()
    system_scores: tuple[float, ...] = ()
    losses: tuple[str, ...] = ()
    law: Law | None = field(default=None, compare=False, repr=False)

    def must(self, target: str) -> frozenset[Expr]:
        """Return the terms that must be in the equation of a target."""
        return frozenset(self.forced[self.targets.index(target)]) if self.forced else frozenset()

    @property
    def is_hopeless(self) -> bool:
        """Whether some equation has no candidate that obeys what is required, so that those shown do not."""
        return any(candidate.refusal == UNOBEYED for candidate in self.candidates)

    def of(self, target: str) -> tuple[Candidate, ...]:
        """Return the candidates of one target, best score first."""
        mine = [candidate for candidate in self.candidates if candidate.target == target]
        return tuple(sorted(mine, key=lambda candidate: (candidate.refusal is not None, candidate.score)))
