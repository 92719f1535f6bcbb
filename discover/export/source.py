"""Laws as source code: one self-contained function that returns the rates of change of the states.

SymPy's printers write the expressions; the numbers keep every bit; names are made identifiers that
the language takes, and the comment says which is which. A map gives its next values, a law of second
order the rates of its states and velocities, a law over space a function on grids (`gridsource.py`),
an algebraic law its target for values of its variables.
"""

import keyword
from collections.abc import Sequence

from discover.equation import Law
from discover.export.gridsource import python_on_grids
from discover.export.spelling import Spelled, spell, spell_noise, spell_symbolically
from discover.export.text import shown

# Words that no identifier may be: what the expressions call, what the function declares, the language's own.
_ALWAYS = (
    "abs sqrt cbrt exp log sin cos tan asin acos atan sinh cosh tanh sign pow pi e E I t state inputs rates step after"
)
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
    "fabs fmax fmin gamma j0 j1 jn law_rates law_step main y0 y1 yn"
)


def python(law: Law) -> str:
    """Return a Python function `rates(t, state)` that needs NumPy alone and suits `scipy.integrate.solve_ivp`.

    That of a map is `step(t, state)`, that of a law over space `rates(t, fields, coordinates)`; a stochastic
    law is two, `drift(t, state)` and `noise(t, state)`.

    >>> from discover.export.specimen import specimen
    >>> print(python(specimen()[0]).splitlines()[-2])
        rates[1] = 0.0241*hare*lynx - 0.8*lynx
    """
    from sympy.printing.numpy import NumPyPrinter

    words = {*_ALWAYS.split(), *_PYTHON.split()}
    spelled = spell(law, NumPyPrinter, words)
    if law.space:
        return python_on_grids(law, spelled)
    functions = [spelled, *([spell_noise(law, NumPyPrinter, words)] if law.diffusion else [])]
    return "\n\n".join(["import numpy\n", *map(_python_function, functions)])


def _python_function(spelled: Spelled) -> str:
    if spelled.function == "formula":
        lines = [
            f"def formula({', '.join(spelled.inputs)}):",
            f'    """{spelled.meaning}, for numbers or arrays of one shape.',
            "",
            *spelled.docstring(),
            '    """',
            f"    return {', '.join(spelled.rates)}",
        ]
        return "\n".join(lines) + "\n"
    signature, out = "t, state, inputs" if spelled.inputs else "t, state", spelled.out
    lines = [
        f"def {spelled.function}({signature}):",
        f'    """{spelled.meaning}, with the shape of `state`: (n_states,) or (n_states, n_samples).',
        "",
        *spelled.docstring(),
        '    """',
        "    state = numpy.asarray(state, dtype=float)",
        f"    {unpacked(spelled.states)} = state",
        *([f"    {unpacked(spelled.inputs)} = inputs"] if spelled.inputs else []),
        f"    {out} = numpy.empty_like(state)",
        *(f"    {out}[{at}] = {rate}" for at, rate in enumerate(spelled.rates)),
        f"    return {out}",
    ]
    return "\n".join(lines) + "\n"


def julia(law: Law) -> str:
    """Return a Julia function `rates(state, inputs, t)` as DifferentialEquations.jl calls it; `step` for a map."""
    from sympy.printing.julia import JuliaCodePrinter

    words = {*_ALWAYS.split(), *_JULIA.split()}
    functions = [spell(law, JuliaCodePrinter, words, "Julia")]
    functions += [spell_noise(law, JuliaCodePrinter, words)] if law.diffusion else []
    return "\n".join(map(_julia_function, functions))


def _julia_function(spelled: Spelled) -> str:
    if spelled.function == "formula":
        values = spelled.rates[0] if len(spelled.rates) == 1 else f"({', '.join(spelled.rates)})"
        body = f"formula({', '.join(spelled.inputs)}) = {values}"
        return "\n".join([*_commented(spelled, "#"), body]) + "\n"
    lines = [
        *_commented(spelled, "#"),
        f"function {spelled.function}(state, inputs, t)",
        f"    {unpacked(spelled.states)} = state",
        *([f"    {unpacked(spelled.inputs)} = inputs"] if spelled.inputs else []),
        f"    return [{', '.join(spelled.rates)}]",
        "end",
    ]
    return "\n".join(lines) + "\n"


def matlab(law: Law) -> str:
    """Return a MATLAB (and Octave) function `rates(t, state)` that suits `ode45`; `step` for a map."""
    from sympy.printing.octave import OctaveCodePrinter

    words = {*_ALWAYS.split(), *_MATLAB.split()}
    functions = [spell(law, OctaveCodePrinter, words, "MATLAB")]
    functions += [spell_noise(law, OctaveCodePrinter, words)] if law.diffusion else []
    return "\n".join(map(_matlab_function, functions))


