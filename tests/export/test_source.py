"""Source code computes what the law says: run in Python, compiled in C, compared with the tape."""

import ctypes
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from discover.discovery import Discovery
from discover.equation import Law, Term
from discover.errors import InputError
from discover.export import source
from discover.export.specimen import specimen
from discover.expr import OPERATORS, call, derivative, variable
from tests.export.laws import LAWS, Pair, logistic, second_order, with_input
from tests.noisy import found_well

SOUND = ["specimen", "one_state", "ten_states", "with_input", "hostile", "long_names", "without_data", "rational"]
"""Laws of first order whose coefficients are all finite."""


def all_operators() -> Law:
    """Return a law whose first equation has every operator that has a value."""
    from dataclasses import replace

    law, _ = specimen()
    term = law.equations[0].terms[0]
    exprs = [
        call(row.name, *[variable(0), variable(1)][: row.arity], *([5] if row.has_argument else []))
        for row in OPERATORS
        if row.is_pointwise
    ]
    terms = tuple(replace(term, expr=expr, value=0.1 + at) for at, expr in enumerate(exprs))
    return replace(law, equations=(replace(law.equations[0], terms=terms), law.equations[1]))


def run(text: str, *arguments: np.ndarray) -> np.ndarray:
    space: dict = {}
    exec(compile(text, "rates.py", "exec"), space)  # the very text that people paste
    return space["rates"](0.0, *arguments)


def points(law: Law, n: int = 7) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.2, 0.9, (n, len(law.names)))


def expected(law: Law, values: np.ndarray) -> np.ndarray:
    n = len(law.states)
    return Discovery(law, specimen()[1]).function()(values[:, :n], values[:, n:] if law.inputs else None)


@pytest.mark.parametrize("name", SOUND)
def test_python_computes_the_law(name: str) -> None:
    law, _ = LAWS[name]()
    values, n = points(law), len(law.states)
    arguments = [values[:, :n].T, *([values[:, n:].T] if law.inputs else [])]
    np.testing.assert_allclose(run(source.python(law), *arguments).T, expected(law, values), rtol=1e-12)


def test_python_knows_every_operator() -> None:
    law = all_operators()
    values = points(law)
    np.testing.assert_allclose(run(source.python(law), values.T).T, expected(law, values), rtol=1e-11)


def test_python_takes_one_state_and_constants() -> None:
    from dataclasses import replace

    from discover.expr import constant

    law, _ = LAWS["one_state"]()
    bias = replace(law.equations[0].terms[0], expr=constant(1.0))
    law = replace(law, equations=(replace(law.equations[0], terms=(bias,)),))
    np.testing.assert_allclose(run(source.python(law), np.ones((1, 4))), np.full((1, 4), 1.5))


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler on this machine")
@pytest.mark.parametrize(
    "build", [lambda: specimen()[0], lambda: with_input()[0], all_operators, lambda: LAWS["hostile"]()[0]]
)
def test_c_computes_the_law(build, tmp_path: Path) -> None:
    law = build()
    text, library = tmp_path / "rates.c", tmp_path / "rates.so"
    text.write_text(source.c(law), encoding="utf-8")
    command = [
        "cc",
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        "-fPIC",
        str(text),
        "-o",
        str(library),
        "-lm",
    ]
    subprocess.run(command, check=True, capture_output=True)
    values, n = points(law), len(law.states)
    pointer = ctypes.POINTER(ctypes.c_double)
    function = ctypes.CDLL(str(library)).law_rates
    function.argtypes = [ctypes.c_double, pointer, pointer, pointer]
    found = np.empty((len(values), n))
    for row, out in zip(values, found, strict=True):
        function(0.0, row[:n].ctypes.data_as(pointer), row[n:].ctypes.data_as(pointer), out.ctypes.data_as(pointer))
    np.testing.assert_allclose(found, expected(law, values), rtol=1e-11)


def test_sympy_source_rebuilds_the_expressions() -> None:
    from discover.export.symbols import to_sympy

    law, _ = specimen()
    space: dict = {}
    exec(compile(source.sympy_source(law), "law.py", "exec"), space)
    assert space["right_hand_sides"] == to_sympy(law)


@pytest.mark.parametrize("writer", [source.python, source.julia, source.matlab, source.c, source.sympy_source])
def test_no_name_leaves_its_comment(writer, pair: Pair) -> None:
    law, _ = pair
    if law.space and writer not in (source.python, source.sympy_source):
        return
    for line in writer(law).splitlines():
        assert not line.startswith(("break", "</", "alert"))
        assert "\x1b" not in line


def test_derivatives_along_space_are_refused() -> None:
    from dataclasses import replace

    law, _ = specimen()
    term = replace(law.equations[0].terms[0], expr=derivative(variable(0), (0, 2)))
    law = replace(law, equations=(replace(law.equations[0], terms=(term,)), law.equations[1]))
    with pytest.raises(InputError, match="derivatives along space"):
        source.python(law)


def test_a_map_gives_its_next_values() -> None:
    from discover.simulate import simulate

    law, _ = logistic()
    space: dict = {}
    exec(compile(source.python(law), "step.py", "exec"), space)
    state, u = np.array([0.2, 1.0]), [0.5]
    found = simulate(law, state, np.arange(4.0), {"u": [0.5] * 4})
    for n in range(3):
        state = space["step"](n, state, u)
        np.testing.assert_allclose(state, [found["x"][n + 1], found["y_1"][n + 1]], rtol=1e-13)
    assert "x[n+1] = " in space["step"].__doc__


