"""What a formula may be made of, how long, how deep and how nested: asked of every form before it is fitted."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from discover.errors import SettingError, did_you_mean
from discover.expr import VARIABLE, Expr, Operator, fold, variable
from discover.inference.description import HIGH_POWER, n_tokens, number_tokens
from discover.symbolic.given import Given, Uses, uses
from discover_kernels import opcodes

BINARY = ("+", "-", "*", "/", "**")
UNARY = ("sqrt", "exp", "log", "sin", "cos", "tanh", "asin", "acos", "abs")
"""Functions that are tried unless told otherwise."""

FUNCTIONS = (*UNARY, "tan", "atan", "sinh", "cosh", "cbrt", "square", "cube", "inv", "neg")
"""All that may be asked for."""

RARE = (opcodes.TAN, opcodes.ATAN, opcodes.SINH, opcodes.COSH, opcodes.CBRT, opcodes.D)

SYMBOLS: dict[int, tuple[str, ...]] = {
    opcodes.ADD: ("+",),
    opcodes.SUB: ("-",),
    opcodes.NEG: ("neg", "-"),
    opcodes.MUL: ("*",),
    opcodes.DIV: ("/",),
    opcodes.INV: ("inv", "/"),
    opcodes.POW: ("**",),
    opcodes.IPOW: ("**",),
    opcodes.SQUARE: ("square", "**"),
    opcodes.CUBE: ("cube", "**"),
}
"""What an operator that is no plain function goes by, the name of its own first."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operator or leaf of an expression; `given` is the user's operator that stands here, if one does.

    Attributes:
        opcode, argument: as on the tape.
        children: their numbers.
        number: of a literal.
        is_number: whether no variable of the data stands below.
        given: number of the user's operator that this is, over its one child.
    """

    opcode: int
    argument: Any
    children: tuple[int, ...]
    number: float | None
    is_number: bool
    given: int | None = None


@dataclass(frozen=True)
class Limits:
    """What a formula may be made of.

    Attributes:
        binary, unary: names of the operators and functions.
        maxsize: most names, numbers and operators, each at its cost.
        max_depth: most levels, a leaf being one; None for no limit.
        nested: (outer, inner, how many inner ones may stand within each other inside the outer one).
        costs: (operator, what it counts), where that is not 1.
        given: the user's own operators.
    """

    binary: tuple[str, ...] = BINARY
    unary: tuple[str, ...] = UNARY
    maxsize: int = 60
    max_depth: int | None = None
    nested: tuple[tuple[str, str, int], ...] = ()
    costs: tuple[tuple[str, float], ...] = ()
    given: tuple[Given, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """Everything that may be used, by name."""
        return frozenset((*self.binary, *self.unary, *(one.name for one in self.given)))

    @cached_property
    def _cost(self) -> dict[str, float]:
        return dict(self.costs)

    def has(self, *names: str) -> bool:
        """Return whether all of these may be used."""
        return self.names.issuperset(names)

    def may(self, build: Callable[[Expr], Expr]) -> bool:
        """Return whether what a function makes of a variable may be written."""
        return self.is_usual or self.allows(build(variable(0)), 1)

    @cached_property
    def is_usual(self) -> bool:
        """Whether everything may be used that a search knows of, as it is counted by itself."""
        return self.has(*BINARY, *UNARY) and not (self.nested or self.costs or self.given) and self.max_depth is None

    def allows(self, expr: Expr, n_variables: int) -> bool:
        """Return whether an expression over n variables, with free constants behind them, may be proposed at all.

        >>> from discover.expr import parse
        >>> few = Limits(("+", "*"), ("sin",), nested=(("sin", "sin", 0),))
        >>> [few.allows(parse(text, ["x", "a"]), 1) for text in ("a*x", "x**2", "1/x", "sin(a*x)", "sin(sin(x))")]
        [True, True, False, True, False]
        """
        if self.is_usual and not any(opcode in RARE for opcode, _ in expr.tape):
            return n_tokens(expr) <= self.maxsize
        nodes = self._read(expr, n_variables)
        return (
            all(self._permits(node, nodes) for node in nodes)
            and (self.max_depth is None or _depth(nodes) <= self.max_depth)
            and all(_nesting(nodes, self._goes_by, outer, inner) <= most for outer, inner, most in self.nested)
            and self._price(nodes) <= self.maxsize
        )

    def price(self, expr: Expr) -> float:
        """Return how many tokens an expression takes to write down, each operator at its cost.

        >>> from discover.expr import parse
        >>> Limits(costs=(("sin", 3.0),)).price(parse("sin(x) + x", ["x"]))
        6.0
        """
        if not self.costs and not self.given:
            return float(n_tokens(expr))
        return self._price(self._read(expr, 1 + max(expr.variables, default=0)))

    def _read(self, expr: Expr, n_variables: int) -> list[Node]:
        nodes = read(expr, n_variables)
        return taken_up(nodes, uses(expr, self.given)) if self.given else nodes

    def _goes_by(self, node: Node) -> tuple[str, ...]:
        if node.given is not None:
            return (self.given[node.given].name,)
        return SYMBOLS.get(node.opcode) or (_name(node.opcode),)

    def _permits(self, node: Node, nodes: list[Node]) -> bool:
        """Return whether a node may stand where it does; numbers may, and they may stand before anything."""
        if node.is_number or node.opcode in (opcodes.VARIABLE, opcodes.NEG) or node.given is not None:
            return True
        numbers = [nodes[child].is_number for child in node.children]
        o = node.opcode
        if (o == opcodes.MUL and any(numbers)) or (o == opcodes.DIV and numbers[1]):
            return True
        if o in (opcodes.ADD, opcodes.SUB) and any(numbers):
            return self.has("+") or self.has("-")
        if o == opcodes.POW:
            return self.has("**") or self._permits_root(nodes[node.children[1]].number)
        return any(self.has(*names) for names in _written_with(node))

    def _permits_root(self, exponent: float | None) -> bool:
        """Return whether a power with a fixed exponent is a root and products of it."""
        if exponent is None or exponent * 2 != round(exponent * 2) or not self.has("sqrt"):
            return False
        return self.has(*(["*"] if abs(exponent) != 0.5 else []), *(["/"] if exponent < 0 else []))

    def _price(self, nodes: list[Node]) -> float:
        return sum(map(self._price_of, nodes))

    def _price_of(self, node: Node) -> float:
        if node.opcode == opcodes.VARIABLE:
            return 1.0
        if node.opcode == opcodes.CONSTANT:
            return 1.0 if node.number is None else float(number_tokens(node.number))
        names = self._goes_by(node)
        if names[0] in self._cost:
            return self._cost[names[0]]
        more = {opcodes.SQUARE: 1, opcodes.CUBE: 1, opcodes.IPOW: 1, opcodes.INV: 1}.get(node.opcode, 0)
        if node.given is not None:
            more = 0
        elif node.opcode == opcodes.IPOW and abs(node.argument) > HIGH_POWER:
            more = number_tokens(float(node.argument))
        return self._cost.get(names[-1], 1.0) + more


USUAL = Limits()


def read(expr: Expr, n_variables: int) -> list[Node]:
    """Return the nodes of an expression, children before their operator."""
    nodes: list[Node] = []

    def leaf(kind: int, value: Any) -> int:
        free = kind == VARIABLE and value >= n_variables
        literal = value if kind != VARIABLE else None
        nodes.append(Node(opcodes.CONSTANT if free else kind, 0, (), literal, free or kind != VARIABLE))
        return len(nodes) - 1

    def branch(row: Operator, argument: Any, children: tuple[int, ...]) -> int:
        number = all(nodes[child].is_number for child in children)
        nodes.append(Node(row.opcode, argument, children, None, number))
        return len(nodes) - 1

    fold(expr, leaf, branch)
    return nodes


def taken_up(nodes: list[Node], found: Uses) -> list[Node]:
    """Return the nodes with every use of a user's operator as one node, and what it is made of left out."""
    kept: list[Node] = []
    known: dict[int, int] = {}

    def keep(k: int) -> int:
        if k not in known:
            node = nodes[k]
            if k in found:
                which, operand = found[k]
                kept.append(Node(opcodes.EXP, 0, (keep(operand),), None, node.is_number, which))
            else:
                children = tuple([keep(child) for child in node.children])
                kept.append(Node(node.opcode, node.argument, children, node.number, node.is_number))
            known[k] = len(kept) - 1
        return known[k]

    keep(len(nodes) - 1)
    return kept


