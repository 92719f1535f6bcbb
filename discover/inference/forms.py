"""A form: an expression with free constants, and the batched fit of those constants.

Free constants are variables behind those of the data, so that a form is an `Expr` like any other and
no constant that belongs to the form (an exponent, the 1 of 1 - x) is ever fitted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.expr import Expr, compile_program, constant, substitute, variable
from discover_kernels import opcodes
from discover_kernels.fit import fit_batch

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Form:
    """An expression over n variables of the data and len(start) free constants behind them.

    Attributes:
        expr: variable n + k is free constant k.
        n_variables: how many variables the data have.
        start: where the fit begins.
    """

    expr: Expr
    n_variables: int
    start: tuple[float, ...] = ()

    @property
    def n_free(self) -> int:
        return len(self.start)

    @property
    def law(self) -> Expr:
        """The expression with its constants as numbers."""
        parts = [variable(v) for v in range(self.n_variables)]
        return substitute(self.expr, [*parts, *(constant(value) for value in self.start)])


@dataclass(frozen=True, slots=True, eq=False)
class Tapes:
    """Forms one after the other, as `discover_kernels.fit` reads them."""

    op: NDArray[np.int32]
    arg: NDArray[np.int32]
    first: NDArray[np.int64]
    n_free: NDArray[np.int64]
    c: Array
    first_c: NDArray[np.int64]

    def filled(self, forms: Sequence[Form]) -> list[Form]:
        """Return the forms, which these are the tapes of, with the constants as they stand here."""
        begins = self.first_c.tolist()
        numbers = (tuple(self.c[a : a + form.n_free].tolist()) for a, form in zip(begins, forms, strict=False))
        return [Form(form.expr, form.n_variables, mine) for form, mine in zip(forms, numbers, strict=True)]


def tapes(forms: Sequence[Form]) -> Tapes:
    """Return forms as arrays."""
    op: list[int] = []
    arg: list[int] = []
    constants: list[float] = []
    first, first_c = [0], [0]
    for form in forms:
        own = list(form.start)
        fixed = iter(form.expr.constants)
        for opcode, argument in form.expr.tape:
            if opcode == opcodes.VARIABLE and argument >= form.n_variables:
                opcode, argument = opcodes.CONSTANT, argument - form.n_variables
            elif opcode == opcodes.CONSTANT:
                argument = len(own)
                own.append(next(fixed))
            op.append(opcode)
            arg.append(argument)
        constants += own
        first.append(len(op))
        first_c.append(len(constants))
    return Tapes(
        np.array(op, np.int32),
        np.array(arg, np.int32),
        np.array(first, np.int64),
        np.array([form.n_free for form in forms], np.int64),
        np.array(constants, np.float64),
        np.array(first_c, np.int64),
    )


def fitted(
    forms: Iterable[Form], X: Array, y: Array, weights: Array, n_iterations: int = 20
) -> list[tuple[Form, float]]:
    """Return each form with its constants fitted, and Σ w (y - f)²: infinite where it is not finite on some row.

    Args:
        forms: what to fit, each from its own start.
        X, y, weights: shapes (n_variables, n_rows), (n_rows,), (n_rows,).
        n_iterations: most steps of each.

    >>> x, k = variable(0), variable(1)
    >>> X = np.linspace(0.0, 1.0, 50)[None]
    >>> [(form, sse)] = fitted([Form(k * x, 1, (1.0,))], X, 3.0 * X[0], np.ones(50))
    >>> round(form.start[0], 9), sse < 1e-20
    (3.0, True)
    """
    forms = list(forms)
    batch = tapes(forms)
    sse = np.empty(len(forms))
    fit_batch(batch.op, batch.arg, batch.first, batch.n_free, batch.c, batch.first_c, X, y, weights, n_iterations, sse)
    return list(zip(batch.filled(forms), sse.tolist(), strict=True))


def values(form: Form, X: Array) -> Array:
    """Return the form's value at every sample, shape (n_rows,), for X of shape (n_variables, n_rows)."""
    numbers = np.repeat(np.array(form.start, dtype=np.float64)[:, None], X.shape[1], axis=1)
    return compile_program([form.expr], len(X) + form.n_free).evaluate(np.concatenate([X, numbers]))[0]
