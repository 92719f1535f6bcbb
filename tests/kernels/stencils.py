"""Random stencils for the tests of the kernels that contract samples with them."""

import numpy as np

from discover.problem import Stencil


def random_stencil(rng, n_samples, width, n_rows, n_shapes=None, n_orders=2) -> Stencil:
    """Return a stencil with windows anywhere, some of them at the same place; n_shapes None: one a row."""
    start = np.sort(rng.integers(0, n_samples - width + 1, n_rows))
    shape = np.arange(n_rows) if n_shapes is None else rng.integers(0, n_shapes, n_rows)
    weights = rng.standard_normal((n_orders, n_rows if n_shapes is None else n_shapes, width))
    return Stencil(start, shape, weights, start + width / 2)
