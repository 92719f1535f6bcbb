"""The curves pass through the simulation that was kept, and break where it starts afresh."""

from dataclasses import replace

import numpy as np

from discover.export.figures.curves import FINE, broken, curves
from discover.export.specimen import specimen
from tests.export.laws import logistic, one_state, second_order, with_input


def test_a_gap_before_every_new_segment() -> None:
    t, X = broken(np.arange(7.0), np.arange(7.0)[None, :], 3)
    assert np.flatnonzero(np.isnan(t)).tolist() == [3, 7]
    assert np.isnan(X[0]).sum() == 2
    assert np.array_equal(t[~np.isnan(t)], np.arange(7.0))


def test_no_segment_is_no_gap() -> None:
    for segment in (0, 7, 100):
        assert not np.isnan(broken(np.arange(7.0), np.arange(7.0)[None, :], segment)[0]).any()


def test_few_samples_are_joined_by_a_finer_run() -> None:
    law, _ = specimen()
    (stretch,) = law.evidence.stretches
    t, X = curves(law, stretch)
    assert len(t) == FINE * (len(stretch.time) - 1) + 1
    np.testing.assert_allclose(X[:, ::FINE], stretch.simulated, rtol=0.03)


def test_a_run_that_misses_the_kept_simulation_is_not_drawn() -> None:
    law, _ = specimen()
    (stretch,) = law.evidence.stretches
    other = replace(stretch, simulated=stretch.simulated + np.linspace(0, 40, 11))
    assert np.array_equal(curves(law, other)[1], other.simulated)


def test_segments_inputs_and_unknown_simulations() -> None:
    law, _ = one_state()
    t, _ = curves(law, law.evidence.stretches[0])
    assert np.isnan(t).sum() == 3
    law, _ = with_input()
    assert len(curves(law, law.evidence.stretches[0])[0]) == 400
    law, _ = specimen()
    lost = replace(law.evidence.stretches[0], simulated=np.full((2, 11), np.nan))
    assert np.isnan(curves(law, lost)[1]).all()


def test_maps_and_second_orders_are_drawn_as_they_were_kept() -> None:
    for build, n in ((logistic, 30), (second_order, 300)):
        law, _ = build()
        t, _ = curves(law, law.evidence.stretches[0])
        assert np.isfinite(t).sum() == n