def _written_with(node: Node) -> tuple[tuple[str, ...], ...]:
    """Return the sets of names any of which an operator can be written with."""
    o = node.opcode
    if o == opcodes.SUB:
        return (("-",), ("+", "*"))
    if o == opcodes.DIV:
        return (("/",), ("*", "inv"))
    if o == opcodes.INV:
        return (("/",), ("inv",), ("**",))
    if o in (opcodes.SQUARE, opcodes.CUBE):
        return (("**",), ("*",), (SYMBOLS[o][0],))
    if o == opcodes.IPOW:
        return (("**",), ("*",)) if node.argument > 0 else (("**",), ("*", "/"))
    if o == opcodes.SQRT:
        return (("sqrt",), ("**",))
    return ((SYMBOLS[o][0] if o in SYMBOLS else _name(o),),)


def _name(opcode: int) -> str:
    from discover.expr import BY_OPCODE

    return BY_OPCODE[opcode].name


def _depth(nodes: list[Node]) -> int:
    depths: list[int] = []
    for node in nodes:
        depths.append(1 + max((depths[child] for child in node.children), default=0))
    return depths[-1]


def _nesting(nodes: list[Node], goes_by: Callable[[Node], tuple[str, ...]], outer: str, inner: str) -> int:
    """Return how many inner ones stand within each other below an outer one, at most."""
    counts: list[int] = []
    most = 0
    for node in nodes:
        below = max((counts[child] for child in node.children), default=0)
        names = goes_by(node) if node.children else ()
        if outer in names:
            most = max(most, below)
        counts.append(below + (inner in names))
    return most


