"""Slow, obvious twins of the compiled kernels and of what is built on them, one headed section for each."""

import itertools
import math

import numpy as np

# ---------------------------------------------------------------------------------------------
# Expressions and tapes (discover.expr, discover_kernels.tape): one sample at a time, plain Python
# ---------------------------------------------------------------------------------------------

SCALAR = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "ipow": lambda a, n: a**n,
    "pow": math.pow,
    "square": lambda a: a * a,
    "cube": lambda a: a * a * a,
    "sqrt": math.sqrt,
    "cbrt": lambda a: math.copysign(math.exp(math.log(abs(a)) / 3), a) if a else 0.0,
    "inv": lambda a: 1 / a,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
}


def scalar(name: str, *operands: float) -> float:
    """Return what an operator makes of finite numbers, NaN where it has no finite value."""
    if not all(math.isfinite(operand) for operand in operands):
        return math.nan
    try:
        value = float(SCALAR[name](*(operand if isinstance(operand, int) else float(operand) for operand in operands)))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def value_at(expr, point) -> float:
    """Return the value of an expression at one point, by recursion from the root down."""
    from discover_kernels import opcodes

    names = {number: name.lower() for name, number in vars(opcodes).items() if isinstance(number, int)}
    tape, constants = list(expr.tape), list(expr.constants)

    def last() -> float:
        opcode, argument = tape.pop()
        name = names[opcode]
        if name == "variable":
            return float(point[argument])
        if name == "constant":
            return constants.pop()
        if name in ("add", "sub", "mul", "div", "pow"):
            right = last()
            return scalar(name, last(), right)
        return scalar(name, last(), argument) if name == "ipow" else scalar(name, last())

    return last()


def values(expr, X) -> np.ndarray:
    """Return the value of an expression at every sample, NaN where it has no finite one."""
    found = np.array([value_at(expr, point) for point in np.asarray(X).T])
    return np.where(np.isfinite(found), found, np.nan)


def rounding_error(expr, X) -> np.ndarray:
    """Return how far rounding may move an expression's value, to first order; NaN where it cannot be trusted.

    Each operation adds a few units of its own last place to what its operands bring along; numbers
    near the ends of the range of doubles are not trusted, because another order of the same
    operations may overflow there.
    """
    from discover.expr import VARIABLE, fold

    samples = np.asarray(X, dtype=float)
    eps = 8 * np.finfo(float).eps

    def leaf(kind, value):
        exact = samples[value] if kind == VARIABLE else np.full(samples.shape[1], value)
        return exact, np.zeros_like(exact)

    def branch(row, argument, children):
        operands = [operand for operand, _ in children]
        value = row.meaning(np, *operands, *row.arguments(argument))
        slopes = row.derivative(np, *operands, *row.arguments(argument))
        error = eps * np.abs(value)
        for slope, (_, brought) in zip(slopes, children, strict=True):
            error = error + np.where(brought == 0, 0.0, np.abs(slope) * brought)
        size = np.abs(value)
        is_plain = (size == 0) | ((size > 1e-30) & (size < 1e30))
        # A value that rounding could turn into zero, or out of a domain, is anything after a division.
        is_sure = is_plain & np.isfinite(value) & (error <= 1e-6 * size + 1e-300)
        return value, np.where(is_sure, error, np.nan)

    with np.errstate(all="ignore"):
        return fold(expr, leaf, branch)[1]


def run_program(program, X) -> np.ndarray:
    """Return the value of every expression of a compiled program, instruction by instruction."""
    from discover_kernels import opcodes

    names = {number: name.lower() for name, number in vars(opcodes).items() if isinstance(number, int)}
    columns = []
    for point in np.asarray(X, dtype=float).T:
        rows = [math.nan] * program.n_rows
        rows[: len(point)] = point.tolist()
        rows[len(point) : len(point) + len(program.constants)] = program.constants.tolist()
        for opcode, out, a, b in program.code.tolist():
            name = names[opcode]
            if name in ("add", "sub", "mul", "div", "pow"):
                rows[out] = scalar(name, rows[a], rows[b])
            else:
                rows[out] = scalar(name, rows[a], b) if name == "ipow" else scalar(name, rows[a])
        columns.append([rows[root] for root in program.roots.tolist()])
    return np.array(columns).reshape(-1, program.n_exprs).T


