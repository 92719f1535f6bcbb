"""Metrics on pairs whose answer can be read off."""

import numpy as np
import pytest

from benchmarks.metrics import (
    brier,
    extra,
    largest_error,
    missing,
    reliability,
    spectral_error,
    true_positive_rate,
    wilson,
)

TRUTH = {("x", "y"): 10.0, ("x", "x"): -10.0, ("z", "x*y"): 1.0}


def test_the_truth_has_no_error() -> None:
    assert missing(TRUTH, TRUTH) == extra(TRUTH, TRUTH) == []
    assert largest_error(TRUTH, TRUTH) == spectral_error(TRUTH, TRUTH) == 0.0
    assert true_positive_rate(TRUTH, TRUTH) == 1.0


def test_a_lost_and_a_spurious_term_are_told_apart() -> None:
    found = {("x", "y"): 10.0, ("x", "x"): -10.0, ("z", "z"): 1.0}
    assert missing(found, TRUTH) == ["z: x*y"]
    assert extra(found, TRUTH) == ["z: z"]
    assert largest_error(found, TRUTH) == 1.0
    assert true_positive_rate(found, TRUTH) == pytest.approx(2 / 4)


def test_a_term_in_the_wrong_equation_is_wrong_twice() -> None:
    found = {**TRUTH, ("y", "x*y"): 1.0}
    del found["z", "x*y"]
    assert missing(found, TRUTH) == ["z: x*y"]
    assert extra(found, TRUTH) == ["y: x*y"]


def test_the_spectral_error_is_that_of_the_matrices() -> None:
    found = {("x", "y"): 9.0, ("x", "x"): -10.0, ("z", "x*y"): 1.5, ("z", "1"): 0.25}
    columns = ["y", "x", "x*y", "1"]
    matrices = [np.array([[c.get((t, k), 0.0) for k in columns] for t in ("x", "z")]) for c in (found, TRUTH)]
    singular = [np.linalg.svd(matrix, compute_uv=False)[0] for matrix in (matrices[0] - matrices[1], matrices[1])]
    assert spectral_error(found, TRUTH) == pytest.approx(singular[0] / singular[1])


def test_the_brier_score_of_a_coin() -> None:
    assert brier([(0.5, True), (0.5, False)]) == 0.25


def test_perfect_probabilities_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(size=20_000)
    bins = reliability(
        list(zip(p.tolist(), (rng.uniform(size=p.size) < p).tolist(), strict=True)), [0, 0.25, 0.5, 0.75, 1]
    )
    assert sum(n for _, _, n, _, _ in bins) == p.size
    assert all(abs(stated - happened) < 0.03 for _, _, _, stated, happened in bins)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (5, 10), (10, 10), (0, 0)])
def test_wilson_holds_the_share_and_stays_a_share(hits: int, n: int) -> None:
    low, high = wilson(hits, n)
    assert 0.0 <= low < high <= 1.0
    assert low <= hits / max(n, 1) <= high
