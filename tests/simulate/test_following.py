"""The simulation that stands beside the data: from measured starts, and NaN where there is none."""

from dataclasses import replace

import numpy as np

from discover.equation import Term
from discover.export.specimen import specimen
from discover.expr import derivative, variable
from discover.simulate import follow_field, follow_stretch
from tests.export.laws import korteweg, logistic, second_order, with_input

NAN = float("nan")


def test_every_segment_starts_from_the_data() -> None:
    law, _ = specimen()
    stretch = law.evidence.stretches[0]
    found = follow_stretch(law, stretch.time, stretch.measured, 4)
    np.testing.assert_array_equal(found[:, ::4], stretch.measured[:, ::4])
    assert np.isfinite(found).all()
    assert (found[:, 1] != stretch.measured[:, 1]).all()


def test_inputs_and_maps() -> None:
    law, _ = with_input()
    stretch = law.evidence.stretches[0]
    assert np.isfinite(follow_stretch(law, stretch.time, stretch.measured, 50)).all()
    law, _ = logistic()
    stretch = law.evidence.stretches[0]
    found = follow_stretch(law, stretch.time, stretch.measured, 2)
    x = stretch.measured[0]
    np.testing.assert_allclose(found[0, 1::2], 3.9 * x[::2] * (1 - x[::2]), rtol=1e-12)


def test_the_velocity_of_a_second_order_law_comes_from_the_data() -> None:
    law, _ = second_order()
    x = variable(0)
    free = replace(
        law.equations[0], terms=(Term(x, -1.0, NAN, NAN, NAN), Term(derivative(x, (1,)), 0.0, NAN, NAN, NAN))
    )
    time = np.linspace(0.0, 3.0, 301)
    found = follow_stretch(replace(law, equations=(free,)), time, np.sin(time)[None], 301)
    np.testing.assert_allclose(found[0], np.sin(time), atol=1e-3)


def test_what_cannot_be_run_is_nan() -> None:
    law, _ = second_order()
    term = replace(law.equations[0].terms[0], expr=derivative(variable(0), (2,)) ** 2)
    law = replace(law, equations=(replace(law.equations[0], terms=(term,)),))
    stretch = law.evidence.stretches[0]
    assert np.isnan(follow_stretch(law, stretch.time, stretch.measured, 100)).all()


def test_a_field_is_followed_from_its_first_whole_frame() -> None:
    law, _ = korteweg()
    patch = law.evidence.fields[0]
    gappy = patch.simulated.copy()
    gappy[0, 0, 3:9] = NAN
    found, notes = follow_field(law, patch.coordinates, gappy)
    assert np.isnan(found[0, 0]).all()
    np.testing.assert_array_equal(found[0, 1], gappy[0, 1])
    np.testing.assert_allclose(found[0, 1:], patch.simulated[0, 1:], atol=2e-3)
    assert notes == ("The edges were taken for what the initial state looks like: x periodic.",)


def test_gaps_along_the_edges_are_bridged_and_those_inside_ignored() -> None:
    law, _ = korteweg()
    diffusion = replace(law.equations[0], terms=(Term(derivative(variable(0), (0, 2)), 0.1, NAN, NAN, NAN),))
    law, x, t = replace(law, equations=(diffusion,)), np.linspace(0.0, 2.0, 41), np.linspace(0.0, 1.0, 11)
    exact = (np.exp(-0.1 * t)[:, None] * np.sin(x - 0.3))[None]
    measured = exact.copy()
    measured[0, 5, :4] = NAN
    measured[0, 7, 20] = NAN
    found, _ = follow_field(law, (t, x), measured)
    np.testing.assert_allclose(found, exact, atol=1e-3)


def test_a_better_start_may_be_given() -> None:
    law, _ = korteweg()
    patch = law.evidence.fields[0]
    found, _ = follow_field(law, patch.coordinates, patch.measured, start=patch.simulated[:, 0], boundary="periodic")
    np.testing.assert_allclose(found, patch.simulated, atol=2e-3)
    stopped, notes = follow_field(law, patch.coordinates, patch.measured, max_steps=10)
    assert np.isnan(stopped[0, -1]).all()
    assert "needed more steps than allowed" in notes[-1]


def test_a_field_without_a_whole_frame_or_too_small_says_so() -> None:
    law, _ = korteweg()
    t, x = np.arange(3.0), np.arange(5.0)
    found, notes = follow_field(law, (t, x), np.full((1, 3, 5), NAN))
    assert np.isnan(found).all()
    assert "No frame was measured whole" in notes[0]
    found, notes = follow_field(law, (t, x), np.ones((1, 3, 5)) * x**2)
    assert np.isnan(found).all()
    assert notes[0].startswith("The law was not simulated: A derivative of order 3 needs at least 7 points")