# ---------------------------------------------------------------------------------------------
# Rows and Grams (discover_kernels: gram, stencil, subset, ridge, whiten; discover.judge.importance): dense matrices
# ---------------------------------------------------------------------------------------------


def stencil_matrix(start, shape, weights, n_samples) -> np.ndarray:
    """Return the dense M (n_rows, n_samples) that a stencil's banded contraction multiplies by."""
    M = np.zeros((len(start), n_samples))
    for k, first in enumerate(start):
        for j, weight in enumerate(weights[shape[k]]):
            M[k, first + j] += weight
    return M


def row_covariance(stencil, fields, variance) -> np.ndarray:
    """Return Σ_l M_l diag(σ_l²) M_lᵀ, where M_l = Σ_m W_m diag(fields[m][l]) takes the noise of variable l to the rows.

    W_m are the weights of the m-th derivative; the field of each m and the variance are (n_variables, n_samples).
    """
    n_samples, n_rows = variance.shape[1], len(stencil.start)
    total = np.zeros((n_rows, n_rows))
    for variable, noise in enumerate(variance):
        M = np.zeros((n_rows, n_samples))
        for m, field in fields.items():
            M += stencil_matrix(stencil.start, stencil.shape, stencil.weights[m], n_samples) * field[variable]
        total += M @ np.diag(noise) @ M.T
    return total


def band_of(A, n_bands) -> np.ndarray:
    """Return the diagonal of A and the n_bands - 1 below it, by rows: out[k, d] = A[k, k - d], else 0."""
    out = np.zeros((len(A), n_bands))
    for k in range(len(A)):
        for d in range(min(n_bands, k + 1)):
            out[k, d] = A[k, k - d]
    return out


def from_band(C) -> np.ndarray:
    """Return the lower triangular matrix whose band by rows is C (n_rows, n_bands)."""
    out = np.zeros((len(C), len(C)))
    for k in range(len(C)):
        for d in range(min(C.shape[1], k + 1)):
            out[k, k - d] = C[k, d]
    return out


def residual_of(G, support, target) -> float:
    """Return the residual sum of squares of a least-squares fit on a support, from the Gram."""
    S = list(support)
    if not S:
        return float(G[target, target])
    w = np.linalg.lstsq(G[np.ix_(S, S)], G[S, target], rcond=None)[0]
    return float(G[target, target] - w @ G[S, target])


def best_subset(G, k) -> tuple[float, tuple[int, ...]]:
    """Return the least residual of all supports of size k, and the first that has it; the target is last."""
    P = len(G) - 1
    return min((residual_of(G, support, P), support) for support in itertools.combinations(range(P), k))


def group_gain(G, groups, inside, g) -> float:
    """Return by how much group g lowers the residual when it joins those inside, by two regressions."""
    target = len(G) - 1
    columns = [c for h in inside for c in groups[h]]
    return residual_of(G, columns, target) - residual_of(G, [*columns, *groups[g]], target)


def best_groups(G, groups, k) -> float:
    """Return the least residual sum of squares of any k groups, by trying all."""
    target = len(G) - 1
    choices = itertools.combinations(range(len(groups)), k)
    return min(residual_of(G, [c for g in chosen for c in groups[g]], target) for chosen in choices)


def ridge_solution(G, target, active, alpha) -> np.ndarray:
    """Return argmin over the active set of |y - Θw|² + alpha |w|², zero outside."""
    S = np.flatnonzero(active)
    w = np.zeros(len(active))
    w[S] = np.linalg.solve(G[np.ix_(S, S)] + alpha * np.eye(len(S)), G[S, target])
    return w


def stlsq_solution(G, n_terms, target, threshold, alpha, active=None) -> np.ndarray:
    """Return the coefficients after ridge and thresholding until nothing falls, refitted without the ridge."""
    active = np.ones(n_terms, bool) if active is None else active.copy()
    while active.any():
        small = active & (np.abs(ridge_solution(G, target, active, alpha)) < threshold)
        if not small.any():
            break
        active &= ~small
    return ridge_solution(G, target, active, 0.0)


def r_squared(G, support) -> float:
    """Return 1 - RSS/Σy² of a support, from the Gram whose last row is the left-hand side."""
    k = len(G) - 1
    return 1.0 - residual_of(G, support, k) / G[k, k]


