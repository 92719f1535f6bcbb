"""Source code computes what the law says: run in Python, compiled in C, compared with the tape."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from discover.discovery import Discovery
from discover.equation import Law
from discover.errors import InputError
from discover.export import source
from discover.export.specimen import specimen
from discover.expr import OPERATORS, call, derivative, variable
from tests.export.laws import LAWS, Pair, with_input

SOUND = [name for name in LAWS if name != "nothing_found"]  # whose coefficients are all finite


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
