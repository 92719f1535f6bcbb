"""Evaluation of compiled programs over blocks of samples: one switch for each instruction and block.

A program is a list of instructions (opcode, out row, a row, b row or integer argument) over the rows
of a buffer. The buffer is small enough to stay in the first-level cache, so each instruction is one
vectorised loop at the speed of arithmetic, and nothing is compiled for an expression, ever.

Every non-finite intermediate makes its sample non-finite for good: where a function would swallow an
infinity (1/inf, exp(-inf), atan(inf), inf**0), 0 · operand is added, which is NaN then and 0 otherwise.
The flags of `kernel` cannot fold it away: that takes `nnan`, which is not among them.
"""

import math

import numpy as np

from discover_kernels import elementary, opcodes
from discover_kernels.kernel import kernel

WIDTH = 256
"""Samples in a block of `evaluate`."""


@kernel
def run_block(code, buffer, m):
    """Run all instructions over the first m columns of the buffer.

    Args:
        code: rows (opcode, out row, a row, b row or integer argument), int32, shape (n_instructions, 4).
        buffer: rows of values, C-contiguous float64, shape (n_rows, at least m).
        m: how many columns count.
    """
    for k in range(len(code)):
        op, o, a, b = code[k, 0], code[k, 1], code[k, 2], code[k, 3]
        if op == opcodes.MUL:
            for j in range(m):
                buffer[o, j] = buffer[a, j] * buffer[b, j]
        elif op == opcodes.ADD:
            for j in range(m):
                buffer[o, j] = buffer[a, j] + buffer[b, j]
        elif op == opcodes.SUB:
            for j in range(m):
                buffer[o, j] = buffer[a, j] - buffer[b, j]
        elif op == opcodes.DIV:
            for j in range(m):
                buffer[o, j] = buffer[a, j] / buffer[b, j] + 0.0 * buffer[b, j]
        elif op == opcodes.NEG:
            for j in range(m):
                buffer[o, j] = -buffer[a, j]
        elif op == opcodes.INV:
            for j in range(m):
                buffer[o, j] = 1.0 / buffer[a, j] + 0.0 * buffer[a, j]
        elif op == opcodes.SQUARE:
            for j in range(m):
                buffer[o, j] = buffer[a, j] * buffer[a, j]
        elif op == opcodes.CUBE:
            for j in range(m):
                buffer[o, j] = buffer[a, j] * buffer[a, j] * buffer[a, j]
        elif op == opcodes.SIN:
            sine(buffer, o, a, m)
        elif op == opcodes.COS:
            cosine(buffer, o, a, m)
        elif op == opcodes.EXP:
            for j in range(m):
                buffer[o, j] = elementary.exp(buffer[a, j]) + 0.0 * buffer[a, j]
        elif op == opcodes.LOG:
            for j in range(m):
                buffer[o, j] = elementary.log(buffer[a, j])
        elif op == opcodes.TANH:
            for j in range(m):
                buffer[o, j] = elementary.tanh(buffer[a, j]) + 0.0 * buffer[a, j]
        elif op == opcodes.SQRT:
            for j in range(m):
                buffer[o, j] = math.sqrt(buffer[a, j])
        elif op == opcodes.ABS:
            for j in range(m):
                buffer[o, j] = abs(buffer[a, j])
        elif op == opcodes.IPOW:
            for j in range(m):
                buffer[o, j] = integer_power(buffer[a, j], b) + 0.0 * buffer[a, j]
        elif op == opcodes.POW:
            for j in range(m):
                buffer[o, j] = elementary.power(buffer[a, j], buffer[b, j])
        else:
            run_rare(op, buffer, o, a, m)


@kernel
def run_rare(op, buffer, o, a, m):
    """Run one instruction of the operators that are left to the scalar mathematics library."""
    for j in range(m):
        x = buffer[a, j]
        if op == opcodes.CBRT:
            y = np.cbrt(x)
        elif op == opcodes.TAN:
            y = math.tan(x)
        elif op == opcodes.ASIN:
            y = math.asin(x)
        elif op == opcodes.ACOS:
            y = math.acos(x)
        elif op == opcodes.ATAN:
            y = math.atan(x)
        elif op == opcodes.SINH:
            y = math.sinh(x)
        elif op == opcodes.COSH:
            y = math.cosh(x)
        else:
            y = math.nan
        buffer[o, j] = y + 0.0 * x


@kernel
def sine(buffer, o, a, m):
    """Put sin of row a into row o; arguments beyond the polynomial's reach go to the library."""
    n_far = 0
    for j in range(m):
        x = buffer[a, j]
        n_far += not (abs(x) <= elementary.TRIGONOMETRIC_LIMIT)
        buffer[o, j] = elementary.sin(x)
    if n_far:
        for j in range(m):
            buffer[o, j] = math.sin(buffer[a, j])


@kernel
def cosine(buffer, o, a, m):
    """Put cos of row a into row o; arguments beyond the polynomial's reach go to the library."""
    n_far = 0
    for j in range(m):
        x = buffer[a, j]
        n_far += not (abs(x) <= elementary.TRIGONOMETRIC_LIMIT)
        buffer[o, j] = elementary.cos(x)
    if n_far:
        for j in range(m):
            buffer[o, j] = math.cos(buffer[a, j])


@kernel
def integer_power(x, n):
    """x**n by repeated squaring; 1/0 where n is negative and x is zero."""
    result, factor, left = 1.0, x, abs(n)
    while left:
        if left & 1:
            result *= factor
        factor *= factor
        left >>= 1
    return 1.0 / result if n < 0 else result


@kernel
def evaluate(code, constants, n_variables, n_rows, roots, X, out):
    """Evaluate every expression of a program at every sample.

    Args:
        code: the instructions, int32, shape (n_instructions, 4).
        constants: shape (n_constants,); they fill the rows behind the variables.
        n_variables: rows of X.
        n_rows: rows of the buffer.
        roots: the buffer row of each expression, int32, shape (n_exprs,).
        X: shape (n_variables, n_samples).
        out: filled, shape (n_exprs, n_samples).
    """
    n_samples = X.shape[1]
    buffer = np.empty((n_rows, min(WIDTH, max(n_samples, 1))))
    for i in range(len(constants)):
        for j in range(buffer.shape[1]):
            buffer[n_variables + i, j] = constants[i]
    # Element by element: a slice assigned to a slice takes Numba two seconds to compile.
    for start in range(0, n_samples, WIDTH):
        m = min(WIDTH, n_samples - start)
        for i in range(n_variables):
            for j in range(m):
                buffer[i, j] = X[i, start + j]
        run_block(code, buffer, m)
        for i in range(len(roots)):
            for j in range(m):
                out[i, start + j] = buffer[roots[i], j]
