"""A form as textbooks write it: what constants make together becomes one constant."""

import math
from typing import Any

import numpy as np

from discover.errors import ExpressionError
from discover.expr import Expr, Operator, arranged, call, compile_program, constant, fold, variable
from discover.expr.expression import VARIABLE, negate
from discover.inference.forms import Array, Form, values
from discover_kernels import opcodes

CLOSE = 1e-9
"""Relative difference, of the largest value, up to which two forms are the same."""


def readable(form: Form, X: Array) -> Form:
    """Return the form as a person would write it, with as many constants or fewer; equal on the rows of X.

    Args:
        form: with its constants.
        X: rows that tell whether both agree, shape (n_variables, n_rows).

    >>> from discover.expr import parse
    >>> form = Form(parse("exp(c - x)/y", ["x", "y", "c"]), 2, (0.0,))
    >>> readable(form, np.ones((2, 1)))
    Form(expr=Expr(x2*exp(-x0)/x1), n_variables=2, start=(1.0,))
    """
    n = form.n_variables
    try:
        found = _merged(Form(arranged(form.expr, lambda index: index >= n), n, form.start))
    except (ExpressionError, ZeroDivisionError, OverflowError):
        return form
    if found.n_free > form.n_free or not all(map(math.isfinite, found.start)):
        return form
    with np.errstate(all="ignore"):
        before, after = values(form, X), values(found, X)
    same = np.abs(after - before) <= CLOSE * np.max(np.abs(before), initial=0.0)
    return found if bool(np.all(same)) else form


def one_signed(form: Form, X: Array) -> Form:
    """Return the form without |u| where u has one sign on all rows of X (n_variables, n_rows): u or -u says as much.

    >>> from discover.expr import parse
    >>> one_signed(Form(parse("c*abs(x - 5)", ["x", "c"]), 1, (2.0,)), np.ones((1, 3))).expr
    Expr(x1*-(x0 - 5))
    """
    if all(opcode != opcodes.ABS for opcode, _ in form.expr.tape):
        return form

    def leaf(kind: int, value: Any) -> Expr:
        return variable(value) if kind == VARIABLE else constant(value)

    def branch(row: Operator, argument: Any, children: tuple[Expr, ...]) -> Expr:
        if row.opcode == opcodes.ABS:
            with np.errstate(all="ignore"):
                u = values(Form(children[0], form.n_variables, form.start), X)
            if (u >= 0.0).all() or (u <= 0.0).all():
                return children[0] if (u >= 0.0).all() else negate(children[0])
        return call(row.name, *children, *row.arguments(argument))

    return Form(fold(form.expr, leaf, branch), form.n_variables, form.start)


def _merged(form: Form) -> Form:
    """Return the form with each part that holds constants alone as one constant."""
    n, names = form.n_variables, dict[Expr, int]()

    def named(expr: Expr) -> Expr:
        free = expr.variables and expr.variables[0] >= n
        return variable(n + names.setdefault(expr, len(names))) if free else expr

    def leaf(kind: int, value: Any) -> tuple[Expr, bool]:
        return (variable(value), value >= n) if kind == VARIABLE else (constant(value), True)

    def branch(row: Operator, argument: Any, children: tuple[tuple[Expr, bool], ...]) -> tuple[Expr, bool]:
        alone = all(is_number for _, is_number in children)
        parts = [expr if alone or not is_number else named(expr) for expr, is_number in children]
        return call(row.name, *parts, *row.arguments(argument)), alone

    whole, is_number = fold(form.expr, leaf, branch)
    whole = named(whole) if is_number else whole
    if not names:
        return Form(whole, n)
    numbers = np.concatenate([np.zeros((n, 1)), np.array(form.start)[:, None]])
    with np.errstate(all="ignore"):
        start = compile_program(list(names), len(numbers)).evaluate(numbers)[:, 0]
    return Form(whole, n, tuple(start.tolist()))
