"""Engine one: which few terms of a library explain each left-hand side?

To add a term family, write a library with `build(names)` in `discover.expr.library`. To add a way of
proposing supports, add a function to `paths` and call it in `select.search_target`: whatever it
proposes is judged by the same chi-square. To add a solver on Grams, follow `stlsq`.
"""

from discover.sparse.engine import Sparse
from discover.sparse.gram import derivative_gram, gram
from discover.sparse.stlsq import bagged, stlsq

__all__ = ["Sparse", "bagged", "derivative_gram", "gram", "stlsq"]
