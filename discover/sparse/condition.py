"""How large a library is, and how well the data tell its terms apart."""

from collections.abc import Sequence

import numpy as np

from discover.errors import SettingError
from discover.expr import Expr, text
from discover.problem import Array

MOST_TERMS = 4000
"""Largest library searched: its Gram takes 128 MB, and the search holds several."""

MOST_DIAGONALISED = 1500
"""Largest library whose condition is worked out (about a second)."""

BAD = 1e5
"""Condition number of the unit-norm columns from which on terms are named that are nearly combinations of others."""

ALIKE = 0.9999
"""Correlation from which on two terms are called alike."""

NAMED = 3


def check_size(n_terms: int, n_targets: int) -> None:
    """Refuse a library whose Gram does not fit into memory.

    Raises:
        SettingError: saying how large it is and what to do.
    """
    if n_terms > MOST_TERMS:
        gigabytes = 8e-9 * (n_terms + n_targets) ** 2
        raise SettingError(
            f"The library has {n_terms} terms, and at most {MOST_TERMS} can be searched (its Gram alone would take "
            f"{gigabytes:.1f} GB); lower the degree, name fewer variables, or leave terms out (library - Terms(…))."
        )


def unit_gram(G: Array, n_terms: int) -> Array:
    """Return the Gram of the library's columns at unit norm, (n_terms, n_terms); G may go on with the targets."""
    norms = np.sqrt(np.maximum(np.diag(G)[:n_terms], 0.0))
    norms[norms == 0.0] = 1.0
    return G[:n_terms, :n_terms] / norms / norms[:, None]


def condition(A: Array) -> float:
    """Return the condition number of the columns of which A is the Gram: the root of that of A.

    >>> round(condition(np.array([[1.0, 0.6], [0.6, 1.0]])), 6)
    2.0
    """
    values = np.linalg.eigvalsh(A)
    return float(np.sqrt(values[-1] / values[0])) if values[0] > 1e-15 * values[-1] else float("inf")


def library_notes(G: Array, terms: Sequence[Expr], n_rows: int, names: Sequence[str], axes: Sequence[str]) -> list[str]:
    """Return what is to be said of a library before anything is fitted: its size, its condition, which terms are alike.

    Args:
        G: Gram of the library and the targets over all data.
        terms: the library.
        n_rows: rows of the regression.
        names, axes: for the text.
    """
    P = len(terms)
    size = f"{P} library {'term' if P == 1 else 'terms'}"
    if P > MOST_DIAGONALISED:
        return [f"{size}."]
    A = unit_gram(G, P)
    number = condition(A)
    notes = [f"{size}; the condition number of their columns at unit norm is {_told(number)}."]
    if number > BAD:
        notes.append(_alike(A, terms, names, axes))
    if n_rows < P:
        notes.append(
            f"The data have {n_rows} rows for {P} terms, so they cannot tell all of these apart: what is found rests "
            "on few of the terms being needed. Measure longer, or offer fewer."
        )
    return notes


def _told(number: float) -> str:
    return f"{number:.2g}" if np.isfinite(number) else "beyond what double precision resolves"


def _alike(A: Array, terms: Sequence[Expr], names: Sequence[str], axes: Sequence[str]) -> str:
    """Name the pairs that are most alike, or the terms of the combination that is nearest to nothing."""
    upper = np.abs(np.triu(A, 1))
    order = np.argsort(-upper, axis=None)[:NAMED]
    pairs = [divmod(int(at), len(A)) for at in order if upper.flat[at] > ALIKE]
    if pairs:
        told = ", ".join(f"{text(terms[i], names, axes)} and {text(terms[j], names, axes)}" for i, j in pairs)
        return f"On these data some terms are nearly multiples of each other: {told}. Which of them is found is open."
    weakest = np.abs(np.linalg.eigh(A)[1][:, 0])
    few = np.argsort(-weakest)[: NAMED + 1]
    told = ", ".join(text(terms[p], names, axes) for p in few)
    return f"On these data some terms are nearly combinations of others; foremost {told}."
