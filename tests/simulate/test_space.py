"""Laws over space against their exact solutions, and everything that may be handed in wrongly."""

import time as clock

import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import derivative, variable
from discover.simulate import VectorField, simulate
from tests.export.laws import korteweg

U, V = variable(0), variable(1)
RING = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)
T = np.linspace(0.0, 1.0, 11)


def D(expr, *orders: int):
    return derivative(expr, (0, *orders))


def over(*exprs, axes: tuple[str, ...] = ("x",), inputs: tuple[str, ...] = (), orders: tuple[int, ...] = ()):
    return VectorField(("u", "v")[: len(exprs)], inputs, exprs, space=axes, orders=orders)


HEAT = over(D(U, 2))
ADVECTION = over(-1.0 * D(U, 1))
BURGERS = over(0.1 * D(U, 2) - U * D(U, 1))


def test_heat_on_a_ring() -> None:
    found = simulate(HEAT, np.sin(3 * RING) + 2, T, space=[RING])
    np.testing.assert_allclose(found["u"], 2 + np.exp(-9 * T)[:, None] * np.sin(3 * RING), atol=1e-12)
    assert found["u"].dims == ("time", "x")
    assert found.attrs["space"] == ["x"]
    assert found.attrs["notes"] == ["The edges were taken for what the initial state looks like: x periodic."]


def test_advection_on_a_ring() -> None:
    start = np.exp(np.sin(RING))
    found = simulate(ADVECTION, start, T, space=[RING], boundary="periodic")
    np.testing.assert_allclose(found["u"], np.exp(np.sin(RING - T[:, None])), atol=1e-10)
    assert found.attrs["notes"] == []


def cole_hopf(x: np.ndarray, t: np.ndarray, nu: float = 0.1) -> np.ndarray:
    """Return -2 nu phi_x / phi for a sum of heat modes phi, the solution of Burgers' equation."""
    t = np.asarray(t)[..., None]
    phi = 2.0 + np.exp(-nu * t) * np.cos(x) + 0.5 * np.exp(-4 * nu * t) * np.sin(2 * x)
    slope = -np.exp(-nu * t) * np.sin(x) + np.exp(-4 * nu * t) * np.cos(2 * x)
    return -2 * nu * slope / phi


@pytest.mark.parametrize("law", [BURGERS, over(0.1 * D(U, 2) - 0.5 * D(U**2, 1))])
def test_burgers_by_the_cole_hopf_transform(law: VectorField) -> None:
    t = np.linspace(0.0, 5.0, 26)
    found = simulate(law, cole_hopf(RING, np.array(0.0)), t, space=[RING])
    np.testing.assert_allclose(found["u"], cole_hopf(RING, t), atol=1e-6)


def test_burgers_between_measured_edges_on_an_uneven_grid() -> None:
    x = np.linspace(0.3, 2.5, 90) + 0.005 * np.sin(np.arange(90))
    t = np.linspace(0.0, 5.0, 26)
    exact = cole_hopf(x, t)
    found = simulate(BURGERS, exact[0], t, space=[x], boundary="measured", measured={"u": exact})
    np.testing.assert_allclose(found["u"], exact, atol=2e-5)


def test_a_soliton_of_korteweg_and_de_vries() -> None:
    x = np.linspace(-15.0, 15.0, 256, endpoint=False)
    t = np.linspace(0.0, 2.0, 21)
    exact = 1.0 / np.cosh(np.sqrt(0.5) * (x - 2.0 * t[:, None] + 3)) ** 2
    law = over(-6.0 * U * D(U, 1) - D(U, 3))
    found = simulate(law, exact[0], t, space=[x])
    np.testing.assert_allclose(found["u"], exact, atol=1e-5)


def test_a_wave_packet_of_schroedinger_as_two_fields() -> None:
    x, t = np.linspace(-15.0, 15.0, 256, endpoint=False), np.linspace(0.0, 2.0, 11)
    width = 1 + 1j * t[:, None]
    psi = np.exp(-(x**2) / (2 * width)) / np.sqrt(width)
    law = over(-0.5 * D(V, 2), 0.5 * D(U, 2))  # i psi_t = -psi_xx / 2
    found = simulate(law, [psi[0].real, psi[0].imag], t, space=[x])
    np.testing.assert_allclose(found["u"], psi.real, atol=1e-9)
    np.testing.assert_allclose(found["v"], psi.imag, atol=1e-9)


def test_waves_of_second_order() -> None:
    law = over(4.0 * D(U, 2), orders=(2,))
    standing = simulate(law, np.sin(RING) + 1.0, T, space=[RING])
    np.testing.assert_allclose(standing["u"], 1 + np.cos(2 * T)[:, None] * np.sin(RING), atol=1e-12)
    travelling = simulate(law, [np.sin(RING), -2 * np.cos(RING)], T, space=[RING])
    np.testing.assert_allclose(travelling["u"], np.sin(RING - 2 * T[:, None]), atol=1e-12)


@pytest.mark.parametrize("boundary", ["periodic", "zero-gradient"])
def test_damped_waves_whose_damping_is_a_derivative_by_time(boundary: str) -> None:
    law = over(D(U, 2) + derivative(-0.2 * U, (1,)) + 0.05 * derivative(U, (1, 2)), orders=(2,))
    x = RING if boundary == "periodic" else np.linspace(0.0, np.pi, 65)
    rate, t = 0.125, np.linspace(0.0, 5.0, 11)[:, None]
    w = np.sqrt(1 - rate**2)
    exact = np.exp(-rate * t) * np.sin(w * t) / w * np.cos(x)  # from rest at zero, pushed
    found = simulate(law, [0 * x, np.cos(x)], t[:, 0], space=[x], boundary=boundary)
    np.testing.assert_allclose(found["u"], exact, atol=1e-4)


