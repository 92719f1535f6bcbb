"""How probable is each candidate, calibrated on answers whose truth is known?

Scores carry the price of a term under a prior worth one row, and every chi-square as if it were exact. Taken at
their word they are too modest about supersets of a law whose terms are strong (stated 0.86, right 0.95), and
once that is mended too sure of themselves (stated 0.95 to 0.99, right 0.87). So the prior is as wide as the
chosen terms are strong, and differences count two thirds (`python -m benchmarks calibration`).

Source: Liang et al. (2008), doi:10.1198/016214507000001337, for the local empirical Bayes prior; Grünwald and
van Ommen (2017), doi:10.1214/17-BA1085, for tempered posteriors where the model is only nearly right.
"""

from collections.abc import Mapping
from math import log, log1p

import numpy as np

from discover.front import Candidate

TEMPERATURE = 1.5
"""What score differences are divided by: at 1.5 stated and observed frequencies agree (800 and 280 draws)."""


def probabilities(scores: Mapping[Candidate, float], chosen: Candidate, n_rows: int) -> dict[Candidate, float]:
    """Return the probability of each candidate of one target among all that were found.

    Args:
        scores: what they are ranked by, smaller is better; the price of a term in it is ln n_rows and more.
        chosen: the candidate whose strength tells how strong terms are.
        n_rows: rows that the scores rest on; 0 where losses are not chi-squares a row.
    """
    more = surplus(scores, chosen, n_rows)
    values = np.array([score + more * candidate.n_parameters for candidate, score in scores.items()])
    weights = np.exp(-0.5 * (values - values.min()) / TEMPERATURE)
    return dict(zip(scores, (weights / weights.sum()).tolist(), strict=True))


def surplus(scores: Mapping[Candidate, float], chosen: Candidate, n_rows: int) -> float:
    """Return by how much a term costs more than ln n_rows where terms are strong: ln(1 + g) - ln n_rows, 0 at least.

    g + 1 is the chi-square that a term of the chosen candidate explains on average: the width of the prior, in
    squared standard errors, under which the chosen coefficients are likeliest.
    """
    if not n_rows or not chosen.n_parameters:
        return 0.0
    nothing = max((c.loss for c in scores if not c.n_parameters), default=max(c.loss for c in scores))
    scale = max(1.0, min(c.loss for c in scores))
    g = (nothing - chosen.loss) * n_rows / scale / chosen.n_parameters - 1.0
    return max(0.0, log1p(max(g, 0.0)) - log(n_rows))
