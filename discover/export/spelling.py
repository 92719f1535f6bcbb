"""A law in the words of a programming language: identifiers, right-hand sides, and what to say about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from discover.equation import Law
from discover.errors import InputError, UnavailableError
from discover.export.naming import identifiers
from discover.export.notation import derivative_text
from discover.export.rounding import rounded
from discover.export.symbols import Derive, expression, has_derivatives, quotient, right_hand_side, variables
from discover.export.text import equation_text, shown, sum_text
from discover.simulate import first_order, vector_field
from discover.simulate.sums import additive

_ON_GRIDS = "d derivative fields coordinates periodic values orders"
"""Words that functions on grids need for themselves."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A law in the words of one language.

    Attributes:
        states, inputs: identifiers; velocities follow the states of a law of second order.
        rates: one right-hand side per state.
        comment: what the reader should know, line by line.
        function, out: what the function and its result are called.
        meaning: what it returns.
        squares: of a stochastic law over SymPy's symbols, g² of every state.
    """

    states: tuple[str, ...]
    inputs: tuple[str, ...]
    rates: tuple[str, ...]
    comment: tuple[str, ...]
    function: str = "rates"
    out: str = "rates"
    meaning: str = "Rates of change of the states"
    squares: tuple[str, ...] = ()

    def docstring(self) -> list[str]:
        """Return the comment as the indented lines of a Python docstring."""
        quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in self.comment)
        return [f"    {line}".rstrip() for line in quoted]


def spell(law: Law, printer: Any, reserved: Collection[str], language: str = "Python") -> Spelled:
    """Return a law in the words of a language.

    Args:
        law: what to spell.
        printer: SymPy's printer of the language.
        reserved: words that no identifier may be.
        language: its name; only in Python are laws over space spelled, their derivatives as d(…).

    Raises:
        UnavailableError: for a law over space in another language.
        InputError: where the law holds a derivative that no function of the states can express.
    """
    if law.space and language != "Python":
        raise UnavailableError(
            f"Source code of a law over space is written in Python only, not in {language}; "
            "export this one to python, latex or sympy."
        )
    reserved = {*reserved, *_ON_GRIDS.split()} if law.space else reserved
    reserved = {*reserved, "drift", "noise", "f", "g"} if law.diffusion else reserved
    if any(equation.order > 1 for equation in law.equations):
        return _of_second_order(law, printer, reserved)
    import sympy

    names = _with_time(identifiers(law.names, reserved), law)
    symbols, n_states = [sympy.Symbol(name) for name in names], len(law.equations)
    rates = []
    for equation in law.equations:
        derive = _called if law.space else _refusal(equation.target)
        rates.append(_exact(printer).doprint(quotient(equation, symbols, derive)))
    found = Spelled(names[:n_states], _handed(names[n_states:]), tuple(rates), _comment(law, names))
    if law.diffusion:
        return replace(found, function="drift", out="f", meaning="Drift f of dX = f dt + g dW (Itô)")
    if law.kind == "algebraic":
        many = len(law.equations) > 1
        said, out = ("Values of the targets", "values") if many else ("Value of the target", "value")
        return Spelled((), found.inputs, found.rates, found.comment, "formula", out, said)
    if law.kind == "map":
        return Spelled(
            found.states, found.inputs, found.rates, found.comment, "step", "after", "Next values of the states"
        )
    return found


def spell_noise(law: Law, printer: Any, reserved: Collection[str]) -> Spelled:
    """Return the amplitudes g of a stochastic law's noise, the roots of its squares, in the words of a language."""
    import sympy

    names = _with_time(identifiers(law.names, {*reserved, "drift", "noise", "f", "g"}), law)
    symbols, n_states = [sympy.Symbol(name) for name in names], len(law.equations)
    roots = (sympy.sqrt(quotient(equation, symbols, _refusal(equation.target))) for equation in law.diffusion)
    rates = tuple(_exact(printer).doprint(root) for root in roots)
    meaning = "Amplitudes g of dX = f dt + g dW (Itô), each with a W of its own"
    said = ("Where there were data g² is positive; elsewhere it need not be.",)
    return Spelled(names[:n_states], _handed(names[n_states:]), rates, said, "noise", "g", meaning)


