"""Laws as source code: one self-contained function that returns the rates of change of the states.

SymPy's printers write the expressions; the numbers keep every bit; names are made identifiers that
the language takes, and the comment says which is which.
"""

import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from discover.equation import Law
from discover.errors import InputError
from discover.export.naming import identifiers
from discover.export.symbols import expression
from discover.export.text import equation_text, shown

# Words that no identifier may be: what the expressions call, what the function declares, the language's own.
_ALWAYS = "abs sqrt cbrt exp log sin cos tan asin acos atan sinh cosh tanh sign pow pi e E I t state inputs rates"
_PYTHON = " ".join([*keyword.kwlist, "numpy", "sympy", "right_hand_sides"])
_JULIA = (
    "baremodule begin break catch const continue do else elseif end export false finally for function global if "
    "import im in isa let local macro module quote return struct true try using where while"
)
_MATLAB = (
    "break case catch classdef continue else elseif end for function global if otherwise parfor persistent return "
    "spmd switch try while ans dstate eps i inf Inf j nan NaN true false zeros"
)
_C = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "fabs fmax fmin gamma j0 j1 jn law_rates main y0 y1 yn"
)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A law in the words of one language.

    Attributes:
        states, inputs: identifiers.
        rates: one right-hand side per state.
        comment: what the reader should know, line by line.
    """

    states: tuple[str, ...]
    inputs: tuple[str, ...]
    rates: tuple[str, ...]
    comment: tuple[str, ...]


def python(law: Law) -> str:
    """Return a Python function `rates(t, state)` that needs NumPy alone and suits `scipy.integrate.solve_ivp`.

    >>> from discover.export.specimen import specimen
    >>> print(python(specimen()[0]).splitlines()[-2])
        rates[1] = 0.0241*hare*lynx - 0.8*lynx
    """
    from sympy.printing.numpy import NumPyPrinter

    spelled = _spell(law, NumPyPrinter, _PYTHON)
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in spelled.comment)
    signature = "t, state, inputs" if spelled.inputs else "t, state"
    lines = [
        "import numpy",
        "",
        "",
        f"def rates({signature}):",
        '    """Rates of change of the states, with the shape of `state`: (n_states,) or (n_states, n_samples).',
        "",
        *(f"    {line}".rstrip() for line in quoted),
        '    """',
        "    state = numpy.asarray(state, dtype=float)",
        f"    {_unpacked(spelled.states)} = state",
        *([f"    {_unpacked(spelled.inputs)} = inputs"] if spelled.inputs else []),
        "    rates = numpy.empty_like(state)",
        *(f"    rates[{at}] = {rate}" for at, rate in enumerate(spelled.rates)),
        "    return rates",
    ]
    return "\n".join(lines) + "\n"


def julia(law: Law) -> str:
    """Return a Julia function `rates(state, inputs, t)`, in the argument order of DifferentialEquations.jl."""
    from sympy.printing.julia import JuliaCodePrinter

    spelled = _spell(law, JuliaCodePrinter, _JULIA)
    lines = [
        *_commented(spelled, "#"),
        "function rates(state, inputs, t)",
        f"    {_unpacked(spelled.states)} = state",
        *([f"    {_unpacked(spelled.inputs)} = inputs"] if spelled.inputs else []),
        f"    return [{', '.join(spelled.rates)}]",
        "end",
    ]
    return "\n".join(lines) + "\n"


def matlab(law: Law) -> str:
    """Return a MATLAB (and Octave) function `rates(t, state)` that suits `ode45`."""
    from sympy.printing.octave import OctaveCodePrinter

    spelled = _spell(law, OctaveCodePrinter, _MATLAB)
    signature = "t, state, inputs" if spelled.inputs else "t, state"
    lines = [
        f"function dstate = rates({signature})",
        *_commented(spelled, "%"),
        *(f"{name} = state({at});" for at, name in enumerate(spelled.states, 1)),
        *(f"{name} = inputs({at});" for at, name in enumerate(spelled.inputs, 1)),
        f"dstate = zeros({len(spelled.states)}, 1);",
        *(f"dstate({at}) = {rate};" for at, rate in enumerate(spelled.rates, 1)),
        "end",
    ]
    return "\n".join(lines) + "\n"


