"""Engine one: which few terms of a library explain each left-hand side?

To add a term family, write a library with `build(names)` in `discover.expr.library`. To add a way of
proposing supports, write a function and a row in `PATHS` of `proposals`: whatever it proposes is judged by
the same chi-square. To add a solver on Grams, follow `thresholding`: fits of a support come from
`constrained`, so that linear equalities hold exactly, and `resampling` then bags it.
"""

from discover.sparse.best_subset import certified_path
from discover.sparse.constrained import Equalities
from discover.sparse.engine import Sparse
from discover.sparse.evidence import posterior
from discover.sparse.gram import gram
from discover.sparse.moments import derivative_gram, folded_gram
from discover.sparse.resampling import resampled
from discover.sparse.stepwise import stepwise
from discover.sparse.stlsq import bagged, stlsq
from discover.sparse.thresholding import mstls, sr3

__all__ = [
    "Equalities",
    "Sparse",
    "bagged",
    "certified_path",
    "derivative_gram",
    "folded_gram",
    "gram",
    "mstls",
    "posterior",
    "resampled",
    "sr3",
    "stepwise",
    "stlsq",
]