def _of_second_order(law: Law, printer: Any, reserved: Collection[str]) -> Spelled:
    """Spell the first-order equations that `discover.simulate.first_order` makes of a law."""
    import sympy

    reduced = first_order(vector_field(law))
    velocities = tuple(f"v_{law.states[at]}" for at in reduced.second)
    names = _with_time(identifiers((*law.states, *velocities, *law.inputs), reserved), law)
    symbols, n_states = [sympy.Symbol(name) for name in names], len(reduced.field.states)
    derive = _called if law.space else _refusal(law.states[0])
    rates = tuple(_exact(printer).doprint(expression(expr, symbols, derive)) for expr in reduced.field.expressions)
    own = (*names[: len(law.states)], *names[n_states:])
    said = ["", "As first-order equations, the velocities after the states:", ""]
    for name, expr in zip(names[:n_states], reduced.field.expressions, strict=True):
        parts = ((rounded(number), None, term) for number, term in additive(expr))
        said.append(f"{derivative_text(name, True, (1,), law.axes)} = {sum_text(parts, names, law.axes)}")
    meaning = "Rates of change of the states and their velocities"
    return Spelled(names[:n_states], _handed(names[n_states:]), rates, (*_comment(law, own), *said), meaning=meaning)


def _with_time(names: Sequence[str], law: Law) -> tuple[str, ...]:
    """Return identifiers of which the last are the inputs' with "t" for the time itself, which functions are given."""
    first = len(names) - len(law.inputs)
    own = (
        "t" if law.inputs[at - first] == law.time and not law.space else names[at] for at in range(first, len(names))
    )
    return (*names[:first], *own)


def _handed(inputs: Sequence[str]) -> tuple[str, ...]:
    """Return the inputs that a function is handed as such: all but the time."""
    return tuple(name for name in inputs if name != "t")


def spell_symbolically(law: Law, printer: Any, reserved: Collection[str]) -> tuple[Spelled, list[tuple[str, str, str]]]:
    """Return a law over SymPy's own symbols, and (identifier, kind, name) of everything to declare for it."""
    names = identifiers((*law.names, *law.axes), reserved)
    own, axes = names[: len(law.names)], names[len(law.names) :]
    symbols, n_states = variables(law, own, axes), len(law.equations)
    write = _exact(printer).doprint
    rates = tuple(write(right_hand_side(equation, symbols, law, axes)) for equation in law.equations)
    is_field = [symbol.is_Function for symbol in symbols]
    declared = [
        (identifier, "Function" if field else "Symbol", name)
        for identifier, name, field, symbol in zip(own, law.names, is_field, symbols, strict=True)
        if field or symbol.name == identifier
    ]
    if has_derivatives(law):
        declared = [(identifier, "Symbol", name) for identifier, name in zip(axes, law.axes, strict=True)] + declared
    states = tuple(write(symbol) for symbol in symbols[:n_states])
    squares = tuple(write(right_hand_side(equation, symbols, law, axes)) for equation in law.diffusion)
    return Spelled(states, own[n_states:], rates, _comment(law, own), squares=squares), declared


def _called(operand: Any, orders: tuple[int, ...]) -> Any:
    """Return a derivative along space as the call d(operand, order along the first axis, …)."""
    import sympy

    return sympy.Function("d")(operand, *orders[1:])


def _refusal(target: str) -> Derive:
    def refuse(_operand: Any, _orders: tuple[int, ...]) -> Any:
        raise InputError(
            f"The equation of {target} holds derivatives along space, or by time where none can be moved, which source "
            "code of a function of the states alone cannot express; export it to latex or sympy instead."
        )

    return refuse


def _exact(printer: Any) -> Any:
    """Return a printer of this kind that writes floats as the shortest text with the same bits.

    Derivatives are left in SymPy's words; every other language has them replaced or refused before.
    """

    class Exact(printer):
        def _print_Float(self, expr: Any) -> str:
            return repr(float(expr))

        def _print_Derivative(self, expr: Any) -> str:
            along = (f"({self._print(axis)}, {order})" for axis, order in expr.variable_count)
            return f"sympy.Derivative({self._print(expr.expr)}, {', '.join(along)})"

    return Exact({"allow_unknown_functions": True})


def _comment(law: Law, names: Sequence[str]) -> tuple[str, ...]:
    lines = [f"Equations found in {shown(law.provenance.source)}; the verdict is: {law.verdict.word}.", ""]
    lines += [equation_text(equation) for equation in law.all_equations]
    lines += ["", f"t is {shown(law.time)}{_unit(law.time_unit)}."]
    roles = [("state", name) for name in law.states] + [("input", name) for name in law.inputs]
    for identifier, (role, name), unit in zip(names, roles, law.units, strict=True):
        if identifier == "t":
            continue
        lines.append(f"{identifier} is the {role} {shown(name)}{_unit(unit)}.")
    return tuple(lines)


def _unit(unit: str | None) -> str:
    return f" [{shown(unit)}]" if unit else ""
