"""Pictures of fields: every kind of grid, gaps and failures included."""

from dataclasses import replace
from xml.dom import minidom

import numpy as np
import pytest

from discover.equation import Law, Patch
from discover.export.figures.movie import difference_text, key_frames, movie
from discover.export.figures.profiles import profiles
from discover.export.specimen import specimen
from tests.export.laws import korteweg, spirals

NAN = float("nan")


def with_patch(law: Law, **changes: object) -> Law:
    """Return the law with its one patch changed."""
    patch = replace(law.evidence.fields[0], **changes)  # type: ignore[arg-type]
    return replace(law, evidence=replace(law.evidence, fields=(patch,)))


def texts(svg: str) -> list[str]:
    document = minidom.parseString(svg.encode("utf-8"))
    found = document.getElementsByTagName("text")
    return ["".join(node.nodeValue or "" for node in text.childNodes) for text in found]


def test_one_axis_of_space_gives_three_images_with_bars_and_units() -> None:
    picture = movie(korteweg()[0])
    assert picture is not None
    words = texts(picture.svg)
    for word in ("measured", "the law, simulated", "measured − simulated", "u (m)", "difference (m)", "t (s)", "x (m)"):
        assert word in words, word
    assert "u differs by 0.01" in picture.caption
    assert picture.svg.count("data:image/png;base64,") == 5


def test_without_a_simulation_only_the_data_are_shown() -> None:
    law, _ = korteweg()
    lost = with_patch(law, simulated=np.full_like(law.evidence.fields[0].simulated, NAN))
    for picture in (movie(lost), profiles(lost)):
        assert picture is not None
        assert "here is no simulation to show" in picture.caption
    picture = movie(lost)
    assert picture is not None
    assert "the law, simulated" not in texts(picture.svg)


def test_a_plane_gives_key_frames_of_every_state() -> None:
    picture = movie(spirals()[0])
    assert picture is not None
    words = texts(picture.svg)
    assert words.count("measured") == words.count("simulated") == 2
    assert "time = 0.4 s" in words
    assert "price & <b>" in words


def test_three_dimensions_are_cut_through_the_middle() -> None:
    law, _ = spirals()
    grid = tuple(np.arange(float(n)) for n in (3, 4, 5, 6))
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 6))
    axes = ("time", "east", "north", "up")
    patch = Patch("a", axes, grid, values, values)
    law = replace(law, space=axes[1:], space_units=(None,) * 3, evidence=replace(law.evidence, fields=(patch,)))
    picture = movie(law)
    assert picture is not None
    assert "A cut through the middle of up." in picture.caption
    assert profiles(law) is None


def test_a_simulation_that_runs_away_does_not_wash_out_the_data() -> None:
    law, _ = korteweg()
    simulated = law.evidence.fields[0].simulated.copy()
    simulated[0, -1] = 1e9
    picture = movie(with_patch(law, simulated=simulated))
    assert picture is not None
    ticks = [float(word) for word in texts(picture.svg) if word.replace(".", "").isdigit()]
    assert max(ticks) < 100


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 1), (7, 3)])
@pytest.mark.parametrize("value", [0.0, 5.0, NAN])
def test_few_points_and_flat_fields_are_drawn(shape: tuple[int, int], value: float) -> None:
    law, _ = korteweg()
    values = np.full((1, *shape), value)
    grid = tuple(np.arange(float(n)) for n in shape)
    law = with_patch(law, coordinates=grid, measured=values, simulated=values)
    assert movie(law) is not None
    assert profiles(law) is not None


def test_uneven_grids_and_many_frames() -> None:
    law, _ = korteweg()
    rng = np.random.default_rng(0)
    grid = (np.sort(rng.uniform(size=40)), np.sort(rng.uniform(size=30)))
    values = rng.normal(size=(1, 40, 30))
    law = with_patch(law, coordinates=grid, measured=values, simulated=values)
    assert movie(law) is not None
    assert key_frames(law.evidence.fields[0]) == [0, 13, 26, 39]


def test_no_field_no_picture() -> None:
    law, _ = specimen()
    assert movie(law) is None
    assert profiles(law) is None


def test_differences_are_told_for_each_state() -> None:
    law, _ = spirals()
    patch = law.evidence.fields[0]
    moved = replace(patch, simulated=patch.measured + np.array([0.1, 0.2]).reshape(2, 1, 1, 1))
    found = difference_text(law, moved)
    assert found.startswith("u differs by 0.1 m (root mean square, ")
    assert "price & <b> differs by 0.2 (root" in found
