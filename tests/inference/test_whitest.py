"""Whether a sum stays where it began: calibrated where it does, sharp where it does not."""

import numpy as np

import discover
from discover.data.formulate import formulate
from discover.expr import parse
from discover.inference.constancy import tracks_of
from discover.inference.whitest import stillness

N = 200


def still(damping=0.0, noise=0.03, seed=0, one=False):
    """Return the stillness of x² and v² of an oscillator that is damped."""
    t, rng, runs = 0.06 * np.arange(N), np.random.default_rng(seed), []
    for a in (1.0,) if one else (0.7, 1.0, 1.6):
        decay = a * np.exp(-damping * t)
        x, v = decay * np.cos(t), -decay * (np.sin(t) + damping * np.cos(t))
        runs.append(
            discover.load(
                {"t": t, "x": x + noise * rng.standard_normal(N), "v": v + noise * rng.standard_normal(N)}, time="t"
            )
        )
    problem = formulate(discover.load(runs))
    return stillness(tracks_of(problem, [parse("x**2", ["x", "v"]), parse("v**2", ["x", "v"])]))


def test_chances_of_what_is_conserved_are_seldom_small():
    chances = [still(seed=seed) for seed in range(20)]
    assert sum(one.p_value < 0.05 for one in chances) <= 3
    assert sum(one.held_out < 0.05 for one in chances) <= 3
    assert all(0.7 < one.noise < 1.4 for one in chances)


def test_weak_damping_is_seen_and_bounded():
    kept, damped = still(), still(damping=0.025)
    assert damped.p_value < 1e-6 < kept.p_value
    assert kept.drift < kept.share < 0.1 < damped.drift


def test_levels_are_told_apart_where_there_are_several():
    assert still().tells_levels
    assert not still(one=True).tells_levels