def _matlab_function(spelled: Spelled) -> str:
    if spelled.function == "formula":
        many = len(spelled.rates) > 1
        outs = [f"value_{at}" for at, _ in enumerate(spelled.rates, 1)] if many else ["value"]
        head = f"function {'[' + ', '.join(outs) + ']' if many else outs[0]} = formula({', '.join(spelled.inputs)})"
        body = [f"{out} = {rate};" for out, rate in zip(outs, spelled.rates, strict=True)]
        return "\n".join([head, *_commented(spelled, "%"), *body, "end"]) + "\n"
    signature = "t, state, inputs" if spelled.inputs else "t, state"
    lines = [
        f"function dstate = {spelled.function}({signature})",
        *_commented(spelled, "%"),
        *(f"{name} = state({at});" for at, name in enumerate(spelled.states, 1)),
        *(f"{name} = inputs({at});" for at, name in enumerate(spelled.inputs, 1)),
        f"dstate = zeros({len(spelled.states)}, 1);",
        *(f"dstate({at}) = {rate};" for at, rate in enumerate(spelled.rates, 1)),
        "end",
    ]
    return "\n".join(lines) + "\n"


def c(law: Law) -> str:
    """Return a C99 function `law_rates(t, state, inputs, rates)` (`law_step` for a map) that needs `math.h` alone."""
    from sympy.printing.c import C99CodePrinter

    words = {*_ALWAYS.split(), *_C.split()}
    functions = [spell(law, C99CodePrinter, words, "C")]
    functions += [spell_noise(law, C99CodePrinter, words)] if law.diffusion else []
    return "#include <math.h>\n\n" + "\n".join(map(_c_function, functions))


def _c_function(spelled: Spelled) -> str:
    if spelled.function == "formula":
        arguments = ", ".join(f"double {name}" for name in spelled.inputs)
        first, *others = spelled.rates
        if others:
            head = f"void law_formula({arguments}, double *values)"
            body = ["{", *(f"    values[{at}] = {rate};" for at, rate in enumerate(spelled.rates)), "}"]
            return "\n".join([*_commented(spelled, "//"), head, *body]) + "\n"
        body = ["{", f"    return {first};", "}"]
        return "\n".join([*_commented(spelled, "//"), f"double law_formula({arguments})", *body]) + "\n"
    names = [(name, f"state[{at}]") for at, name in enumerate(spelled.states)]
    names += [(name, f"inputs[{at}]") for at, name in enumerate(spelled.inputs)]
    lines = [
        *_commented(spelled, "//"),
        f"void law_{spelled.function}(double t, const double *state, const double *inputs, double *{spelled.out})",
        "{",
        "    (void)t;" if spelled.inputs else "    (void)t, (void)inputs;",
        *(f"    const double {name} = {place}; (void){name};" for name, place in names),
        *(f"    {spelled.out}[{at}] = {rate};" for at, rate in enumerate(spelled.rates)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def sympy_source(law: Law) -> str:
    """Return a Python script that builds the right-hand sides as SymPy expressions.

    Where the law holds derivatives its variables are functions of the axes, as in `Discovery.sympy`.
    """
    from sympy.printing.pycode import SymPyPrinter

    spelled, declared = spell_symbolically(law, SymPyPrinter, {*_ALWAYS.split(), *_PYTHON.split()} - {"t"})
    lines = [
        *_commented(spelled, "#"),
        "import sympy",
        "",
        *(f"{identifier} = sympy.{kind}({shown(name)!r})" for identifier, kind, name in declared),
        "right_hand_sides = {",
        *(f"    {state}: {rate}," for state, rate in zip(spelled.states, spelled.rates, strict=True)),
        "}",
    ]
    if spelled.squares:
        squares = zip(spelled.states, spelled.squares, strict=True)
        lines += ["squared_noise = {", *(f"    {state}: {square}," for state, square in squares), "}"]
    return "\n".join(lines) + "\n"


def unpacked(names: Sequence[str]) -> str:
    """Return names as the left side of an assignment, one alone with its comma."""
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"


def _commented(spelled: Spelled, sign: str) -> list[str]:
    # A backslash (or its trigraph) at the end of a C comment would swallow the next line.
    plain = (line.replace("\\", "/").replace("??", "? ?") for line in spelled.comment)
    return [f"{sign} {line}".rstrip() for line in plain]
