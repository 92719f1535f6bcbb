"""Laws over space are found again from noisy fields, in one to three dimensions: exact solutions, nothing simulated."""

import numpy as np
import pytest
import xarray as xr

import discover
from discover.data.coordinates import with_coordinates
from discover.data.formulate import formulate
from discover.expr import Derivatives, Library, Polynomial, Terms, Varying, text
from discover.sparse import Sparse


def dataset(t: np.ndarray, x: np.ndarray, level: float, seed: int, **fields: np.ndarray) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    noisy = {
        name: (("time", "x"), u + level * np.sqrt(np.mean(u**2)) * rng.standard_normal(u.shape), {"role": "state"})
        for name, u in fields.items()
    }
    coords = {"time": ("time", t, {"long_name": "t"}), "x": ("x", x)}
    return xr.Dataset(noisy, coords, {"space": ["x"], "source": "exact", "fingerprint": "", "notes": []})


def two_solitons(t: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Exact two-soliton solution of u_t = -6 u u_x - u_xxx (Hirota), wave numbers 1 and 1.6."""
    k1, k2 = 1.0, 1.6
    T, X = t[:, None], x[None, :]
    e1, e2 = np.exp(k1 * X - k1**3 * T), np.exp(k2 * (X + 6.0) - k2**3 * T)
    A = ((k1 - k2) / (k1 + k2)) ** 2
    F = 1 + e1 + e2 + A * e1 * e2
    Fx = k1 * e1 + k2 * e2 + A * (k1 + k2) * e1 * e2
    Fxx = k1**2 * e1 + k2**2 * e2 + A * (k1 + k2) ** 2 * e1 * e2
    return 2.0 * (Fxx / F - (Fx / F) ** 2)


def shock(t: np.ndarray, x: np.ndarray, nu: float) -> np.ndarray:
    """Exact travelling fronts that merge, of Burgers' equation u_t = -u u_x + nu u_xx (Cole-Hopf)."""
    T, X = t[:, None], x[None, :]
    speeds, places = np.array([0.0, 1.0, 2.0]), np.array([0.0, -1.0, -3.5])
    waves = [np.exp(-a * (X - b) / (2 * nu) + a**2 * T / (4 * nu)) for a, b in zip(speeds, places, strict=True)]
    return sum(a * w for a, w in zip(speeds, waves, strict=True)) / sum(waves)


def found(data: xr.Dataset) -> dict[str, float]:
    problem = formulate(data)
    best = Sparse().search(problem).of("u")[0]
    return {text(e, problem.names): v for e, v in zip(best.terms, best.coefficients, strict=True)}


@pytest.mark.parametrize("level", [0.01, 0.1])
def test_korteweg_de_vries(level: float) -> None:
    t, x = np.linspace(0.0, 5.0, 160), np.linspace(-12.0, 14.0, 260)
    law = found(dataset(t, x, level, 1, u=two_solitons(t, x)))
    assert set(law) == {'D(u**2, "x", 1)', 'D(u, "x", 3)'}
    assert law['D(u**2, "x", 1)'] == pytest.approx(-3.0, rel=max(0.02, level))
    assert law['D(u, "x", 3)'] == pytest.approx(-1.0, rel=max(0.02, level))


def test_burgers() -> None:
    t, x = np.linspace(0.0, 3.0, 140), np.linspace(-8.0, 8.0, 220)
    law = found(dataset(t, x, 0.01, 2, u=shock(t, x, 0.3)))
    assert set(law) == {'D(u**2, "x", 1)', 'D(u, "x", 2)'}
    assert law['D(u**2, "x", 1)'] == pytest.approx(-0.5, rel=0.02)
    assert law['D(u, "x", 2)'] == pytest.approx(0.3, rel=0.03)


def test_a_field_of_noise_has_no_law() -> None:
    t, x = np.linspace(0.0, 3.0, 90), np.linspace(0.0, 3.0, 100)
    noise = np.random.default_rng(5).standard_normal((90, 100))
    problem = formulate(dataset(t, x, 0.0, 0, u=noise))
    best = Sparse().search(problem).of("u")[0]
    assert best.n_terms == 0 or best.r2 < 0.5


def found_in(data: xr.Dataset, library: Library) -> dict[str, float]:
    """Return the best equation of u from a library, coordinates and all."""
    problem = with_coordinates(formulate(discover.load(data)), library)
    best = Sparse(library=library).search(problem).of("u")[0]
    axes = (problem.time, *problem.space)
    return {text(e, problem.names, axes): v for e, v in zip(best.terms, best.coefficients, strict=True)}


def field_of(level: float, u: np.ndarray, **coordinates: np.ndarray) -> xr.Dataset:
    noise = level * np.sqrt(np.mean(u**2)) * np.random.default_rng(4).standard_normal(u.shape)
    return xr.Dataset({"u": (tuple(coordinates), u + noise)}, coordinates)


def waves(t: np.ndarray, k: np.ndarray, speed: np.ndarray, kappa: float, X: list[np.ndarray]) -> np.ndarray:
    """Exact waves of u_t = -c·∇u + κ∇²u: k is (n_waves, n_axes)."""
    total = 0.0
    for number, wave in enumerate(k):
        phase = sum(kj * x for kj, x in zip(wave, X, strict=True)) - float(wave @ speed) * t + number
        total = total + np.exp(-kappa * float(wave @ wave) * t) * np.sin(phase)
    return np.asarray(total)


def test_advection_and_diffusion_in_a_plane() -> None:
    t, x, y = np.linspace(0.0, 1.5, 50), np.linspace(0.0, 6.0, 44), np.linspace(0.0, 3.0, 36)
    T, X, Y = np.meshgrid(t, x, y, indexing="ij")
    k = np.array([[1.0, 2.0], [2.0, -1.0], [0.7, 3.0], [3.0, 1.0]])
    u = waves(T, k, np.array([1.0, -0.5]), 0.1, [X, Y])
    law = found_in(field_of(0.01, u, t=t, x=x, y=y), Derivatives(Polynomial(2), 2, 2))
    assert set(law) == {'D(u, "x", 1)', 'D(u, "y", 1)', 'D(u, "x", 2)', 'D(u, "y", 2)'}
    assert law['D(u, "x", 1)'] == pytest.approx(-1.0, rel=0.02)
    assert law['D(u, "y", 1)'] == pytest.approx(0.5, rel=0.02)
    assert law['D(u, "x", 2)'] == pytest.approx(0.1, rel=0.05)
    assert law['D(u, "y", 2)'] == pytest.approx(0.1, rel=0.05)


def test_heat_in_three_dimensions() -> None:
    t, x, y, z = (np.linspace(0.0, end, n) for end, n in ((1.0, 30), (3.0, 24), (3.2, 26), (2.8, 22)))
    T, X, Y, Z = np.meshgrid(t, x, y, z, indexing="ij")
    k = np.array([[2.0, 1.0, 1.5], [1.0, -2.0, 2.0], [2.5, 1.0, -1.0], [1.0, 2.0, 2.5], [0.5, 0.7, 1.0]])
    u = waves(T, k, np.zeros(3), 0.2, [X, Y, Z])
    library = Derivatives(Polynomial(1), 2, 3)
    law = found_in(field_of(0.01, u, t=t, x=x, y=y, z=z), library)
    assert set(law) == {'D(u, "x", 2)', 'D(u, "y", 2)', 'D(u, "z", 2)'}
    assert all(value == pytest.approx(0.2, rel=0.06) for value in law.values())


def test_heat_in_a_rod_whose_conductivity_varies() -> None:
    """u = Σ exp(-t n(n + 1)/10) P_n(x) solves u_t = D((1 - x²)/10 · u_x, x) exactly: Legendre's equation."""
    t, x = np.linspace(0.0, 1.5, 120), np.linspace(-0.95, 0.95, 140)
    u = sum(
        a * np.exp(-0.1 * n * (n + 1) * t)[:, None] * np.polynomial.Legendre.basis(n)(x)
        for n, a in ((1, 1.0), (2, -0.8), (3, 0.9), (4, 0.7), (5, -0.6), (6, 0.8))
    )
    library = Derivatives(Polynomial(2), 2) + Terms("D(x*D(u, x, 1), x, 1)", "D(x**2*D(u, x, 1), x, 1)", "x*D(u, x, 1)")
    law = found_in(field_of(0.01, np.asarray(u), t=t, x=x), library)
    assert set(law) == {'D(u, "x", 2)', 'D(x**2*D(u, "x", 1), "x", 1)'}
    assert law['D(u, "x", 2)'] == pytest.approx(0.1, rel=0.03)
    assert law['D(x**2*D(u, "x", 1), "x", 1)'] == pytest.approx(-0.1, rel=0.05)


def test_a_coefficient_expanded_in_a_basis_enters_as_a_group() -> None:
    """The same rod, its conductivity any quadratic: u_t = k(x) u_xx + c(x) u_x."""
    t, x = np.linspace(0.0, 1.5, 120), np.linspace(-0.95, 0.95, 140)
    u = sum(
        a * np.exp(-0.1 * n * (n + 1) * t)[:, None] * np.polynomial.Legendre.basis(n)(x)
        for n, a in ((1, 1.0), (2, -0.8), (3, 0.9), (4, 0.7), (5, -0.6), (6, 0.8))
    )
    library = Derivatives(Polynomial(2), 0) + Varying(Terms("D(u, x, 2)", "D(u, x, 1)"), "x", Polynomial(2))
    law = found_in(field_of(0.01, np.asarray(u), t=t, x=x), library)
    assert len(law) == 6
    at = np.linspace(-0.8, 0.8, 9)
    for order, exact in ((2, 0.1 * (1.0 - at**2)), (1, -0.2 * at)):
        mine = [(name, value) for name, value in law.items() if f'D(u, "x", {order})' in name]
        values = sum(value * at ** (2 if "x**2" in name else 1 if name.startswith("x") else 0) for name, value in mine)
        assert np.abs(values - exact).max() < 0.01
