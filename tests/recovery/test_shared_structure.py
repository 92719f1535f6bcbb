"""One form, coefficients of their own: families of systems are found, and what differs between them is said."""

import numpy as np
import pytest
import xarray as xr

import discover
from discover import Derivatives, Polynomial, Terms, Varying
from discover.expr import text
from discover.simulate import SYSTEMS, System, clean_trajectories


def recordings(systems, noise, n_samples, seed=0):
    """Return one trajectory of each system, one after the other, with the same relative noise: label -> columns."""
    rng = np.random.default_rng([seed, 41])
    found = {}
    for label, system in systems.items():
        X = clean_trajectories(system, 1, n_samples, seed)[0][0]
        X = X + noise * np.sqrt((X**2).mean(axis=1, keepdims=True)) * rng.standard_normal(X.shape)
        found[label] = (system.dt * np.arange(n_samples), X)
    return found


def table(systems, noise, n_samples, **more):
    """Return the recordings as a table with labels, and columns constant in each recording (name -> label -> value)."""
    parts = recordings(systems, noise, n_samples)
    states = next(iter(systems.values())).states
    columns = {"t": np.concatenate([t for t, _ in parts.values()])}
    columns |= dict(zip(states, np.concatenate([X for _, X in parts.values()], axis=1), strict=True))
    columns["run"] = np.repeat(np.array(list(parts), dtype=object), n_samples)
    return columns | {name: np.repeat([values[label] for label in parts], n_samples) for name, values in more.items()}


def with_parameters(name, **parameters):
    """Return a known system with other parameters."""
    known = SYSTEMS[name]
    values = tuple((key, parameters.get(key, value)) for key, value in known.parameters)
    return System(**{field: getattr(known, field) for field in known.__slots__} | {"parameters": values})


LOTKA = {
    label: System(
        name="lotka-volterra",
        states=("x", "y"),
        equations=(f"{growth}*x - 0.5*x*y", f"0.5*x*y - {death}*y"),
        x0=(2.0, 1.0),
        dt=0.05,
        source="a family made for this test",
        spread=(0.0, 0.0),
    )
    for label, growth, death in (("a", 1.0, 1.0), ("b", 1.4, 1.0), ("c", 1.0, 0.7))
}


def terms(found):
    """Return the terms of each equation as text."""
    return {target: {text(t.expr, eq.names) for t in eq.terms} for target, eq in found.equations.items()}


@pytest.mark.parametrize("noise", [0.01, 0.05])
def test_three_populations_share_what_they_share(noise):
    found = discover.dynamics(discover.load(table(LOTKA, noise, 300), group="run"), by="run", library=Polynomial(2))
    runs = [f"`[run = {label}]`" for label in "abc"]
    assert terms(found) == {"x": {"x*y", *(f"x*{run}" for run in runs)}, "y": {"x*y", *(f"y*{run}" for run in runs)}}
    assert found.verdict.word == "law"
    contrasts = {(one.target, text(one.expr, ["x", "y"])): one for one in found.law.contrasts}
    assert {key: one.shared for key, one in contrasts.items()} == {
        ("x", "x"): False, ("x", "x*y"): True, ("y", "y"): False, ("y", "x*y"): True,
    }  # fmt: skip
    assert contrasts["x", "x"].probability > 0.99 > 0.5 > contrasts["x", "x*y"].probability
    for label, growth in (("a", 1.0), ("b", 1.4), ("c", 1.0)):
        (mine,) = [t for t in found.case(label).equations["x"].terms if text(t.expr, ["x", "y"]) == "x"]
        assert abs(mine.value - growth) < 4 * mine.std


def test_rho_of_lorenz_is_found_where_it_was_recorded():
    rhos = {str(rho): rho for rho in (26.0, 30.0, 36.0)}
    systems = {label: with_parameters("lorenz", rho=rho) for label, rho in rhos.items()}
    data = discover.load(table(systems, 0.01, 600, rho=rhos), group="run", inputs="rho")
    found = discover.dynamics(data, library=Varying(Polynomial(2), "rho"))
    assert terms(found) == {"x": {"x", "y"}, "y": {"y", "x*rho", "x*z"}, "z": {"z", "x*y"}}
    values = {text(t.expr, found.law.names): t.value for t in found.equations["y"].terms}
    assert values["x*rho"] == pytest.approx(1.0, abs=0.01)
    run = found.simulate([1.0, 1.0, 25.0], np.linspace(0.0, 1.0, 11), inputs={"rho": np.full(11, 28.0)})
    assert np.isfinite(run["x"].values).all()


def test_noise_alone_is_no_law_in_any_case():
    rng = np.random.default_rng(5)
    data = {"t": np.tile(0.1 * np.arange(200), 3), "run": np.repeat(["a", "b", "c"], 200)}
    data |= dict(zip("xy", rng.standard_normal((2, 600)), strict=True))
    found = discover.dynamics(discover.load(data, group="run"), by="run", library=Polynomial(2))
    assert found.verdict.word == "none"


def test_equal_systems_differ_in_nothing():
    same = dict.fromkeys("ab", LOTKA["a"])
    parts = recordings(same, 0.02, 300, seed=0)
    assert not np.array_equal(parts["a"][1], parts["b"][1])  # only the noise differs
    found = discover.dynamics(discover.load(table(same, 0.02, 300), group="run"), by="run", library=Polynomial(2))
    assert terms(found) == {"x": {"x", "x*y"}, "y": {"y", "x*y"}}
    assert all(one.shared for one in found.law.contrasts)


def test_forced_and_forbidden_terms_and_a_library_an_equation():
    data = discover.load(table({"a": LOTKA["a"]}, 0.01, 300), group="run")
    found = discover.dynamics(data, library=Polynomial(2) + discover.Forced("x**2"))
    assert all("x**2" in mine for mine in terms(found).values())
    found = discover.dynamics(data, library=Polynomial(2) - discover.Terms("x*y"))
    assert all("x*y" not in mine for mine in terms(found).values())
    mine = discover.PerEquation({"x": discover.Terms("x", "x*y")}, default=Polynomial(2))
    assert terms(discover.dynamics(data, library=mine)) == {"x": {"x", "x*y"}, "y": {"y", "x*y"}}


def test_two_rods_differ_in_their_diffusivity():
    t, x = np.linspace(0.0, 1.0, 40), np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    rods = {"steel": 0.3, "copper": 0.8}
    u = [np.exp(-k * t)[:, None] * np.sin(x) + 0.5 * np.exp(-4 * k * t)[:, None] * np.cos(2 * x) for k in rods.values()]
    noisy = np.stack(u) + 0.005 * np.random.default_rng(0).standard_normal((2, 40, 48))
    data = xr.Dataset({"u": (("rod", "t", "x"), noisy)}, {"rod": list(rods), "t": t, "x": x})
    library = Derivatives(Polynomial(2), order=2)
    found = discover.dynamics(discover.load(data, time="t", space="x", group="rod"), by="rod", library=library)
    for rod, diffusivity in rods.items():
        (term,) = found.case(rod).equations["u"].terms
        assert text(term.expr, ["u"], ["t", "x"]) == 'D(u, "x", 2)'
        assert term.value == pytest.approx(diffusivity, abs=0.02)
    assert [one.shared for one in found.law.contrasts] == [False]
    with pytest.raises(discover.SettingError, match="leave out those with coordinates"):
        discover.dynamics(
            discover.load(data, time="t", space="x", group="rod"), by="rod", library=library + Terms("x*D(u, x, 1)")
        )
