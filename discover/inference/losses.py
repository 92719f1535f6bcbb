"""Which loss a formula is fitted with, as people say it: "auto", "squared", "huber", "quantile(0.9)", "log"."""

import re
from dataclasses import dataclass

import numpy as np

from discover.errors import DataError, SettingError, did_you_mean
from discover.inference.criteria import Criterion, Logarithms, Robust, Squares, huber_scale
from discover.inference.whiteness import polynomial_features
from discover.problem import Array
from discover_kernels.robust import HUBER, QUANTILE

NAMES = ("auto", "squared", "huber", "quantile", "log")
USUAL = {"huber": 1.345, "quantile": 0.5}
"""Where an outlier begins, in standard deviations: 95 % efficient where there are none; and the median."""

DEGREE, MOST_FEATURES, PILOT_ROUNDS = 4, 80, 30
BISQUARE = 4.685
MANY_FOLD = 30.0
"""Range of a positive column from which on it is seen as its logarithm."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss by name, with its number: the threshold of "huber", the share below of "quantile"."""

    name: str = "squared"
    parameter: float = 0.0

    def __str__(self) -> str:
        return self.name if self.parameter == USUAL.get(self.name, 0.0) else f"{self.name}({self.parameter:g})"


SQUARED, AUTO, LOG = Loss(), Loss("auto"), Loss("log")
"""`AUTO` is "squared" or "log", whichever describes the data more briefly; "squared" until that is known."""


def read_loss(text: object) -> Loss:
    """Return the loss that a text names.

    Raises:
        SettingError: for another name, or a number that it cannot have.

    >>> read_loss("huber"), read_loss("quantile(0.9)")
    (Loss(name='huber', parameter=1.345), Loss(name='quantile', parameter=0.9))
    """
    found = re.fullmatch(r"\s*(\w+)\s*(?:\(\s*([^()\s]+)\s*\))?\s*", text) if isinstance(text, str) else None
    if found is None or found[1] not in NAMES:
        hint = did_you_mean(found[1] if found else str(text), NAMES)
        raise SettingError(f'loss must be one of {", ".join(NAMES)}, or such as "quantile(0.9)", got {text!r}.{hint}')
    name, number = found[1], found[2]
    if number is None:
        return Loss(name, USUAL.get(name, 0.0))
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    most = {"huber": 100.0, "quantile": 1.0}.get(name, 0.0)
    if not 0.0 < value < most:
        range_ = f"a number between 0 and {most:g}" if most else "no number"
        raise SettingError(f'loss="{name}" takes {range_}, got {number}.')
    return Loss(name, value)


def criterion_of(
    loss: Loss, X: Array, y: Array, weights: Array, known: bool = False, first: Array | None = None
) -> Criterion:
    """Return what forms of y (n_rows,) over X (n_variables, n_rows) are fitted to.

    Args:
        loss: of a row.
        X, y: the data.
        weights: one over the variance of y's errors, up to a factor unless they are `known`, shape (n_rows,).
        known: whether the size of the errors is known.
        first: weights that robust fits begin with.

    Raises:
        DataError: for logarithms of a target that is not of one sign.
    """
    if loss.name in ("squared", "auto"):
        return Squares(X, y, weights, known)
    if loss.name == "log":
        if not ((y > 0).all() or (y < 0).all()):
            raise DataError(
                'loss="log" needs a target of one sign that is nowhere 0; use another loss, or leave out rows.'
            )
        return Logarithms(X, y, weights * y**2 if known else weights, known)
    return Robust(X, y, weights, HUBER if loss.name == "huber" else QUANTILE, loss.parameter, known, first)


def first_weights(loss: Loss, X: Array, y: Array, weights: Array) -> Array:
    """Return weights (n_rows,) under which least squares look for what the loss looks for.

    Outliers of a robust polynomial surface have none, rows beyond a quantile theirs, and errors in proportion to the
    value are weighted so.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(0.0, 1.0, (1, 100))
    >>> y = np.where(np.arange(100) < 10, 30.0, np.sin(x[0])) + 0.01 * rng.standard_normal(100)
    >>> found = first_weights(read_loss("huber"), x, y, np.ones(100))
    >>> bool(found[:10].max() < 1e-6), bool(np.median(found[10:]) > 0.5)
    (True, True)
    """
    if loss.name in ("squared", "auto"):
        return weights
    if loss.name == "log":
        return weights / y**2
    positive = (X.min(axis=1) > 0) & (X.max(axis=1) > MANY_FOLD * X.min(axis=1))
    seen = np.where(positive[:, None], np.log(np.where(positive[:, None], X, 1.0)), X)
    F = polynomial_features(seen, DEGREE, min(MOST_FEATURES, max(2, len(y) // 15)))
    tau = loss.parameter if loss.name == "quantile" else 0.5
    rest, u = y - np.median(y), np.ones(len(y))
    for _ in range(PILOT_ROUNDS):
        size = np.abs(rest)
        u = np.where(rest >= 0, tau, 1.0 - tau) / np.maximum(size, 1e-3 * float(np.mean(size)) + 1e-300)
        root = np.sqrt(u * weights)
        root /= root.max()
        rest = y - np.linalg.lstsq((F * root).T, y * root, rcond=1e-10)[0] @ F
    size = np.abs(rest) * np.sqrt(weights)
    scale = max(huber_scale(size, USUAL["huber"]), 1e-300)
    if loss.name == "quantile" and tau != 0.5:
        return weights * np.where(rest >= 0, tau, 1.0 - tau) / np.maximum(size / scale, 0.3)
    return weights * np.maximum(1.0 - (size / (BISQUARE * scale)) ** 2, 1e-6) ** 2
