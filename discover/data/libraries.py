"""What people say of the terms on offer, made into a library; plans and the command line say it alike."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from discover.expr import Library, Polynomial, Rational, Terms, TimeDerivatives, default_library, read_library

if TYPE_CHECKING:
    import xarray as xr

    from discover.data.several import Recordings


def asked_library(
    dataset: "xr.Dataset | Recordings",
    *,
    library: str | None = None,
    degree: int | None = None,
    terms: Sequence[str] = (),
    denominator: int | None = None,
    order: int | Mapping[str, int] = 1,
) -> Library | None:
    """Return the terms on offer; None leaves the choice to the engine, which knows how many the data can tell apart.

    Args:
        dataset: as `discover.load` returns it; its states are what polynomials are of.
        library: spelled, "poly(2) + fourier(1, of=theta)"; instead of a degree.
        degree: highest degree of the polynomial.
        terms: more terms; beside neither of these, the usual polynomial.
        denominator: highest degree of what the sum is divided by; None for nothing.
        order: how often the left-hand sides are differentiated by time.

    Raises:
        SettingError: for text that is no library.

    >>> from discover.data import example
    >>> asked_library(example("pelts"), degree=2, terms=["sin(hare)"])
    Polynomial(degree=2, include_bias=True, interaction_only=False) + Terms('sin(hare)')
    """
    above = _sum(dataset, library, degree, terms, order)
    if denominator is None:
        return above
    return Rational(above or _polynomial(dataset, None, 1) + Terms("1"), Polynomial(denominator))


def _sum(
    dataset: "xr.Dataset | Recordings",
    library: str | None,
    degree: int | None,
    terms: Sequence[str],
    order: int | Mapping[str, int],
) -> Library | None:
    if library is None and degree is None and not terms:
        return None
    offered = _polynomial(dataset, degree, order) if library is None else read_library(library)
    return offered + Terms(*terms) if terms else offered


def _polynomial(dataset: "xr.Dataset | Recordings", degree: int | None, order: int | Mapping[str, int]) -> Library:
    states = [str(name) for name, column in dataset.data_vars.items() if column.attrs.get("role") != "input"]
    polynomial = default_library(len(states)) if degree is None else Polynomial(degree)
    moving = tuple(name for name in states if (order if isinstance(order, int) else order.get(name)) == 2)
    return TimeDerivatives(polynomial, moving) if moving else polynomial