def c(law: Law) -> str:
    """Return a C99 function `law_rates(t, state, inputs, rates)` that needs the mathematics library alone."""
    from sympy.printing.c import C99CodePrinter

    spelled = _spell(law, C99CodePrinter, _C)
    names = [(name, f"state[{at}]") for at, name in enumerate(spelled.states)]
    names += [(name, f"inputs[{at}]") for at, name in enumerate(spelled.inputs)]
    lines = [
        *_commented(spelled, "//"),
        "#include <math.h>",
        "",
        "void law_rates(double t, const double *state, const double *inputs, double *rates)",
        "{",
        "    (void)t;" if spelled.inputs else "    (void)t, (void)inputs;",
        *(f"    const double {name} = {place}; (void){name};" for name, place in names),
        *(f"    rates[{at}] = {rate};" for at, rate in enumerate(spelled.rates)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def sympy_source(law: Law) -> str:
    """Return a Python script that builds the right-hand sides as SymPy expressions."""
    from sympy.printing.pycode import SymPyPrinter

    spelled = _spell(law, SymPyPrinter, _PYTHON)
    names = zip((*spelled.states, *spelled.inputs), law.names, strict=True)
    lines = [
        *_commented(spelled, "#"),
        "import sympy",
        "",
        *(f"{identifier} = sympy.Symbol({shown(name)!r})" for identifier, name in names),
        "right_hand_sides = {",
        *(f"    {state}: {rate}," for state, rate in zip(spelled.states, spelled.rates, strict=True)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _spell(law: Law, printer: Any, reserved: str) -> Spelled:
    import sympy

    names = identifiers(law.names, {*_ALWAYS.split(), *reserved.split()})
    symbols = [sympy.Symbol(name) for name in names]
    n_states = len(law.equations)
    rates = tuple(_rate(law, at, symbols, printer) for at in range(n_states))
    return Spelled(names[:n_states], names[n_states:], rates, _comment(law, names))


def _rate(law: Law, at: int, symbols: Sequence[Any], printer: Any) -> str:
    import sympy

    equation = law.equations[at]
    total = sympy.Add(*(sympy.Float(term.value) * expression(term.expr, symbols) for term in equation.terms))
    if total.has(sympy.Derivative):
        raise InputError(
            f"The equation of {equation.target} holds derivatives along space, which source code of a function of "
            "the states alone cannot express; export it to latex or sympy instead."
        )
    return _exact(printer).doprint(total)


def _exact(printer: Any) -> Any:
    """Return a printer of this kind that writes floats as the shortest text with the same bits."""

    class Exact(printer):
        def _print_Float(self, expr: Any) -> str:
            return repr(float(expr))

    return Exact()


def _comment(law: Law, names: Sequence[str]) -> tuple[str, ...]:
    lines = [f"Equations found in {shown(law.provenance.source)}; the verdict is: {law.verdict.word}.", ""]
    lines += [equation_text(equation) for equation in law.equations]
    lines += ["", f"t is {shown(law.time)}{_unit(law.time_unit)}."]
    roles = [("state", name) for name in law.states] + [("input", name) for name in law.inputs]
    for identifier, (role, name), unit in zip(names, roles, law.units, strict=True):
        lines.append(f"{identifier} is the {role} {shown(name)}{_unit(unit)}.")
    return tuple(lines)


def _unit(unit: str | None) -> str:
    return f" [{shown(unit)}]" if unit else ""


def _unpacked(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"


def _commented(spelled: Spelled, sign: str) -> list[str]:
    # A backslash (or its trigraph) at the end of a C comment would swallow the next line.
    plain = (line.replace("\\", "/").replace("??", "? ?") for line in spelled.comment)
    return [f"{sign} {line}".rstrip() for line in plain]
