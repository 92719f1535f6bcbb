"""Which few terms above, and which below? Rational laws x′ = p/q, beside all polynomial ones.

Supports are proposed on Gram matrices of the implicit equation x′ Σ b_j g_j = Σ a_i f_i: first with every g_j x′ as
the left-hand side in turn, because the true denominator need not hold a constant; then linearised about the best
candidate so far and whitened by its covariance. Each proposal is fitted as p/q (`discover.inference.fractions`).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from discover.expr import simplify, without_common_factor
from discover.inference.candidates import Candidates, Stop, Support
from discover.inference.chisquare import factors
from discover.inference.fractions import Fractions, rate_of, summed
from discover.inference.implicit import left_rows
from discover.inference.quotients import Proposal, Quotients
from discover.problem import Array
from discover.sparse.paths import subset_path
from discover.sparse.select import N_ROUNDS, neighbours
from discover_kernels.gram import add_outer, mirror

N_LEADERS = 3
"""Best candidates about which the equation is linearised in each round."""


def search_quotients(of: Fractions, target: int, plain: Candidates, max_terms: int, stop: Stop) -> Quotients:
    """Return all candidates for one target, those without a denominator from an earlier search.

    Args:
        of: the terms above and below.
        target: which left-hand side.
        plain: the candidates without a denominator.
        max_terms: most terms above and below together.
        stop: whether to end the search.
    """
    candidates = Quotients(of, target, plain)
    if not of.below:
        return candidates
    H = _implicit_gram(of, target)
    for reference in of.below:
        candidates.add(_path(of, H, reference, max_terms), stop)
    done: set[Support] = set()
    for _ in range(N_ROUNDS):
        leaders = [key for key in candidates.ranked()[:N_LEADERS] if key and key not in done]
        if not leaders or stop(candidates.n_fits):
            break
        for leader in leaders:
            done.add(leader)
            H, reference = _tangent_gram(candidates, leader)
            candidates.add(_path(of, H, reference, max_terms), stop)
            candidates.add(_around(of, H, reference, leader, max_terms), stop)
    return candidates


def _implicit_gram(of: Fractions, target: int) -> Array:
    """Return the Gram of [f_i; g_j x′; 0], (n_terms + 1) squared."""
    n, lefts = len(of.rows.terms), left_rows(of, target)
    H = np.zeros((n + 1, n + 1))
    for k, theta in enumerate(of.rows.theta):
        Z = np.concatenate([theta[: of.n_above], lefts[k], np.zeros((1, theta.shape[1]))])
        add_outer(Z, Z.shape[1], H)
    mirror(H[None])
    return H


def _tangent_gram(candidates: Quotients, support: Support) -> tuple[Array, int]:
    """Return the whitened Gram of [f_i/q; g_j r/q; x′ - r] with the rates r = p/q of a candidate, and its reference.

    About it, x′ q/q₀ = p/q₀ is linear in all coefficients up to the second order of what they change.
    """
    of, target = candidates.of, candidates.target
    n, problem = len(of.rows.terms), of.rows.problem
    one = candidates.found.get(support)
    if one is None:
        plain, constant = candidates.plain.found[support], of.constant_below()
        above, below, a, b = support, (of.below[0] if constant is None else constant,), plain.coefficients, np.ones(1)
        whitening = factors(of.rows, target, support, a)
    else:
        above, below, a, b = one.above, one.below, one.a, one.b
        whitening = factors(one.rows, target, range(len(above)), a)
    H = np.zeros((n + 1, n + 1))
    for k, block in enumerate(of.rows.blocks):
        rate, q = rate_of(of.values[k], above, below, a, b)
        assert q is not None  # it was fitted on these very points
        values = np.concatenate([of.values[k][: of.n_above] / q, of.values[k][of.n_above :] * rate / q, rate[None]])
        Z = summed(block, problem, values)
        Z[-1] = block.Y[target] - Z[-1]
        whitening[k].apply(Z)
        add_outer(Z, Z.shape[1], H)
    mirror(H[None])
    return H, below[0]


def _regression(H: Array, reference: int) -> tuple[Array, list[int]]:
    """Return the Gram of all other columns and of the left-hand side with this reference, and which those columns are.

    The left-hand side is what is left of x′ plus the reference's column.
    """
    n = len(H) - 1
    columns = [p for p in range(n) if p != reference]
    T = np.zeros((n, n + 1))
    T[range(n - 1), columns] = 1.0
    T[n - 1, [reference, n]] = 1.0
    return T @ H @ T.T, columns


def _path(of: Fractions, H: Array, reference: int, max_terms: int) -> Iterator[Proposal]:
    G, columns = _regression(H, reference)
    for support in subset_path(G, len(columns), 0, max_terms):
        yield from _proposed(of, G, columns, reference, support)


def _around(of: Fractions, H: Array, reference: int, support: Support, max_terms: int) -> Iterator[Proposal]:
    """Yield the neighbours of a support: a term less, another, or one more; and itself without its reference."""
    G, columns = _regression(H, reference)
    inside = tuple(columns.index(p) for p in support if p != reference)
    for near in neighbours(G, inside):
        if len(near) <= max_terms:
            yield from _proposed(of, G, columns, reference, near)
    others = [p for p in support if p >= of.n_above and p != reference]
    if others:
        yield from _fractions_of(of, [p for p in support if p < of.n_above], others, np.ones(len(others)))


def _proposed(
    of: Fractions, G: Array, columns: Sequence[int], reference: int, support: Sequence[int]
) -> Iterator[Proposal]:
    """Yield a support of the linear regression as a quotient, coefficients below from that regression."""
    inside = list(support)
    norms = np.sqrt(np.maximum(np.diag(G)[inside], 1e-300))
    scaled = G[np.ix_(inside, inside)] / norms / norms[:, None]
    solved = np.linalg.lstsq(scaled, G[inside, -1] / norms, rcond=1e-14)[0] / norms
    above = [columns[i] for i in inside if columns[i] < of.n_above]
    below = [columns[i] for i in inside if columns[i] >= of.n_above]
    b = [-solved[n] for n, i in enumerate(inside) if columns[i] >= of.n_above]
    yield from _fractions_of(of, above, [reference, *below], np.array([1.0, *b]))


def _fractions_of(of: Fractions, above: Sequence[int], below: Sequence[int], b: Array) -> Iterator[Proposal]:
    """Yield a quotient in its canonical form; nothing where it is none, or no quotient."""
    above, below = _without_common_factor(of, above, below)
    constant = of.constant_below()
    if not above or set(below) == {constant}:
        return
    sizes = [abs(b[j]) * np.sqrt(np.mean(of.values[0][p] ** 2)) for j, p in enumerate(below)]
    first = below.index(constant) if constant in below else int(np.argmax(sizes))
    order = [first, *(j for j in sorted(range(len(below)), key=lambda j: below[j]) if j != first)]
    if b[first] == 0.0:
        return
    yield Proposal(tuple(sorted(above)), tuple(below[j] for j in order), b[order] / b[first])


def _without_common_factor(of: Fractions, above: Sequence[int], below: Sequence[int]) -> tuple[list[int], list[int]]:
    """Divide all terms by the monomial that they share, where the library holds what is left."""
    terms = of.rows.terms
    left = without_common_factor([terms[p] for p in (*above, *below)])
    places = [{simplify(terms[p]): p for p in place} for place in (range(of.n_above), of.below)]
    new = [places[i >= len(above)].get(simplify(term)) for i, term in enumerate(left)]
    found = [p for p in new if p is not None]
    return (list(above), list(below)) if len(found) < len(left) else (found[: len(above)], found[len(above) :])
