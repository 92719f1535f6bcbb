"""NumPy's global generator, which some peers draw from: seeded while they run, and put back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Seed NumPy's global generator for as long as the block lasts; no threads may run beside it.

    >>> with global_seed(3):
    ...     first = np.random.random()
    >>> with global_seed(3):
    ...     again = np.random.random()
    >>> first == again
    True
    """
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed % 2**32)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
