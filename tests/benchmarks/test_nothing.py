"""The data without a law are what they are said to be."""

import numpy as np
import pytest

from benchmarks import nothing


@pytest.mark.parametrize("kind", nothing.KINDS)
def test_the_seed_decides_the_data(kind: str) -> None:
    first, again = (nothing.KINDS[kind](np.random.default_rng(5), 200) for _ in range(2))
    other = nothing.KINDS[kind](np.random.default_rng(6), 200)
    np.testing.assert_array_equal(first, again)
    assert first.shape[1] == 200
    assert not np.allclose(first, other)


def test_shuffling_keeps_the_values_and_loses_the_flow() -> None:
    X = nothing.lorenz(np.random.default_rng(1), 300)
    mixed = nothing.shuffled(np.random.default_rng(1), 300)
    np.testing.assert_allclose(np.sort(mixed, axis=1), np.sort(X, axis=1))
    assert np.abs(np.diff(mixed)).mean() > 5 * np.abs(np.diff(X)).mean()


def test_fresh_phases_keep_the_spectrum() -> None:
    X = nothing.lorenz(np.random.default_rng(1), 300)
    again = nothing.rephased(np.random.default_rng(1), 300)
    power, same = (np.abs(np.fft.rfft(signal, axis=1))[:, 1:-1] for signal in (X, again))
    np.testing.assert_allclose(power, same, rtol=1e-8, atol=1e-8)
    assert np.abs(np.corrcoef(X[0], again[0])[0, 1]) < 0.9


def test_a_table_of_verdicts_counts_what_failed() -> None:
    from benchmarks.campaign import Campaign
    from benchmarks.plan import Plan

    known = {
        nothing.key(kind, 3): {"verdict": "none", "seconds": 1.0, "n_samples": 400, "law": "", "kind": kind}
        for kind in nothing.KINDS
    }
    known[nothing.key("random walk", 3)] = {"error_text": "boom"}
    known[nothing.key("white noise", 3)]["verdict"] = "law"
    verdicts, wrong = nothing.run(Plan(seed=3, n_seeds=1), Campaign(records=known))
    table = {row[0]: row[1:] for row in verdicts.rows}
    assert table["all"][:3] == ("1/5 (1 failed)", "0/5 (1 failed)", "3/5 (1 failed)")
    assert {row[0] for row in wrong.rows} == {nothing.key("random walk", 3), nothing.key("white noise", 3)}