def test_second_order_is_written_as_first_order() -> None:
    from scipy.integrate import solve_ivp

    from discover.simulate import simulate

    law, _ = second_order()
    space: dict = {}
    exec(compile(source.python(law), "rates.py", "exec"), space)
    t = np.linspace(0.0, 5.0, 11)
    # x' = v + g, g = 0.05 x**3 - 0.1 x, so that rest at x = 1 is v = 0.05.
    found = solve_ivp(space["rates"], (0.0, 5.0), [1.0, 0.05], t_eval=t, rtol=1e-10, atol=1e-12).y[0]
    np.testing.assert_allclose(found, simulate(law, [1.0], t)["x"], atol=1e-7)
    text = space["rates"].__doc__
    assert "x' = v_x − 0.1 x + 0.05 x³" in text
    assert "v_x' = −x" in text
    assert "x'' = " in text
    for writer in (source.julia, source.matlab, source.c):
        assert "v_x" in writer(law)


def test_the_time_in_terms_is_the_argument_that_functions_are_handed_anyway() -> None:
    law, _ = second_order()
    forced = Term(call("cos", 2.0 * variable(1)), 0.5, 0.01, 0.48, 0.52)
    equation = replace(law.equations[0], names=("x", "t"), terms=(*law.equations[0].terms, forced))
    law = replace(law, equations=(equation,), names=("x", "t"), units=(None, None))
    space: dict = {}
    exec(compile(source.python(law), "rates.py", "exec"), space)
    still = source.python(second_order()[0])
    assert "def rates(t, state):" in still
    without: dict = {}
    exec(compile(still, "rates.py", "exec"), without)
    at = np.array([0.3, -0.2])
    moved = space["rates"](0.7, at) - without["rates"](0.7, at)
    np.testing.assert_allclose(moved, [0.0, 0.5 * np.cos(1.4)], atol=1e-12)
    assert "input t" not in space["rates"].__doc__
    assert "cos(2" in source.julia(law)
    assert "inputs[" not in source.c(law)


@pytest.mark.parametrize(("name", "periodic"), [("korteweg", True), ("korteweg", False), ("spirals", True)])
def test_fields_are_written_as_functions_on_grids(name: str, periodic: bool) -> None:
    law, _ = LAWS[name]()
    space: dict = {}
    exec(compile(source.python(law), "rates.py", "exec"), space)
    n = 2001 if not periodic else 32
    along = [np.linspace(0.0, 2 * np.pi, n, endpoint=False)] * len(law.space)
    grid = np.meshgrid(*along, indexing="ij")
    if name == "korteweg":
        fields, wanted = [np.sin(grid[0])], [-6 * np.sin(grid[0]) * np.cos(grid[0]) + np.cos(grid[0])]
    else:
        x, y = grid
        u, v = np.sin(x), np.cos(x) * np.sin(y)
        slope = -np.sin(x) * np.sin(y)
        fields = [u, v]
        wanted = [-0.1 * u + u - u**3, -1.0 * v * slope - 0.2 * np.sin(x) * np.cos(y) + 0.3 * slope**2]
    found = space["rates"](0.0, fields, along, periodic=periodic)
    inside = (slice(None), slice(None) if periodic else slice(5, -5))
    np.testing.assert_allclose(found[inside], np.array(wanted)[inside], atol=1e-10 if periodic else 1e-3)


@pytest.mark.parametrize("name", ["korteweg", "spirals", "second_order", "logistic"])
def test_sympy_source_of_every_kind_rebuilds_the_expressions(name: str) -> None:
    import sympy

    from discover.export.symbols import to_sympy

    law, _ = LAWS[name]()
    space: dict = {}
    exec(compile(source.sympy_source(law), "law.py", "exec"), space)
    found, wanted = space["right_hand_sides"], to_sympy(law)
    assert len(found) == len(wanted)
    if name != "spirals":  # whose names are no identifiers
        assert found == wanted
    assert all(isinstance(value, sympy.Expr) for value in found.values())


def test_a_stochastic_law_is_two_functions() -> None:
    law, x, namespace = found_well().law, np.array([[0.5, 1.0, -1.2]]), {}
    exec(compile(source.python(law), "law.py", "exec"), namespace)
    np.testing.assert_allclose(namespace["drift"](0.0, x), found_well().function()(x.T).T)
    np.testing.assert_allclose(namespace["noise"](0.0, x)[0], np.sqrt(law.diffusion[0].terms[0].value))
    assert "dx = [" in namespace["drift"].__doc__


@pytest.mark.parametrize(
    ("writer", "words"),
    [
        (source.c, ("law_drift", "law_noise")),
        (source.julia, ("function drift(", "function noise(")),
        (source.matlab, ("= drift(t, state)", "= noise(t, state)")),
    ],
)
def test_other_languages_have_both_too(writer, words) -> None:
    written = writer(found_well().law)
    assert written.count("#include") == (writer is source.c)
    assert all(word in written for word in words)


def test_sympy_source_holds_the_squared_noise() -> None:
    law, namespace = found_well().law, {}
    exec(compile(source.sympy_source(law), "law.py", "exec"), namespace)
    assert list(namespace["squared_noise"].values()) == [law.diffusion[0].terms[0].value]
