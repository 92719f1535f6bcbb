"""Requirements as text, read by a grammar of our own: relations, and a word with what it is about.

    relation  = sum of left-hand sides  ("==" | "=")  expression        dS/dt + dI/dt + dR/dt == 0
              | left-hand side  "="  known terms  ["+ ..."]             domega/dt = -g*sin(theta) + ...
              | coefficients  (">" | ">=" | "<" | "<=" | "==")  …       lynx'[hare] > 0,   0 <= g <= 10
              | coefficients  "="  number  "±"  number                  g = 9.81 ± 0.02
              | state  ">"  0                                           hare > 0
    word      = name of a constraint  [":" what it is about]            positive: hare, lynx

A left-hand side is dx/dt, d(x)/dt or x', for laws of second order x'', for maps x[n+1]; its coefficient of a term is
x'[term], or "coefficient of term in dx/dt". A name that is no variable is a constant to be fitted.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Any, cast

from discover.contract import Constraint
from discover.errors import SettingError, did_you_mean
from discover.expr import Expr, substitute, variable
from discover.expr.expansion import expand, monomial_expr
from discover.physics.balance import Balance
from discover.physics.coefficient import Coefficient, Place, combined
from discover.physics.form import Form, Part, places
from discover.physics.registry import WORDS
from discover.physics.relation import Line, line_of, linear, operators, tree_of
from discover.physics.soft import Soft
from discover.physics.subject import Subject, subject_of
from discover.problem import Problem

_WORD = re.compile(r"^\s*([A-Za-z][A-Za-z -]*[A-Za-z])\s*(?::(.*))?$", re.DOTALL)
_BOXED = re.compile(r"[<>≤≥].*\sfor\s.+\sin\s*\[")
_ABOUT = re.compile(r"^(?P<value>.+?)\s*(?:±|\+/-|\+-)\s*(?P<std>.+)$")


def read(requirements: "str | Constraint | Sequence[str | Constraint]", problem: Problem) -> tuple[Constraint, ...]:
    """Return what is required of the laws of a problem.

    Args:
        requirements: texts, or constraints that know the problem's names already.
        problem: whose names they speak of.

    Raises:
        SettingError: where one cannot be read, or two clash.

    >>> from discover.physics.subject import Subject
    >>> [one.text for one in statements(["x' + y' == 0", "x'[y] > 0"], Subject(("x", "y"), ("x", "y")))]
    ["x' + y' == 0", "x'[y] > 0"]
    """
    given = (
        list(requirements)
        if isinstance(requirements, Sequence) and not isinstance(requirements, str)
        else [requirements]
    )
    texts = [one for one in given if isinstance(one, str)]
    others = [one for one in given if not isinstance(one, str)]
    for one in others:
        if not isinstance(one, Constraint):
            raise SettingError(f'require takes texts such as "dx/dt + dy/dt == 0", or constraints, got {one!r}.')
    return (*statements(texts, subject_of(problem)), *others)


def statements(texts: Sequence[str], subject: Subject) -> tuple[Constraint, ...]:
    """Return the constraints that texts spell; forms are read first, since they name constants."""
    reader = _Reader(subject)
    lines = [reader.sorted(text) for text in texts]
    for line, tree in lines:
        if tree is not None and reader.is_form(line, tree):
            reader.form(line, tree)
    reader.close_forms()
    for line, tree in lines:
        if tree is None:
            reader.word(line)
        elif not reader.is_form(line, tree):
            reader.relation(line, tree)
    return tuple(reader.found)


@dataclass(slots=True)
class _Reader:
    """Reads requirement after requirement; remembers the constants that forms name."""

    subject: Subject
    forms: list[Form] = field(default_factory=list)
    parameters: dict[str, tuple[Place, float]] = field(default_factory=dict)
    found: list[Constraint] = field(default_factory=list)

    def sorted(self, words: object) -> tuple[Line, ast.expr | None]:
        """Return a requirement as a line, and its tree where it is a relation."""
        if not isinstance(words, str) or not words.strip():
            raise SettingError(f'A requirement is a text such as "dx/dt + dy/dt == 0", got {words!r}.')
        match = _WORD.match(words)
        if match and (match[2] is not None or match[1].lower() in WORDS):
            return Line(words, words, {}, {}, self.subject), None
        if _BOXED.search(words):
            return Line(words, "bounds", {}, {}, self.subject), None
        line = line_of(words, self.subject)
        if _ABOUT.match(line.plain):
            line = Line(
                words, line.plain.replace("±", "+-").replace("+/-", "+-"), line.lefts, line.quoted, self.subject
            )
        tree = tree_of(line)
        if not isinstance(tree, ast.Compare):
            raise SettingError(
                f'"{words}" is no requirement: it compares nothing, and begins with no word such as '
                f"{', '.join(list(WORDS)[:4])}.{did_you_mean(words.split(':')[0].strip().lower(), WORDS)}"
            )
        return line, tree

    def is_form(self, line: Line, tree: ast.expr) -> bool:
        """Return whether a relation says what is in the equation of one target."""
        if not isinstance(tree, ast.Compare) or operators(tree) != ["=="] or not isinstance(tree.left, ast.Name):
            return False
        right = tree.comparators[0]
        return tree.left.id in line.lefts and not line.lefts_in(right) and not line.has_coefficient(right)

    def form(self, line: Line, tree: ast.expr) -> None:
        """Read what is known to be in the equation of one target."""
        compare = cast("ast.Compare", tree)
        right, is_open = _without_dots(compare.comparators[0])
        target = line.lefts[cast("ast.Name", compare.left).id]
        parts = () if right is None else _parts(line, right)
        if not is_open and not parts:
            raise SettingError(f'"{line.text}" leaves {self.subject.left(target)} without a term.')
        form = Form(line.text, self.subject, target, parts, is_open)
        self.forms.append(form)
        self.found.append(form)

    def close_forms(self) -> None:
        """Give every constant its place, and tie the coefficients of one that stands in several."""
        names = dict.fromkeys(part.parameter for form in self.forms for part in form.parts if part.parameter)
        for name in names:
            (place, factor), *others = places(self.forms, name)
            self.parameters[name] = place, factor
            for other, weight in others:
                tie = combined([(place, 1.0 / factor), (other, -1.0 / weight)])
                self.found.append(Coefficient(f"one {name} in every term that holds it", self.subject, tie, 0.0, 0.0))

    def word(self, line: Line) -> None:
        """Read a word and what it is about."""
        match = _WORD.match(line.text if line.plain != "bounds" else "bounds")
        name = match[1].lower() if match else ""
        if match is None or name not in WORDS:
            raise SettingError(f'There is no requirement "{name}".{did_you_mean(name, WORDS)}')
        self.found += WORDS[name](line.text, (match[2] or "").strip(), self.subject)

    def relation(self, line: Line, tree: ast.expr) -> None:
        """Read a comparison."""
        compare = cast("ast.Compare", tree)
        sides, signs = [compare.left, *compare.comparators], operators(compare)
        if "?" in signs:
            raise SettingError(f'"{line.text}" may compare with ==, <, <=, > and >= only.')
        if any(line.lefts_in(side) for side in sides):
            self._of_left_sides(line, sides, signs)
        elif (bounded := self._of_variable(line, sides, signs)) is not None:
            self.found += bounded
        else:
            self.found.append(self._of_coefficients(line, sides, signs))

    def _of_left_sides(self, line: Line, sides: list[ast.expr], signs: list[str]) -> None:
        n = len(self.subject.names)
        if line.unknown(ast.Tuple(elts=sides)):
            raise SettingError(
                f'"{line.text}" names {line.unknown(ast.Tuple(elts=sides))[0]}, which is not known here.'
            )
        names = list(line.lefts)
        difference = line.expression(sides[0], names) - line.expression(sides[-1], names)
        weights, right = _split_lefts(line, expand(difference), n)
        if signs == ["=="]:
            self.found.append(Balance(line.text, self.subject, weights, right))
            return
        self.found += WORDS["bounds"](line.text, "", self.subject)

    def _of_variable(self, line: Line, sides: list[ast.expr], signs: list[str]) -> list[Constraint] | None:
        """Return the constraints of a bound on a state, None where the relation is about something else."""
        named = [side for side in sides if isinstance(side, ast.Name) and line.name(side.id) in self.subject.names]
        if not named:
            return None
        name = line.name(cast("ast.Name", named[0]).id)
        if self.subject.is_formula:
            return WORDS["bounds"](line.text, "", self.subject)
        above_zero = (signs in (["<"], ["<="]) and _number(sides[0]) == 0.0) or (
            signs in ([">"], [">="]) and _number(sides[1]) == 0.0
        )
        if not above_zero or len(named) > 1:
            raise SettingError(
                f'"{line.text}" bounds the state {name}; of a state only "{name} > 0" can be required, and of its '
                f"coefficients, such as {self.subject.left(0)}[{name}] > 0."
            )
        return WORDS["positive"](line.text, name, self.subject)

    def _of_coefficients(self, line: Line, sides: list[ast.expr], signs: list[str]) -> Constraint:
        about = _about(sides[-1]) if signs == ["=="] else None
        if about is not None:
            weights, number = linear(line, sides[0], self.parameters)
            mean, std = (linear(line, side, self.parameters) for side in about)
            if mean[0] or std[0] or not std[1] > 0.0 or not isfinite(std[1]) or not weights:
                raise SettingError(f'"{line.text}" should read like "g = 9.81 ± 0.02", with a positive error.')
            return Soft(line.text, self.subject, combined(list(weights.items()), number), mean[1], std[1])
        low, high, strict = -inf, inf, False
        middle = 1 if len(sides) == 3 else 0
        weights, number = linear(line, sides[middle], self.parameters)
        if len(sides) > 3:
            raise SettingError(f'"{line.text}" compares more than three things; write two requirements.')
        for k, sign in enumerate(signs):
            left, right = linear(line, sides[k], self.parameters), linear(line, sides[k + 1], self.parameters)
            if len(sides) == 3 and (left if k == 0 else right)[0]:
                raise SettingError(f'"{line.text}" should have numbers at both ends.')
            if len(sides) == 2:
                total = {**left[0]}
                for place, weight in right[0].items():
                    total[place] = total.get(place, 0.0) - weight
                weights, number, value, upper = total, left[1] - right[1], 0.0, sign in ("<", "<=")
            else:
                value, upper = (right[1] if k else left[1]), (sign in ("<", "<=")) == bool(k)
            low, high = (
                (low if upper and sign != "==" else max(low, value)),
                (min(high, value) if upper or sign == "==" else high),
            )
            strict = strict or (sign in ("<", ">"))
        if not any(weights.values()):
            raise SettingError(f'"{line.text}" speaks of no coefficient.')
        if low > high:
            raise SettingError(f'"{line.text}" cannot hold: nothing is both above {low:g} and below {high:g}.')
        whole = combined(list(weights.items()), number)
        return Coefficient(line.text, self.subject, whole, low, high, strict)


def _number(node: ast.expr) -> float | None:
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else None


def _about(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Return value and error of "value +- error", which Python reads as a sum with a negative."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.UnaryOp(op=ast.USub(), operand=right)):
            return left, right
    return None


def _without_dots(node: ast.expr) -> tuple[ast.expr | None, bool]:
    """Return a sum without the "..." at its end, and whether there was one."""
    match node:
        case ast.Constant(value=value) if value is ...:
            return None, True
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=value)) if value is ...:
            return left, True
    return node, False


def _parts(line: Line, node: ast.expr) -> tuple[Part, ...]:
    """Return the terms of a known form, each with its constant."""
    unknown = line.unknown(node)
    n, names = len(line.subject.names), [line.name(name) for name in unknown]
    expr = line.expression(node, names)
    found = []
    for monomial, factor in expand(expr).items():
        constants = [(atom, power) for atom, power in monomial if any(v >= n for v in atom.variables)]
        rest = monomial_expr(tuple(pair for pair in monomial if pair not in constants))
        if not constants:
            found.append(Part(rest, factor))
            continue
        (atom, power) = constants[0]
        if len(constants) > 1 or power != 1.0 or atom.size > 1:
            raise SettingError(
                f'"{line.text}" has the constants {", ".join(names)} in a product or inside a function; every '
                "constant to be fitted must stand alone in front of a term, as in k*x."
            )
        found.append(Part(rest, factor, names[atom.variables[0] - n]))
    if len({part.term for part in found}) < len(found):
        raise SettingError(f'"{line.text}" holds a term twice; give it one constant.')
    return tuple(found)


def _split_lefts(line: Line, whole: Any, n: int) -> tuple[tuple[float, ...], Expr]:
    """Return the weights of left-hand sides in a difference, and what is left of it with its sign turned."""
    targets = list(line.lefts.values())
    weights = [0.0] * line.subject.n_targets
    rest = variable(0) * 0.0
    for monomial, value in whole.items():
        lefts = [(atom, power) for atom, power in monomial if any(v >= n for v in atom.variables)]
        if not lefts:
            rest = rest - value * monomial_expr(monomial)
        elif len(monomial) == 1 and lefts[0][1] == 1.0 and lefts[0][0].size == 1:
            weights[targets[lefts[0][0].variables[0] - n]] += value
        else:
            raise SettingError(f'"{line.text}" must be a sum of left-hand sides, each times a number.')
    from discover.expr import simplify

    return tuple(weights), simplify(substitute(rest, [variable(v) for v in range(n)]))


def required(requirements: "str | Constraint | Sequence[str | Constraint]", problem: Problem) -> Problem:
    """Return a problem whose laws must obey requirements; see `read`.

    Raises:
        SettingError: where one cannot be read, or laws of this kind cannot be held to it.
    """
    if problem.cases:
        raise SettingError("require is for one case at a time so far; leave by= out, or require.")
    if problem.formulation == "stochastic":
        raise SettingError("require is not for stochastic laws so far; leave form=Stochastic() out, or require.")
    return replace(problem, constraints=read(requirements, problem))
