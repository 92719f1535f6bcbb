"""Laws that no power series holds, at 1 % of noise, without a word about their functions."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import discover
from discover import Map
from discover.expr import text


def curves(rate, starts, end, n, seed):
    """Return noisy trajectories of one state from each start, 1 % of the root mean square."""
    rng, t = np.random.default_rng(seed), np.linspace(0.0, end, n)
    clean = [solve_ivp(rate, (0.0, end), [x], t_eval=t, rtol=1e-10, atol=1e-12).y[0] for x in starts]
    noise = 0.01 * np.sqrt(np.mean(np.square(clean)))
    return [{"t": t, "x": x + noise * rng.standard_normal(n)} for x in clean]


def shapes(found, target):
    """Return the terms of an equation, fitted constants inside as 0."""
    from discover.expr import with_inner

    equation = found.equations[target]
    return {
        text(with_inner(t.expr, [i.place for i in t.inner], [0.0] * len(t.inner)), equation.names)
        for t in equation.terms
    }


@pytest.mark.parametrize("engine", ["symbolic", "auto"])
def test_a_pendulum_swings_by_a_sine(engine):
    t = np.linspace(0.0, 15.0, 300)
    swing = solve_ivp(lambda _, y: [y[1], -2.0 * np.sin(y[0])], (0.0, 15.0), [2.5, 0.0], t_eval=t, rtol=1e-10).y
    x, v = swing + 0.01 * np.random.default_rng(3).standard_normal(swing.shape)
    found = discover.dynamics({"t": t, "x": x, "v": v}, engine=engine)
    assert shapes(found, "x") == {"v"}
    assert shapes(found, "v") == {"sin(x)"}
    assert found.verdict.word == "law"


def test_a_map_of_salmon_is_ricker_s(tmp_path):
    x = [0.3]
    for _ in range(199):
        x.append(x[-1] * np.exp(2.9 * (1.0 - x[-1])))
    measured = np.array(x) * (1.0 + 0.01 * np.random.default_rng(3).standard_normal(200))
    found = discover.dynamics({"year": np.arange(200.0), "x": measured}, form=Map(), engine="symbolic")
    assert shapes(found, "x") == {"x*exp(0*x)"}
    ((inner,),) = (term.inner for term in found.equations["x"].terms)
    assert inner.low < -2.9 < inner.high
    found.save(tmp_path / "law.json")
    again = discover.load_law(tmp_path / "law.json")
    assert again.equations == found.equations
