"""Both sides of the speed suite answer the same question, and misses are marked."""

import numpy as np
import pytest

from benchmarks import fits, speed


def test_lorenz96_is_found_with_286_terms() -> None:
    from discover.simulate import lorenz96

    X, X_dot = fits.lorenz96_data(3000, seed=1)
    library = fits.library()
    assert len(library) == 286
    truth = lorenz96(fits.N_STATES).true_terms(library).T
    found = fits.our_fit(X, X_dot)
    np.testing.assert_array_equal(found != 0, truth != 0)
    np.testing.assert_allclose(found, truth, atol=0.1)


def test_every_bootstrap_model_is_a_model() -> None:
    X, X_dot = fits.lorenz96_data(3000, seed=1)
    models = fits.our_bag(X, X_dot, 3)
    assert models.shape == (3, 10, 286)
    assert all((model != 0).sum() >= 40 for model in models)


def test_pysindy_has_our_order_of_terms() -> None:
    ps = pytest.importorskip("pysindy")
    X, _ = fits.lorenz96_data(40, seed=1)
    from discover.expr import compile_program

    ours = compile_program(fits.library(), len(X)).evaluate(X)
    theirs = np.asarray(ps.PolynomialLibrary(fits.DEGREE).fit_transform(X.T)).T
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_a_ratio_below_what_is_held_is_marked() -> None:
    assert speed._ratio_row("fit", [1.0, 9.0, 1.0], [15.0], "fit")[3] == "15 ✓"
    assert speed._ratio_row("fit", [1.0], [14.0], "fit")[3] == "14 ✗"
    assert speed._ratio_row("fit", [1.0], None, "fit")[2:4] == ("–", "–")


def test_threads_do_not_change_a_bit() -> None:
    from discover.sparse import bagged, derivative_gram

    X, X_dot = fits.lorenz96_data(20_000, seed=2)
    for n_folds in (1, 3, 20):
        one, two = (derivative_gram(X, X_dot, fits.library(), n_folds, n_jobs) for n_jobs in (1, 3))
        np.testing.assert_array_equal(one, two)
    models = [bagged(one, len(X_dot), fits.THRESHOLD, 12, n_jobs=n_jobs) for n_jobs in (1, 3)]
    np.testing.assert_array_equal(models[0], models[1])
    whole = derivative_gram(X, X_dot, fits.library())[0]
    size = np.sqrt(np.outer(np.diag(whole), np.diag(whole)))
    assert np.abs(one.sum(axis=0) - whole).max() < 1e-12 * size.max()