def limits(
    binary_operators: Sequence[str],
    unary_operators: Sequence[str],
    operators: Mapping[str, str],
    maxsize: int,
    max_depth: int | None,
    nested_constraints: Mapping[str, Mapping[str, int]],
    complexity_of_operators: Mapping[str, float],
) -> Limits:
    """Return limits as they were asked for.

    Raises:
        SettingError: for what is no operator, no expression or no number, saying what to write.
    """
    binary = _listed("binary_operators", binary_operators, BINARY)
    unary = _listed("unary_operators", unary_operators, FUNCTIONS)
    given = _given(operators)
    names = (*BINARY, *FUNCTIONS, *(one.name for one in given))
    for name, value in (("maxsize", maxsize), ("max_depth", 1 if max_depth is None else max_depth)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise SettingError(f"{name} must be a whole number from 1 on, got {value!r}.")
    nested = []
    for outer, inside in _mapping("nested_constraints", nested_constraints, '{"sin": {"cos": 0}}').items():
        for inner, most in _mapping("nested_constraints", inside, '{"sin": {"cos": 0}}').items():
            if not isinstance(most, int) or isinstance(most, bool) or most < 0:
                raise SettingError(f"nested_constraints counts from 0, got {most!r} for {inner} within {outer}.")
            both = (_known("nested_constraints", one, names) for one in (outer, inner))
            nested.append((*both, most))
    costs = []
    for name, cost in _mapping("complexity_of_operators", complexity_of_operators, '{"sin": 2}').items():
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 < cost < math.inf:
            raise SettingError(f"The complexity of an operator is a positive number, got {cost!r} for {name}.")
        costs.append((_known("complexity_of_operators", name, names), float(cost)))
    return Limits(binary, unary, maxsize, max_depth, tuple(nested), tuple(costs), given)


def _given(operators: Mapping[str, str]) -> tuple[Given, ...]:
    found = []
    for name, body in _mapping("operators", operators, '{"sigmoid": "1/(1 + exp(-x))"}').items():
        if name in (*BINARY, *FUNCTIONS):
            raise SettingError(f'operators= got "{name}", which there is already; give yours another name.')
        found.append(Given.of(name, body))
    return tuple(found)


def _mapping(option: str, value: object, example: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise SettingError(f"{option} must be a dictionary such as {example}, got {value!r}.")
    return value


def _listed(option: str, value: object, known: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, tuple | list | set | frozenset):
        raise SettingError(f"{option} must be a list of names such as {list(known[:2])}, got {value!r}.")
    return tuple(dict.fromkeys(_known(option, one, known) for one in value))


def _known(option: str, name: object, known: tuple[str, ...]) -> str:
    spelled = {"^": "**", "pow": "**", "add": "+", "sub": "-", "mul": "*", "div": "/", "ln": "log"}.get(str(name), name)
    if spelled not in known:
        hint = did_you_mean(str(name), known) or f" There are {', '.join(known)}."
        raise SettingError(f'{option} got "{name}", which is no operator there.{hint}')
    return str(spelled)