def test_zero_gradient_keeps_the_mean() -> None:
    x = np.linspace(0.0, np.pi, 49)
    found = simulate(HEAT, np.cos(2 * x) + 1, T, space=[x], boundary="zero-gradient")
    np.testing.assert_allclose(found["u"], 1 + np.exp(-4 * T)[:, None] * np.cos(2 * x), atol=5e-5)


@pytest.mark.parametrize("boundary", [None, ["periodic", "periodic"], ["measured", "periodic"]])
def test_a_tracer_in_a_known_flow_over_a_plane(boundary) -> None:
    x, y = RING[::2], np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    law = over(0.1 * D(U, 2) + 0.1 * D(U, 0, 2) - V * D(U, 1), axes=("x", "y"), inputs=("w",))
    X, Y = np.meshgrid(x, y, indexing="ij")
    exact = np.exp(-0.2 * T)[:, None, None] * np.sin(X - T[:, None, None] ** 2 / 2) * np.sin(Y)
    found = simulate(law, exact[0], T, {"w": T[:, None, None]}, space=[x, y], boundary=boundary, measured={"u": exact})
    np.testing.assert_allclose(found["u"], exact, atol=2e-3 if boundary and "measured" in boundary else 1e-5)
    assert found["w"].attrs["role"] == "input"


def test_coordinates_as_coefficients() -> None:
    # u_t = t x u: each point grows by itself.
    law = over(U * V * variable(2), inputs=("x", "time"))
    x = np.linspace(0.0, 1.0, 20)
    found = simulate(law, 1 + 0 * x, T, space=[x], boundary="zero-gradient")
    np.testing.assert_allclose(found["u"], np.exp(x * T[:, None] ** 2 / 2), rtol=1e-5)
    assert set(found.data_vars) == {"u"}


def test_three_dimensions() -> None:
    x = np.linspace(0.0, 2 * np.pi, 8, endpoint=False)
    law = over(D(U, 2) + D(U, 0, 2) + D(U, 0, 0, 2), axes=("x", "y", "z"))
    X, Y, Z = np.meshgrid(x, x, x, indexing="ij")
    start = np.sin(X) * np.sin(Y) * np.sin(Z)
    found = simulate(law, start, [0.0, 0.5], space=[x, x, x])
    np.testing.assert_allclose(found["u"][1], np.exp(-1.5) * start, atol=1e-10)


def test_a_law_is_run_with_its_units() -> None:
    law, _ = korteweg()
    patch = law.evidence.fields[0]
    found = simulate(law, patch.simulated[0, 0], patch.coordinates[0], space=patch.coordinates[1:])
    assert (found["u"].attrs["units"], found["x"].attrs["units"], found["time"].attrs["units"]) == ("m", "m", "s")
    np.testing.assert_allclose(found["u"], patch.simulated[0], atol=2e-3)


@pytest.mark.parametrize("boundary", ["periodic", "zero-gradient"])
def test_a_blow_up_ends_in_nan_and_a_note(boundary: str) -> None:
    started = clock.perf_counter()
    found = simulate(over(U**2), np.cos(RING) + 2, np.linspace(0, 1, 11), space=[RING], boundary=boundary)
    assert clock.perf_counter() - started < 20
    assert np.isfinite(found["u"][3]).all()
    assert np.isnan(found["u"][4:]).any(axis=1).all()
    assert "it is NaN from there on" in found.attrs["notes"][-1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x0": np.ones(5)}, r"x0 must hold finite values of u over x, with the shape \(1, 64\); got \(5,\)"),
        ({"x0": np.full(64, np.nan)}, "x0 must hold finite values"),
        ({"space": None}, "This law is over x: give the coordinates"),
        ({"boundary": "cyclic"}, 'no boundary "cyclic"'),
        ({"boundary": "periodi"}, 'Did you mean "periodic"'),
        ({"boundary": ["periodic", "periodic"]}, "boundary needs one word for each of x, got 2"),
        ({"boundary": "measured"}, "needs the measured fields in `measured`"),
        ({"measured": {"v": 0}}, '`measured` lacks the field "u"'),
        ({"measured": {"u": np.ones((3, 3))}}, r"must have the shape \(11, 64\), got \(3, 3\)"),
        ({"space": [RING**2], "boundary": "periodic"}, "must be evenly spaced, and x is not"),
        ({"inputs": {"w": 1.0}}, 'no input "w"'),
        ({"t": [0.0, 0.0]}, "increasing times"),
        ({"space": [RING[:5]], "x0": np.ones(5), "boundary": "zero-gradient"}, None),
        ({"space": [RING[:4]], "x0": np.ones(4), "boundary": "zero-gradient"}, "order 2 needs at least 6 points"),
    ],
)
def test_what_does_not_fit_is_told(changes: dict, sentence: str | None) -> None:
    given = {"x0": np.sin(RING), "t": T, "space": [RING]} | changes
    x0, t = given.pop("x0"), given.pop("t")
    if sentence is None:
        sentence = "order 2 needs at least 6 points along its axis, and this one has 5"
    with pytest.raises(SettingError, match=sentence):
        simulate(HEAT, x0, t, given.pop("inputs", None), **given)


def test_laws_without_space_take_none() -> None:
    with pytest.raises(SettingError, match="not over space"):
        simulate(VectorField(("u",), (), (U,)), [1.0], T, space=[RING])
