"""Ways of proposing supports by name; whatever they propose is judged by the same chi-square.

To add one, write a function of (Gram, number of terms, target, longest support, number of rows) and a row in `PATHS`.
"""

from collections.abc import Callable, Iterable

import numpy as np

from discover.errors import SettingError, did_you_mean
from discover.inference.candidates import Support
from discover.problem import Array
from discover.sparse.best_subset import Subset, certified_path, told
from discover.sparse.constrained import Regression, regressions
from discover.sparse.evidence import posterior
from discover.sparse.paths import subset_path, threshold_path
from discover.sparse.stepwise import backward, forward
from discover.sparse.thresholding import MSTLS_THRESHOLDS, mstls_path, sr3_path

THRESHOLDS = np.geomspace(1e-3, 1.0, 13)
N_LIKELY = 30
"""Supports that the evidence proposes, likeliest first."""

Path = Callable[[Array, int, int, int, int], Iterable[Support | Subset]]


def one_target(G: Array, n_terms: int, target: int) -> Regression:
    """Return the regression of one target."""
    index = [*range(n_terms), n_terms + target]
    return regressions(G[np.ix_(index, index)], 1)[0]


def _certified(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Subset]:
    return [best for (best,) in certified_path(G, n_terms, target, max_terms)]


def _subset(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    return subset_path(G, n_terms, target, max_terms)


def _threshold(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    return threshold_path(G, n_terms, target, THRESHOLDS)


def _mstls(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    return _supports(mstls_path(one_target(G, n_terms, target), MSTLS_THRESHOLDS)[1])


def _sr3(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    one = one_target(G, n_terms, target)
    return _supports(sr3_path(one, [h / one.norms for h in THRESHOLDS], 1.0, 100))


def _forward(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    return list(forward(one_target(G, n_terms, target), max_terms))


def _backward(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    return list(backward(one_target(G, n_terms, target)))[::-1]


def _evidence(G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> Iterable[Support]:
    index = [*range(n_terms), n_terms + target]
    likely = posterior(G[np.ix_(index, index)], 1, n_rows, max_terms).supports[0]
    return [support for support, _ in likely[:N_LIKELY]]


def _supports(coefficients: Iterable[Array]) -> list[Support]:
    return [tuple(np.flatnonzero(w).tolist()) for w in coefficients]


PATHS: dict[str, Path] = {
    "certified": _certified,
    "subset": _subset,
    "threshold": _threshold,
    "forward": _forward,
    "backward": _backward,
    "mstls": _mstls,
    "sr3": _sr3,
    "evidence": _evidence,
}
"""Ways of proposing supports: proven best subset, best subset by swaps, by thresholds, one term at a time, …"""

USUAL = ("certified", "threshold")


def checked(paths: tuple[str, ...]) -> None:
    """Raise a SettingError where a path is not known, or there is none."""
    if not isinstance(paths, tuple) or not paths:
        raise SettingError(f'paths must be a tuple of names such as ("certified", "threshold"), got {paths!r}.')
    for name in paths:
        if name not in PATHS:
            raise SettingError(f'paths got "{name}".{did_you_mean(str(name), PATHS)}')


def proposed(name: str, G: Array, n_terms: int, target: int, max_terms: int, n_rows: int) -> tuple[list[Support], str]:
    """Return the distinct supports of one path, none empty nor longer than `max_terms`, and what is proven of them."""
    found = list(PATHS[name](G, n_terms, target, max_terms, n_rows))
    proofs = [one for one in found if isinstance(one, Subset)]
    supports = dict.fromkeys(one.support if isinstance(one, Subset) else one for one in found)
    return [one for one in supports if 0 < len(one) <= max_terms], told(proofs) if proofs else ""
