"""Every picture of every law is drawn, or left out for a reason."""

from dataclasses import replace
from math import nan

import pytest

from discover.export import figures
from discover.export.specimen import specimen
from tests.export.laws import LAWS, ten_states

SHOWN = {
    "specimen": "trajectories portrait tradeoff forest importance",
    "one_state": "trajectories tradeoff forest importance",
    "nothing_found": "trajectories portrait tradeoff",
    "without_data": "forest importance",
    "korteweg": "movie profiles tradeoff forest importance",
    "spirals": "movie tradeoff forest importance",
    "logistic": "trajectories portrait tradeoff forest importance",
    "second_order": "trajectories portrait tradeoff forest importance",
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown(name: str) -> None:
    law, front = LAWS[name]()
    pictures = {
        "trajectories": figures.trajectories(law),
        "movie": figures.movie(law),
        "profiles": figures.profiles(law),
        "portrait": figures.portrait(law),
        "tradeoff": figures.tradeoff(law, front),
        "forest": figures.forest(law),
        "importance": figures.importance(law),
    }
    assert [name for name, picture in pictures.items() if picture] == SHOWN[name].split()


def test_captions_say_how_much_is_left_out() -> None:
    law, _ = ten_states()
    picture = figures.trajectories(law)
    assert picture is not None
    assert "2 of 4 stretches" in picture.caption
    assert "afresh every 100 samples" in picture.caption


def test_nullclines_are_named_and_only_where_they_are() -> None:
    law, _ = specimen()
    picture = figures.portrait(law)
    assert picture is not None
    assert "hare′ = 0" in picture.svg
    # One equation without a term is zero everywhere: it has no line.
    flat = replace(law, equations=(replace(law.equations[0], terms=()), law.equations[1]))
    picture = figures.portrait(flat)
    assert picture is not None
    assert "hare′ = 0" not in picture.svg


def test_an_interval_beyond_the_frame_ends_in_an_arrow() -> None:
    law, _ = specimen()
    first, second = law.equations[0].terms
    wide = replace(first, low=-100.0, high=100.0)
    unknown = replace(second, low=nan, high=nan)
    law = replace(law, equations=(replace(law.equations[0], terms=(wide, unknown)),))
    picture = figures.forest(law)
    assert picture is not None
    assert "−0.0277" in picture.svg
