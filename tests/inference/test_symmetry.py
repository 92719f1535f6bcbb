"""Whether a change of variables takes measured points among others."""

import numpy as np

from discover.inference.symmetry import Image, covered


def mirror(*signs: float) -> Image:
    return Image(np.diag(signs), np.zeros(len(signs)))


def test_a_mirror_takes_points_on_both_sides_among_others_and_those_on_one_side_nowhere() -> None:
    X = np.random.default_rng(0).normal(size=(2, 500))
    assert covered(mirror(-1.0, 1.0), X) > 0.9
    assert covered(mirror(-1.0, 1.0), X + np.array([[6.0], [0.0]])) < 0.05


def test_points_on_a_curve_are_not_taken_for_points_beside_it() -> None:
    phase = np.linspace(0.0, 2.0 * np.pi, 300)
    circle = np.array([np.cos(phase), np.sin(phase)])
    turn, shift = Image(np.array([[0.0, -1.0], [1.0, 0.0]]), np.zeros(2)), Image(np.eye(2), np.array([0.5, 0.0]))
    assert covered(turn, circle) > 0.9
    assert covered(shift, circle) < 0.2


def test_changes_after_each_other_multiply() -> None:
    turn = Image(np.array([[0.0, -1.0], [1.0, 0.0]]), np.zeros(2), -1.0)
    assert turn.after(turn).key() == mirror(-1.0, -1.0).key()