def shapley_values(G) -> np.ndarray:
    """Return each term's gain in R², averaged over every order in which the terms can enter."""
    k = len(G) - 1
    total = np.zeros(k)
    orders = list(itertools.permutations(range(k)))
    for order in orders:
        for position, term in enumerate(order):
            total[term] += r_squared(G, order[: position + 1]) - r_squared(G, order[:position])
    return total / len(orders)


# ---------------------------------------------------------------------------------------------
# Trajectories (discover_kernels: integrate, variational): one segment and one step at a time, dense least squares
# ---------------------------------------------------------------------------------------------


def rate_and_slopes(rates, n_states, n_inputs, x, u, p):
    """f (n_states,), df/dx and df/dp by central differences of the expressions' own values."""

    def f(point):
        return np.array([value_at(rate, point) for rate in rates])

    point = np.concatenate([x, u, p])
    slopes = np.empty((n_states, len(point)))
    for k in range(len(point)):
        step = np.zeros(len(point))
        step[k] = 1e-6 * max(1.0, abs(point[k]))
        slopes[:, k] = (f(point + step) - f(point - step)) / (2 * step[k])
    return f(point), slopes[:, :n_states], slopes[:, n_states + n_inputs :]


def hermite(u, slope, h, theta):
    """The cubic through two samples (n_inputs, 2) with slopes there, at share theta of the interval h."""
    left = (1 + 2 * theta) * (1 - theta) ** 2 * u[:, 0] + theta * (1 - theta) ** 2 * h * slope[:, 0]
    return left + theta**2 * (3 - 2 * theta) * u[:, 1] - theta**2 * (1 - theta) * h * slope[:, 1]


def sensitive_trajectory(rates, x0, p, time, inputs, slopes, n_substeps):
    """States (n_samples, n_states) and sensitivities (n_samples, n_states, n_states + n_parameters) by RK4."""
    n, q = len(x0), len(p)
    x, S = np.array(x0, dtype=float), np.hstack([np.eye(n), np.zeros((n, q))])
    xs, Ss = [x], [S]
    for j in range(len(time) - 1):
        h = time[j + 1] - time[j]
        for k in range(n_substeps):

            def both(theta, x, S, j=j, h=h):
                u = hermite(inputs[:, j : j + 2], slopes[:, j : j + 2], h, theta)
                f, J, P = rate_and_slopes(rates, n, len(u), x, u, p)
                return f, J @ S + np.hstack([np.zeros((n, n)), P])

            a, d = k / n_substeps, h / n_substeps
            f1, s1 = both(a, x, S)
            f2, s2 = both(a + 0.5 / n_substeps, x + d / 2 * f1, S + d / 2 * s1)
            f3, s3 = both(a + 0.5 / n_substeps, x + d / 2 * f2, S + d / 2 * s2)
            f4, s4 = both(a + 1.0 / n_substeps, x + d * f3, S + d * s3)
            x, S = x + d / 6 * (f1 + 2 * f2 + 2 * f3 + f4), S + d / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
        xs.append(x)
        Ss.append(S)
    return np.array(xs), np.array(Ss)


def shooting_equations(trajectories, measured, weights):
    """Chi-square, JᵀJ and Jᵀr over [all initial states, segment by segment; parameters], J written out.

    Every segment has its (states, sensitivities), measured values and weights (n_samples, n_states).
    """
    n_segments, n = len(trajectories), trajectories[0][0].shape[1]
    q = trajectories[0][1].shape[2] - n
    rows, residuals = [], []
    for s, (states, S) in enumerate(trajectories):
        for j in range(len(states)):
            for i in range(n):
                row = np.zeros(n_segments * n + q)
                row[s * n : (s + 1) * n], row[n_segments * n :] = S[j, i, :n], S[j, i, n:]
                rows.append(row * weights[s][j, i])
                residuals.append((measured[s][j, i] - states[j, i]) * weights[s][j, i])
    J, r = np.array(rows), np.array(residuals)
    return float(r @ r), J.T @ J, J.T @ r


def time_contraction(terms, channels, X, weights) -> np.ndarray:
    """Return Σ_t weights[order, k, t] term(X[:, t, s]), channels being (term, order): (n_queries, n_channels, n_s)."""
    n_steps, n_points = X.shape[1:]
    theta = [values(term, X.reshape(len(X), -1)).reshape(n_steps, n_points) for term in terms]
    return np.array([[weights[order, k] @ theta[term] for term, order in channels] for k in range(weights.shape[1])])


