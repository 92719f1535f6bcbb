"""Random skeletons, and what they mean, evaluated the obvious way."""

import numpy as np

from discover.symbolic.skeletons import COLUMN, EXP, FREE_POWER, FUNCTION, FUNCTIONS, POWER, canonical
from discover.symbolic.variation import Alphabet, Variation

ALPHABET = Alphabet(2, frozenset({0, 1}), frozenset({0, 1}), tuple(range(len(FUNCTIONS))))

MEANING = {
    "exp": np.exp,
    "sin": np.sin,
    "inverse": lambda u: 1 / u,
    "sqrt": np.sqrt,
    "log": np.log,
    "tanh": np.tanh,
    "square": np.square,
    "inverse sqrt": lambda u: 1 / np.sqrt(u),
}


def random_sum(rng, n_changes=4):
    """Return a skeleton of two positive columns, made by a few changes."""
    variation = Variation(ALPHABET, rng, 12)
    body = canonical((variation.term(), variation.term()))
    while body is None:
        body = canonical((variation.term(),))
    for _ in range(n_changes):
        body = variation.child(body, body) or body
    return body


def value(body, c, X):
    """Return the value of a skeleton on X (n_columns, n_rows), its constants c numbered as tapes number them."""
    next_free = [1 + len(body)]

    def total(terms, first, offset):
        found = c[first] if offset else 0.0
        for k, term in enumerate(terms):
            product = c[first + offset + k]
            for factor in term:
                product = product * one(*factor)
            found = found + product
        return found

    def one(kind, which, rest):
        if kind == COLUMN:
            return X[which] ** (rest / 2)
        first = next_free[0]
        if kind == FREE_POWER:
            next_free[0] += 1
            return X[which] ** c[first]
        assert kind == FUNCTION
        next_free[0] += (which != EXP) + len(rest) + (which == POWER)
        inside = total(rest, first, which != EXP)
        if which == POWER:
            return inside ** c[first + 1 + len(rest)]
        return MEANING[FUNCTIONS[which].name](inside)

    return np.broadcast_to(total(body, 0, True), X.shape[1])
