"""Laws over space are found again from noisy fields: exact solutions, so nothing is simulated here."""

import numpy as np
import pytest
import xarray as xr

from discover.data.formulate import formulate
from discover.expr import text
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
