"""What can be said of everything that is short: no expression of so many nodes fits better.

All expressions without constants inside are made, of one node, two, and so on, over the operators that may be
used, and y = c0 + c1 · f is fitted to all rows for each. What agrees with an earlier one on every row to a part in a
million is not built upon again; what is not finite on some row cannot be a formula of these data.
"""

from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from discover.expr import BY_OPCODE, Expr, call, variable
from discover.inference.forms import Form
from discover.symbolic.limits import Limits
from discover_kernels import exhaustion, opcodes
from discover_kernels.enumeration import put

Array = NDArray[np.float64]

UNARY = (opcodes.SQRT, opcodes.EXP, opcodes.LOG, opcodes.SIN, opcodes.COS, opcodes.TANH, opcodes.ABS)
BINARY = {"+": opcodes.ADD, "-": opcodes.SUB, "*": opcodes.MUL, "/": opcodes.DIV}

MOST_WORK, LITTLE_WORK = 1.5e8, 2e7
"""Values that a level may take: about a second, and a tenth of one."""

MOST_BYTES = 128 * 2**20
MARGIN = 1e-6
"""By how much of its error, relative, a formula must be beaten to count as beaten."""


@dataclass(frozen=True, slots=True, eq=False)
class Exhausted:
    """What was tried.

    Attributes:
        operators: as they are written.
        n_tried: expressions.
        least: for 1, 2, … nodes the least mean squared error of y = c0 + c1 · f, weighted.
        forms: the forms that have it.
    """

    operators: tuple[str, ...]
    n_tried: int
    least: tuple[float, ...]
    forms: tuple[Form, ...]

    def proven(self, mse: float) -> int:
        """Return the number of nodes up to which nothing has a smaller error than this one.

        >>> Exhausted(("+",), 12, (3.0, 2.0, 0.5), ()).proven(1.0)
        2
        """
        beaten = (k for k, left in enumerate(self.least) if left < mse * (1.0 - MARGIN))
        return next(beaten, len(self.least))

    def note(self, mse: float) -> str | None:
        """Return the statement about a formula of this error, None where there is nothing to say."""
        n = self.proven(mse)
        if n < 1:
            return None
        return (
            f"No y = c0 + c1·f fits better, f being any expression of at most {n} {'node' if n == 1 else 'nodes'} over "
            f"{', '.join(self.operators)} without constants inside: all {self.n_tried} were tried."
        )


def exhausted(
    X: Array, y: Array, weights: Array, columns: tuple[int, ...], limits: Limits, most_work: float = MOST_WORK
) -> Exhausted | None:
    """Try every expression over some columns, as many nodes as a few seconds and the memory allow.

    Args:
        X, y, weights: the data, shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        columns: the variables that may occur.
        limits: what operators may be used.
        most_work: values that a level may take.

    None where there is nothing to try.

    >>> from discover.symbolic.limits import Limits
    >>> x = np.linspace(1.0, 2.0, 30)
    >>> found = exhausted(x[None], x / (x + x * x), np.ones(30), (0,), Limits(("+", "*", "/"), ()))
    >>> found.least[4] > 1e-8, found.least[6] < 1e-25
    (True, True)
    """
    binary = [code for name, code in BINARY.items() if limits.has(name)]
    unary = [code for code in UNARY if limits.has(BY_OPCODE[code].name)]
    if not columns or not (binary or unary):
        return None
    return _Search(X[list(columns)], y, weights, columns, len(X), unary, binary).run(most_work)


class _Search:
    """The features so far, and what is left by the best of every level."""

    def __init__(
        self,
        X: Array,
        y: Array,
        weights: Array,
        columns: tuple[int, ...],
        n_variables: int,
        unary: list[int],
        binary: list[int],
    ) -> None:
        n_rows = X.shape[1]
        self.columns, self.n_variables = columns, n_variables
        self.unary, self.binary = np.array(unary, np.int64), np.array(binary, np.int64)
        self.w = np.ascontiguousarray(weights, dtype=np.float64)
        self.total = float(self.w.sum())
        centred = y - float(self.w @ y) / self.total
        self.wy = self.w * centred
        self.syy = float(self.wy @ centred)
        self.V = np.empty((max(len(X) + 1, MOST_BYTES // (8 * n_rows)), n_rows))
        self.made = np.full((len(self.V), 3), -1, np.int64)
        n_slots = 1 << ceil(log2(2.2 * len(self.V)))
        self.keys, self.rows = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int32)
        self.parts = np.random.default_rng(0).uniform(-1.0, 1.0, (2, n_rows))
        self.level = np.zeros(64, np.int64)
        self.n, self.n_tried = 0, 0
        self.least: list[float] = []
        self.forms: list[Form] = []
        for i, x in enumerate(X):
            h = exhaustion.exact_key(np.ascontiguousarray(x), n_rows, *self.parts)
            if h and put(self.keys, self.rows, n_slots - 1, h, self.n):
                self.V[self.n], self.made[self.n] = x, (-1, i, -1)
                self.n += 1
        self.level[2] = self.n

    def run(self, most_work: float) -> Exhausted:
        self.leaves()
        c = 2
        while self.work(c) * self.V.shape[1] <= most_work and self.n < len(self.V) and c < len(self.level) - 2:
            best = np.array([np.inf, -1.0, -1.0, -1.0])
            self.n_tried += self.work(c)
            self.n = exhaustion.level_of(
                c, self.V, self.made, self.level, self.n, self.keys, self.rows, self.unary, self.binary, self.parts,
                self.w, self.wy, self.total, self.syy, True, best,
            )  # fmt: skip
            self.told(best)
            c += 1
        names = [BY_OPCODE[int(code)].name for code in self.unary]
        signs = [sign for sign, code in BINARY.items() if code in self.binary]
        return Exhausted((*signs, *names), self.n_tried, tuple(self.least), tuple(self.forms))

    def work(self, c: int) -> int:
        """Return how many expressions of c nodes there are to try."""
        sizes = np.diff(self.level[: c + 1])
        pairs = sum(int(sizes[c1]) * int(sizes[c - 1 - c1]) for c1 in range(1, c - 1))
        return len(self.unary) * int(sizes[c - 1]) + len(self.binary) * pairs

    def leaves(self) -> None:
        """Try the columns themselves."""
        best = np.array([np.inf, -1.0, -1.0, -1.0])
        for i in range(self.n):
            left = exhaustion.unexplained(self.V[i], self.V.shape[1], self.w, self.wy, self.total, self.syy)
            if left < best[0]:
                best[:] = left, -1, self.made[i, 1], -1
        self.n_tried += self.n
        self.told(best)

    def told(self, best: Array) -> None:
        """Keep the best of a level."""
        self.least.append(float(best[0]) / len(self.w))
        if np.isfinite(best[0]):
            f = self.spelled(*(int(one) for one in best[1:]))
            free = variable(self.n_variables), variable(self.n_variables + 1)
            self.forms.append(Form(free[0] + free[1] * f, self.n_variables, (0.0, 1.0)))

    def expr(self, i: int) -> Expr:
        """Return feature i."""
        return self.spelled(*(int(one) for one in self.made[i]))

    def spelled(self, op: int, a: int, b: int) -> Expr:
        if op < 0:
            return variable(self.columns[a])
        if b < 0:
            return call(BY_OPCODE[op].name, self.expr(a))
        return call(BY_OPCODE[op].name, self.expr(a), self.expr(b))
