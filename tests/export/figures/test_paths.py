"""Sample paths beside the measured one."""

from discover.export.figures.paths import paths
from discover.export.figures.trajectories import trajectories
from discover.export.specimen import specimen
from tests.noisy import found_well


def test_measured_and_simulated_paths_and_their_band():
    law = found_well().law
    picture = paths(law)
    assert picture is not None
    for word in ("measured", "nine paths in ten", "sample paths"):
        assert word in picture.svg
    assert "should look like one of them" in picture.caption
    assert paths(law).svg == picture.svg  # the paths are drawn from a seed
    assert trajectories(law) is None


def test_a_law_without_noise_has_none():
    assert paths(specimen()[0]) is None
