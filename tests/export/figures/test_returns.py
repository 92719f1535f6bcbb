"""The return plot of a map."""

from discover.export.figures.returns import returns
from discover.export.figures.trajectories import MOST_JUMPS, trajectories
from discover.export.specimen import specimen
from tests.noisy import found_map


def test_next_values_over_present_ones():
    picture = returns(found_map().law)
    assert picture is not None
    for word in ("x[n]", "x[n+1]", "the map", "no change"):
        assert word in picture.svg


def test_other_laws_have_none():
    assert returns(specimen()[0]) is None


def test_only_the_beginning_of_a_map_is_drawn_against_time():
    law = found_map().law
    assert len(law.evidence.stretches[0].time) > MOST_JUMPS
    assert trajectories(law).svg.count("<use") < 2 * MOST_JUMPS
