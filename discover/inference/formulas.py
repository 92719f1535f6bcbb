"""How well are the constants of an explicit formula known? A fit to independent observations.

Source: Seber and Wild (1989), Nonlinear Regression, section 2.1, doi:10.1002/0471725315.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from discover.expr import Expr, constant, multiply, variable
from discover.front import Candidate
from discover.inference.criteria import Criterion, Squares
from discover.inference.forms import Form, values
from discover.problem import Array
from discover_kernels import opcodes


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A formula fitted to observations.

    Attributes:
        form: with its constants: the coefficients that are free, then those inside the terms, in order.
        std: their standard errors, shape (n_free,); NaN where the data do not settle them.
        residual: shape (n_rows,).
        dof: rows less constants.
        noise: standard deviation of the errors of a typical row.
    """

    form: Form
    std: Array
    residual: Array
    dof: int
    noise: float


def form_of(candidate: Candidate, n_variables: int) -> Form:
    """Return a candidate as a form: free coefficients first (those of error 0 are 1 by choice), then the inner ones.

    >>> from discover.expr import parse
    >>> inner = parse("exp(-0.5*x)", ["x"])
    >>> form_of(Candidate("y", (inner,), (2.0,), (float("nan"),), 1.0, 0.0, 1.0, inner=((0,),)), 1)
    Form(expr=Expr(x1*exp(x2*x0)), n_variables=1, start=(2.0, -0.5))
    """
    free = [k for k, std in enumerate(candidate.std) if std != 0.0]
    numbers = iter(candidate.ties or range(sum(map(len, candidate.inner))))
    inside: dict[int, float] = {}
    places = candidate.inner or ((),) * len(candidate.terms)
    total: Expr | None = None
    for k, (term, mine) in enumerate(zip(candidate.terms, places, strict=True)):
        which = [next(numbers) for _ in mine]
        inside |= dict(zip(which, (term.constants[place] for place in mine), strict=True))
        part = _opened(term, {p: n_variables + len(free) + w for p, w in zip(mine, which, strict=True)})
        if k in free:
            part = multiply(variable(n_variables + free.index(k)), part)
        total = part if total is None else total + part
    start = [candidate.coefficients[k] for k in free] + [inside[k] for k in sorted(inside)]
    return Form(constant(0.0) if total is None else total, n_variables, tuple(start))


def _opened(term: Expr, places: Mapping[int, int]) -> Expr:
    """Return the term with variables in the place of some constants, place -> number of the variable."""
    tape, constants = [], []
    numbers = iter(enumerate(term.constants))
    for opcode, argument in term.tape:
        if opcode == opcodes.CONSTANT:
            place, value = next(numbers)
            if place in places:
                tape.append((opcodes.VARIABLE, places[place]))
                continue
            constants.append(value)
        tape.append((opcode, argument))
    return Expr(tuple(tape), tuple(constants), term.orders)


def fit_formula(form: Form, X: Array, y: Array, criterion: Criterion | None = None) -> Fit:
    """Return a form fitted to y (n_rows,) over X (n_variables, n_rows), with the errors of its constants.

    Args:
        form: where the fit begins.
        X, y: the data.
        criterion: what it is fitted to, over the same rows; None for plain least squares.

    >>> x, k = variable(0), variable(1)
    >>> X = np.linspace(1.0, 2.0, 40)[None]
    >>> fit = fit_formula(Form(k * x, 1, (1.0,)), X, 3.0 * X[0] + np.tile([0.1, -0.1], 20))
    >>> round(fit.form.start[0], 2), round(float(fit.std[0]), 3), fit.dof
    (3.0, 0.01, 39)
    """
    criterion = criterion or Squares(X, y, np.ones(len(y)))
    ((again, _),) = criterion.fit([form], 100)
    rest = y - values(again, X)
    return Fit(again, criterion.std(again), rest, len(y) - form.n_free, criterion.spread(again))
