"""Both factors whiten: columns with covariance C come out with covariance 1."""

import numpy as np

from discover.inference.whitening import banded, dense


def test_dense_undoes_its_covariance() -> None:
    rng = np.random.default_rng(0)
    root = rng.standard_normal((12, 12)) * np.geomspace(1e-6, 1e6, 12)[:, None]
    columns = root.T.copy()  # line j is the j-th root of the covariance
    dense(root @ root.T).apply(columns)
    assert np.allclose(columns.T @ columns, np.eye(12), atol=1e-4)


def test_banded_undoes_its_covariance() -> None:
    rng = np.random.default_rng(1)
    n, band = 30, 3
    root = np.tril(np.triu(rng.standard_normal((n, n)), -band)) + 3.0 * np.eye(n)
    C = root @ root.T
    rows = np.array([[C[k, k - d] if k >= d else 0.0 for d in range(band + 1)] for k in range(n)])
    columns = root.T.copy()
    banded(rows).apply(columns)
    assert np.allclose(columns.T @ columns, np.eye(n), atol=1e-6)


def test_a_singular_covariance_is_lifted() -> None:
    C = np.ones((5, 5))
    columns = np.ones((1, 5))
    dense(C).apply(columns)
    assert np.isfinite(columns).all()
