"""Models fitted elsewhere, taken over as discoveries: to simulate, export, report and keep."""

import re
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import nan
from typing import Any

import numpy as np

from discover.discovery import Discovery
from discover.equation import Equation, Evidence, Kind, Law, Provenance, Term, Verdict
from discover.errors import ExpressionError, SettingError
from discover.expr import Expr, parse, simplify
from discover.front import Candidate, Front

NOT_JUDGED = (
    "Another program fitted these equations, and they were taken over as they are: how well they fit, and how sure "
    "one may be of their terms and numbers, was not judged here."
)


def from_pysindy(model: Any) -> Discovery:
    """Return a fitted pysindy model as a Discovery: its terms, names and coefficients, with nothing judged.

    Args:
        model: a fitted `pysindy.SINDy` or `pysindy.DiscreteSINDy` whose library can be read: polynomials, Fourier
            terms, and functions of your own that are named as one would write them.

    Returns:
        A Discovery with unknown (NaN) errors and the verdict "several": SymPy, source code, simulation, law file.

    Raises:
        SettingError: for anything else, a model that is not fitted, and terms that cannot be read, such as
            the derivatives of a PDE library.

    >>> from_pysindy(3)
    Traceback (most recent call last):
    discover.errors.SettingError: from_pysindy takes a fitted pysindy model, got int.
    """
    if not all(hasattr(model, name) for name in ("coefficients", "feature_library", "optimizer")):
        raise SettingError(f"from_pysindy takes a fitted pysindy model, got {type(model).__name__}.")
    if not hasattr(model.optimizer, "coef_") or not hasattr(model, "feature_names"):
        raise SettingError("The pysindy model is not fitted; call its fit first.")
    Xi = np.asarray(model.coefficients(), dtype=float)
    names = tuple(str(name) for name in model.feature_names)
    if len(set(names)) < len(names) or "" in names:
        raise SettingError(f"The variables of the model need names that differ, got {names}.")
    placeholders = [f"v{i}" for i in range(len(names))]
    terms = [_read(str(feature), placeholders) for feature in model.feature_library.get_feature_names(placeholders)]
    kind: Kind = "map" if type(model).__name__ == "DiscreteSINDy" else "derivative"
    sides = [_side(terms, line) for line in Xi]
    equations = tuple(
        Equation(target=target, time="t", names=names, terms=side, r2=nan, held_out_r2=nan, loss=nan, kind=kind)
        for target, side in zip(names, sides, strict=False)
    )
    law = Law(
        equations=equations,
        names=names,
        units=(None,) * len(names),
        time="t",
        time_unit=None,
        estimator=f"pysindy, {type(model.optimizer).__name__}",
        verdict=Verdict("several", (NOT_JUDGED,)),
        evidence=Evidence((), 0, nan, (nan,) * len(names)),
        provenance=_provenance(model),
    )
    return Discovery(law, _front(equations, len(terms)))


def _read(feature: str, names: list[str]) -> Expr:
    """Return a term as pysindy writes it: "v0^2 v1" for v0²·v1, "sin(2 v0)" for sin(2·v0)."""
    written = re.sub(r"(?<=[\w)])\s+(?=[\w(])", "*", feature.strip().replace("^", "**"))
    try:
        return parse(written, names)
    except ExpressionError as error:
        raise SettingError(f'The term "{feature}" of the pysindy model cannot be read: {error}') from None


def _side(terms: list[Expr], coefficients: np.ndarray) -> tuple[Term, ...]:
    """Return the terms of one equation; a number in front of a term joins its coefficient, equal terms their sums."""
    total: dict[Expr, float] = {}
    for term, value in zip(terms, coefficients.tolist(), strict=True):
        if value != 0.0:
            form = simplify(term)
            total[form] = total.get(form, 0.0) + value
    return tuple(Term(expr, value, nan, nan, nan) for expr, value in total.items())


def _front(equations: tuple[Equation, ...], n_library: int) -> Front:
    candidates = tuple(
        Candidate(
            target=equation.target,
            terms=tuple(term.expr for term in equation.terms),
            coefficients=tuple(term.value for term in equation.terms),
            std=(nan,) * len(equation.terms),
            loss=nan,
            score=nan,
            r2=nan,
        )
        for equation in equations
    )
    return Front(tuple(e.target for e in equations), candidates, n_library, 0, (NOT_JUDGED,))


def _provenance(model: Any) -> Provenance:
    versions = []
    for package in ("discover-equations", "pysindy"):
        try:
            versions.append((package, version(package)))
        except PackageNotFoundError:
            continue
    settings = (("optimizer", str(model.optimizer)), ("feature_library", str(model.feature_library)))
    return Provenance(
        source="a fitted pysindy model",
        fingerprint="",
        n_samples=0,
        n_trajectories=0,
        settings=settings,
        seed=0,
        versions=tuple(versions),
        command="discover.from_pysindy(model)",
        notes=(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
