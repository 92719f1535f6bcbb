"""Which laws would have left the same data: what relation the data never leave, and which terms it lets one swap.

Where a trajectory stays on a surface f = 0, a term t of the law may be replaced by t - g·f for any g: both laws follow
these data alike, and part elsewhere. No sparsity argument helps, for a law that holds f constant does so whatever
function of f it is multiplied with. So the surface is named, and with it the experiment that would tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.expr import Expr, compile_program, text
from discover.expr.library import Polynomial, monomial
from discover.expr.monomials import exponents
from discover.front import Front
from discover.inference.invariants import Invariant, invariants
from discover.judge.proposals import library_gram, of_equation
from discover.judge.systems import Choice
from discover.problem import Array, Problem

MOST_BASE_TERMS = 21
"""Terms that relations are sought among: those of degree two for up to five variables."""

DEGREES = (2, 1)
MOST_RELATIONS, MOST_SWAPS = 2, 2
"""Relations that are told, and swaps of each."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A term of an equation, and the sum that takes the same values on these data."""

    equation: int
    term: Expr
    others: tuple[tuple[float, Expr], ...]
    n_more: int


def told_apart(problem: Problem, front: Front, choice: Choice) -> tuple[list[str], list[str]]:
    """Return what the data cannot tell apart, and where there is nothing, how much of the library they settle."""
    doubts = unidentified(problem, front, choice)
    return doubts, [] if doubts else rests_on_few(problem, front, choice)


def unidentified(problem: Problem, front: Front, choice: Choice) -> list[str]:
    """Return a sentence for every relation that the data satisfy and that lets a term of the law be swapped.

    Laws that follow no trajectory are not looked at: whether a relation holds is asked of their states.
    """
    states = _states(problem, choice)
    base = _base(problem)
    if states is None or not base:
        return []
    found, taken = [], set()
    for relation in invariants(base, *states, _allowance(choice)):
        swaps = _swaps(problem, front, choice, relation)
        new = [swap for swap in swaps if (swap.equation, swap.term) not in taken]
        if new:
            taken |= {(swap.equation, swap.term) for swap in swaps}
            found.append(_told(problem, relation, new))
    return found[:MOST_RELATIONS]


def rests_on_few(problem: Problem, front: Front, choice: Choice) -> list[str]:
    """Say how many combinations of the coefficients on offer the data settle, where that is not all of them.

    A combination is settled where, as large as the law itself, it would raise chi-square by one at least. The
    sentence is about the equation with the smallest share; nothing is said of laws that follow no trajectory.
    """
    known = library_gram(problem, front, choice.trial)
    fit = choice.trial.followed
    if known is None or fit is None:
        return []
    offered, gram = known
    X = _states(problem, choice)
    if X is None:
        return []
    n_chosen = [candidate.n_terms for candidate in choice.trial.candidates]
    counts = []
    for i, terms in enumerate(offered):
        values = compile_program(terms, len(X[0])).evaluate(np.ascontiguousarray(X[0]))
        rates = fit.coefficients[choice.trial.part(i)] @ values[: n_chosen[i]]
        sizes = np.sqrt(np.mean(rates**2) / np.maximum(np.mean(values**2, axis=1), 1e-300))
        A = of_equation(gram, i, n_chosen)[:-1, :-1] * sizes * sizes[:, None]
        if not np.isfinite(A).all():
            return []
        n_settled = int(np.sum(np.linalg.eigvalsh(A) >= max(1.0, fit.chi2)))
        counts.append((n_settled / len(terms), n_settled, len(terms), problem.targets[i]))
    share, n_settled, n_terms, target = min(counts)
    if share == 1.0:
        return []
    return [
        f"Of the {n_terms} coefficients on offer for {target} these data settle only {n_settled} combinations: "
        "that no more terms are in the law rests on its needing none. Other starts would settle more."
    ]


def _states(problem: Problem, choice: Choice) -> tuple[Array, Array] | None:
    """Return the states that the law passes through beside the data, with inputs, and the noise on them."""
    if choice.trial.followed is None or problem.space:
        return None
    n, m = problem.n_states, len(problem.measured)
    X, noise = [], []
    for block, simulated in zip(problem, choice.trial.simulated(problem), strict=True):
        known = np.isfinite(simulated).all(axis=0)
        X.append(np.concatenate([simulated[:, known], block.X[n:m, known]]))
        noise.append(problem.noise_on(block)[:m, known])
    both = np.concatenate(X, axis=1), np.concatenate(noise, axis=1)
    return both if both[0].shape[1] > MOST_BASE_TERMS else None