# ---------------------------------------------------------------------------------------------
# Solvers on Grams (discover.sparse: constrained, thresholding, evidence): from the rows themselves
# ---------------------------------------------------------------------------------------------


def equality_fit(Theta, y, A, b) -> np.ndarray:
    """Return argmin |y - Θw|² under A w = b from the Lagrange conditions, solved as one least-squares problem."""
    n, m = Theta.shape[1], len(A)
    K = np.block([[Theta.T @ Theta, A.T], [A, np.zeros((m, m))]])
    return np.linalg.lstsq(K, np.concatenate([Theta.T @ y, b]), rcond=None)[0][:n]


def sr3_solution(Theta, y, threshold, nu, max_iter=100) -> np.ndarray:
    """Return SR3's survivors refitted: relaxed coefficients in turns, on rows, with columns of unit norm."""
    norms, size = np.linalg.norm(Theta, axis=0), np.linalg.norm(y)
    Q, target = Theta / norms, y / size
    x = w = np.linalg.lstsq(Q, target, rcond=None)[0]
    for _ in range(max_iter):
        x = np.linalg.solve(Q.T @ Q + np.eye(len(w)) / nu, Q.T @ target + w / nu)
        new = np.where(np.abs(x * size / norms) >= threshold, x, 0.0)
        if np.array_equal(new, w):
            break
        w = new
    S = np.flatnonzero(w)
    out = np.zeros(len(w))
    out[S] = np.linalg.lstsq(Theta[:, S], y, rcond=None)[0]
    return out


def mstls_solution(Theta, y, thresholds) -> np.ndarray:
    """Return the choice of modified STLSQ, from rows: bounds on coefficients and on terms, and its loss."""
    w0 = np.linalg.lstsq(Theta, y, rcond=None)[0]
    reach = np.linalg.norm(y) / np.linalg.norm(Theta, axis=0)
    best, least = None, np.inf
    for step in thresholds:
        low, high = step * np.maximum(1.0, reach), np.minimum(1.0, reach) / step
        active = np.ones(len(w0), bool)
        while True:
            w = np.zeros(len(w0))
            w[active] = np.linalg.lstsq(Theta[:, active], y, rcond=None)[0]
            keep = active & (np.abs(w) >= low) & (np.abs(w) <= high)
            if np.array_equal(keep, active):
                break
            active = keep
        loss = np.linalg.norm(Theta @ (w - w0)) / np.linalg.norm(Theta @ w0) + np.count_nonzero(w) / len(w)
        if loss < least:
            best, least = w, loss
    return best


def marginal_likelihood(Theta, y, g) -> float:
    """Return ln p(y) for y = Θξ + noise of variance one and ξ ~ N(0, g (ΘᵀΘ)⁻¹), less that of no terms; dense."""
    C = np.eye(len(y)) + g * Theta @ np.linalg.pinv(Theta.T @ Theta) @ Theta.T
    return float(-0.5 * (y @ np.linalg.solve(C, y) - y @ y + np.linalg.slogdet(C)[1]))


def milstein(drift, squared, slope, x, inputs, h, Z):
    """Return the states (n_states, m) after Milstein's steps with an averaged drift, path by path."""
    x = x.copy()
    for c in range(x.shape[1]):
        for k in range(len(Z)):
            u = inputs[0, :, c] + k / len(Z) * (inputs[1, :, c] - inputs[0, :, c])
            f, g2, bend = (values_at(exprs, np.append(x[:, c], u)) for exprs in (drift, squared, slope))
            positive = g2 > 0
            z = Z[k, :, c]
            noise = np.sqrt(np.where(positive, g2, 0.0) * h[c]) * z + positive * 0.25 * bend * h[c] * (z**2 - 1)
            ahead = x[:, c] + f * h[c] + noise
            x[:, c] = x[:, c] + 0.5 * (f + values_at(drift, np.append(ahead, u))) * h[c] + noise
    return x


def values_at(exprs, point):
    """Return the value of each expression at one point (n_variables,)."""
    from discover.expr import evaluate

    return np.array([float(np.ravel(evaluate(expr, point[:, None]))[0]) for expr in exprs])
