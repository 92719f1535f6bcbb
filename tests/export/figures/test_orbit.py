from dataclasses import replace

import numpy as np

from discover.equation import Stretch
from discover.export.figures.orbit import orbit, slopes
from tests.export.laws import one_state, second_order


def simulated(n_segments=1):
    """Return a law of second order with a circle for its evidence."""
    law, _ = second_order()
    t = np.linspace(0.0, 6.0, 200)
    stretch = Stretch("1", t, np.cos(t)[None], np.cos(t)[None])
    return replace(law, evidence=replace(law.evidence, stretches=(stretch,), segment=200 // n_segments))


def test_velocities_are_drawn_over_positions():
    picture = orbit(simulated())
    assert picture is not None
    assert "x′ against x" in picture.caption
    assert "no velocity was measured" in picture.caption
    assert "x′" in picture.svg


def test_segments_are_not_joined():
    assert orbit(simulated(4)).svg.count("<path") >= orbit(simulated()).svg.count("<path")


def test_without_second_order_or_simulation_there_is_none():
    assert orbit(one_state()[0]) is None
    law = simulated()
    (stretch,) = law.evidence.stretches
    blank = replace(stretch, simulated=np.full((1, 200), np.nan))
    assert orbit(replace(law, evidence=replace(law.evidence, stretches=(blank,)))) is None


def test_slopes_keep_to_their_piece():
    t = np.array([0.0, 0.5, 1.0, np.nan, 2.0, np.nan, 3.0, 3.5])
    found = slopes(t, 2.0 * t)
    assert np.allclose(found[[0, 1, 2, 6, 7]], 2.0)
    assert np.isnan(found[[3, 4, 5]]).all()