def _allowance(choice: Choice) -> float:
    """Return the sum of squared distances that the errors of a fit alone leave: one for each number it fitted."""
    fit = choice.trial.followed
    assert fit is not None  # asked where there are states
    n = len(fit.segment_first) + len(fit.coefficients) + 1
    return n + 3.0 * float(np.sqrt(2.0 * n))


def _base(problem: Problem) -> tuple[Expr, ...]:
    """Return the terms that relations are sought among: all of the highest degree that is not too much."""
    for degree in DEGREES:
        terms = Polynomial(degree).build(problem.measured)
        if len(terms) <= MOST_BASE_TERMS:
            return terms
    return ()


def _swaps(problem: Problem, front: Front, choice: Choice, relation: Invariant) -> list[Swap]:
    """Return what each term of the law could be swapped for by a multiple of a relation, the cheapest each."""
    found = []
    for i, candidate in enumerate(choice.trial.candidates):
        offered = set(front.offers[i]) if front.offers else {t for c in front.of(candidate.target) for t in c.terms}
        forced = front.must(candidate.target)
        for term in candidate.terms:
            options = [
                Swap(i, term, others, sum(other not in candidate.terms for _, other in others) - 1)
                for others in _multiples(relation, term)
                if all(other in offered for _, other in others)
            ]
            if options and term not in forced:
                found.append(min(options, key=lambda swap: swap.n_more))
    return found


def _multiples(relation: Invariant, term: Expr) -> list[tuple[tuple[float, Expr], ...]]:
    """Return the sums that equal a term where a relation holds, one for each of its terms that divides it."""
    whole = exponents(term)
    powers = [exponents(one) for one in relation.terms]
    if whole is None:
        return []
    found = []
    for k, mine in enumerate(powers):
        if mine is None or any(n > whole.get(v, 0) for v, n in mine.items()):
            continue
        factor = {v: n - mine.get(v, 0) for v, n in whole.items()}
        others = [
            (-relation.coefficients[j] / relation.coefficients[k], _product(factor, other))
            for j, other in enumerate(powers)
            if j != k and other is not None
        ]
        if len(others) == len(powers) - 1:
            found.append(tuple(others))
    return found


def _product(a: dict[int, int], b: dict[int, int]) -> Expr:
    """Return the product of two monomials, written as libraries write it."""
    total = {v: a.get(v, 0) + b.get(v, 0) for v in {*a, *b}}
    return monomial([v for v in sorted(total) for _ in range(total[v])])


def _told(problem: Problem, relation: Invariant, swaps: Sequence[Swap]) -> str:
    """Return what cannot be told apart, why, and what would tell."""
    swaps = sorted(swaps, key=lambda swap: swap.n_more)[:MOST_SWAPS]
    pairs = " and ".join(
        f"{text(swap.term, problem.names)} from {_sum(swap.others, problem.names)} in the equation of "
        f"{problem.targets[swap.equation]}"
        for swap in swaps
    )
    held = stays(relation, problem.names)
    return f"On these data {held} to within the noise, so they cannot tell {pairs}. {_advice(relation)}"


def stays(relation: Invariant, names: Sequence[str]) -> str:
    """Return a relation in words: what stays constant, or what equals what.

    >>> from discover.expr import parse
    >>> circle = [parse(word, ["x", "y"]) for word in ("1", "x**2", "y**2")]
    >>> stays(Invariant(tuple(circle), (1.0, -0.5, -0.25), 0.0), ["x", "y"])
    '0.5·x**2 + 0.25·y**2 stays at 1'
    """
    pairs = list(zip(relation.coefficients, relation.terms, strict=True))
    fixed = [value for value, term in pairs if term.value is not None]
    free = [(value, term) for value, term in pairs if term.value is None]
    sign = -1.0 if sum(np.sign(value) for value, _ in free) < 0 else 1.0
    left = [(sign * value, term) for value, term in free]
    if len(left) == 1:
        value, term = left[0]
        return f"{text(term, names)} stays at {-sign * sum(fixed) / value:.4g}"
    return f"{_sum(left, names)} stays at {-sign * sum(fixed) + 0.0:.4g}"


def _advice(relation: Invariant) -> str:
    left = "it" if len(relation.terms) < 3 else "this sum"
    return f"A start from which {left} has another value would tell."


def _sum(pairs: Sequence[tuple[float, Expr]], names: Sequence[str]) -> str:
    """Return Σ value · term as text, values to four digits."""
    out = ""
    for value, term in pairs:
        size = f"{abs(value):.4g}"
        word = text(term, names)
        piece = size if term.value is not None else word if size == "1" else f"{size}·{word}"
        out += (f" {'-' if value < 0 else '+'} " if out else "-" if value < 0 else "") + piece
    return out
