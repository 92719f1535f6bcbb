"""Models fitted elsewhere, taken over as discoveries: to simulate, export, report and keep."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from math import inf, log, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data.observations import formulate_observations, observations
from discover.discovery import Discovery
from discover.equation import Equation, Evidence, Kind, Law, Provenance, Term, Verdict
from discover.errors import DataError, ExpressionError, SettingError
from discover.expr import Expr, parse, simplify, substitute, variable
from discover.front import Candidate, Front
from discover.judge import conclude_formula
from discover.peers.hall_of_fame import Fame, names_in, read_hall_of_fame
from discover.peers.translation import front

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

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
        provenance=_origin("a fitted pysindy model", "discover.from_pysindy(model)", _settings(model)),
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


def from_pysr(
    source: str | Path,
    *,
    data: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any] | None" = None,
    target: str = "y",
    names: Sequence[str] | None = None,
) -> Discovery:
    """Return a run of PySR as a Discovery, read from its hall of fame; neither PySR nor Julia is needed.

    Args:
        source: the folder of a run, or its hall_of_fame.csv. Nothing else of it is read, so no pickle is opened.
        data: the table that PySR was given; the formulas are then fitted again and judged like any of ours.
        target: what the formulas give; with `data` the name of its column.
        names: of the columns, in PySR's order, whether the formulas use them or x0, x1, …; None takes those of
            `data`, or x0, x1, … as they stand there.

    Returns:
        A Discovery whose front is the hall of fame. Without data its equation is the one that PySR's own rule
        prefers, with unknown (NaN) errors and the verdict "several".

    Raises:
        DataError: where there is no hall of fame, or no formula of it can be read.
        SettingError: for names that do not fit.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = "Complexity,Loss,Equation\\n1,4.0,x0\\n3,1e-3,x0 * x1\\n"
    ...     _ = Path(folder, "hall_of_fame.csv").write_text(text)
    ...     print(repr(from_pysr(folder, target="F", names=["m", "a"])).splitlines()[0])
    F = m·a
    """
    if data is not None:
        return _judged_hall(source, data, target, names)
    columns = list(names) if names is not None else names_in(source)
    if target in columns or len(set(columns)) < len(columns):
        raise SettingError(f"names= must differ from each other and from the target, got {columns} and {target!r}.")
    rows, refused = _rows(source, columns)
    everything = (target, *columns)
    moved = [replace(row, expr=substitute(row.expr, _behind(len(columns)))) for row in rows]
    preferred = _preferred(moved)
    terms = tuple(Term(expr, 1.0, nan, nan, nan) for expr in (preferred.expr,))
    equation = Equation(
        target, "row", everything, terms, r2=nan, held_out_r2=nan, loss=preferred.loss, kind="algebraic"
    )
    notes = (NOT_JUDGED, *(f"A formula could not be read: {reason}" for reason in refused))
    law = Law(
        equations=(equation,),
        names=everything,
        units=(None,) * len(everything),
        time="row",
        time_unit=None,
        estimator="PySR",
        verdict=Verdict("several", (NOT_JUDGED,)),
        evidence=Evidence((), 0, nan, (nan,) * len(everything)),
        provenance=_origin("a hall of fame of PySR", f"discover.from_pysr({str(source)!r})", (), notes[1:]),
    )
    candidates = tuple(
        Candidate(target, (row.expr,), (1.0,), (nan,), loss=row.loss, score=nan, r2=nan) for row in moved
    )
    return Discovery(law, Front((target,), candidates, len(rows), 0, notes))


def _judged_hall(source: str | Path, data: Any, target: str, names: Sequence[str] | None) -> Discovery:
    """Return the formulas of a hall of fame, their constants fitted to the data again, with a verdict."""
    dataset = observations(data, target, names)
    problem = formulate_observations(dataset)
    rows, refused = _rows(source, problem.names[problem.n_states :])
    told = f"PySR proposed the formulas; constants were fitted again to {problem.n_rows} rows."
    found = front(
        problem, [substitute(row.expr, _behind(problem.n_variables - 1)) for row in rows], len(rows), told, False
    )
    notes = (told, *(f"A formula could not be read: {reason}" for reason in refused))
    origin = _origin(
        str(dataset.attrs.get("source", "data")),
        f"discover.from_pysr({str(source)!r}, data=…, target={target!r})",
        (),
        notes,
    )
    fingerprint = str(dataset.attrs.get("fingerprint", ""))
    origin = replace(origin, fingerprint=fingerprint, n_samples=problem.n_rows, n_trajectories=1)
    return Discovery(conclude_formula(problem, found, origin), found)


def _rows(source: str | Path, columns: Sequence[str]) -> tuple[list[Fame], tuple[str, ...]]:
    """Return the formulas over these columns, which PySR spells by their names or as x0, x1, …"""
    numbered = names_in(source)
    by_number = bool(numbered) and not set(numbered) <= set(columns)
    if by_number and len(numbered) > len(columns):
        raise SettingError(f"The formulas use {len(numbered)} columns, and {len(columns)} were named: {columns}.")
    rows, refused = read_hall_of_fame(source, [f"x{k}" for k in range(len(columns))] if by_number else columns)
    if not rows:
        raise DataError(f"No formula of {source} can be read: {'; '.join(refused) or 'the table is empty'}.")
    return rows, refused


def _behind(n_columns: int) -> list[Expr]:
    """Return the columns as variables of a law, in which the target comes first."""
    return [variable(1 + k) for k in range(n_columns)]


def _preferred(rows: Sequence[Fame]) -> Fame:
    """Return the row that PySR calls best: of those up to 1.5 times the least loss, the one after the steepest fall."""
    ordered = sorted(rows, key=lambda row: row.complexity)
    most = 1.5 * min(row.loss for row in ordered)
    falls = {ordered[0].text: 0.0}
    for before, row in pairwise(ordered):
        gain = inf if row.loss <= 0.0 else log(max(before.loss, 1e-300) / row.loss)
        falls[row.text] = gain / max(row.complexity - before.complexity, 1)
    return max((row for row in ordered if row.loss <= most), key=lambda row: falls[row.text])


def _origin(source: str, command: str, settings: tuple[tuple[str, str], ...], notes: Sequence[str] = ()) -> Provenance:
    """Return where a law of another program comes from."""
    versions = []
    for package in ("discover-equations", "pysindy", "pysr"):
        try:
            versions.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return Provenance(
        source=source,
        fingerprint="",
        n_samples=0,
        n_trajectories=0,
        settings=settings,
        seed=0,
        versions=tuple(versions),
        command=command,
        notes=tuple(notes),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _settings(model: Any) -> tuple[tuple[str, str], ...]:
    return (("optimizer", str(model.optimizer)), ("feature_library", str(model.feature_library)))
