"""What do measured trajectories conserve? From data to quantities with error bars, evidence and a verdict."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from discover.data import load
from discover.data.formulate import formulate
from discover.equation import Equation, Verdict
from discover.errors import DataError, SettingError
from discover.expr import Expr, Library, Polynomial, call, parse, text, variable
from discover.expr.monomials import exponents
from discover.find import origin_of
from discover.inference.conserved import conserved_sums
from discover.inference.constancy import Track, tracks_of, usable
from discover.inference.quantities import Conservation, Quantity, quantity
from discover.problem import Problem

if TYPE_CHECKING:
    import pandas as pd
    import sympy
    import xarray as xr

    from discover.data.several import Recordings

MOST_OFFERED, DEGREES = 84, (4, 3, 2, 1)
"""Terms of the polynomial on offer at most, and the degrees among which the highest that keeps to it is taken."""

ROWS_PER_TERM = 3
"""Rows that every term on offer needs at least."""

TURNS = 15.0
"""Range of a variable up to which its sine and cosine are on offer: a little more than two turns."""

FUNCTION = 2
"""Nodes that a function counts more than it has: a product of states is tried first."""

DOUBTFUL = 0.01
"""Chance below which motion is called too much for noise to be sure, though a quantity is not refused for it."""


@dataclass(frozen=True, slots=True)
class Conserved:
    """What trajectories conserve, as `conserved` finds it.

    Attributes:
        found: plain data: quantities, what was refused, the verdict, where the data come from.
    """

    found: Conservation

    def __repr__(self) -> str:
        from discover.export.conservation import conservation_text

        return conservation_text(self.found)

    def _repr_html_(self) -> str:
        from discover.export.conservation import card

        return card(self.found)

    @property
    def verdict(self) -> Verdict:
        """How sure we may be: "law", "several" or "none", with reasons."""
        return self.found.verdict

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The conserved quantities, each independent of the others."""
        return self.found.quantities

    @property
    def equations(self) -> dict[str, Equation]:
        """The quantities by name, each as an equation with the terms that make it."""
        return {one.name: one.equation for one in self.found.quantities}

    @property
    def require(self) -> list[str]:
        """Return what to hand to `discover.dynamics(…, require=…)` so that a law conserves them."""
        return [f"conserve: {text(one.expr, self.found.names)}" for one in self.found.quantities]

    def sympy(self) -> "dict[str, sympy.Expr]":
        """Return every quantity by its name."""
        from discover.export.conservation import to_sympy

        return to_sympy(self.found)

    def table(self) -> "pd.DataFrame":
        """Return one row a term: quantity, term, coefficient, its standard error and 95 % interval."""
        import pandas as pd

        rows = [
            (one.name, text(term.expr, self.found.names), term.value, term.std, term.low, term.high)
            for one in self.found.quantities
            for term in one.equation.terms
        ]
        return pd.DataFrame(rows, columns=["quantity", "term", "coefficient", "std", "low", "high"])

    def report(self, path: str | os.PathLike[str]) -> None:
        """Write a page with the quantities, their evidence and a picture of each along the trajectories.

        Raises:
            InputError: if the file cannot be written.
        """
        from discover.export.atomic import write_text
        from discover.export.conservation import page

        write_text(path, page(self.found))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a JSON file that `discover.load_conserved` reads.

        Raises:
            InputError: if the file cannot be written.
        """
        from discover.export.conservedfile import save

        save(self.found, path)


def load_conserved(path: str | os.PathLike[str]) -> Conserved:
    """Read what `Conserved.save` wrote.

    Raises:
        InputError: if the file is missing, is no such file, is of a newer version, or is damaged.
    """
    from discover.export.conservedfile import load as read

    return Conserved(read(path))


def conserved(
    data: "str | Path | pd.DataFrame | xr.Dataset | Mapping[str, Any] | Sequence[Any] | Recordings",
    *,
    library: Library | None = None,
    terms: Sequence[str] = (),
    most: int | None = None,
    observe: Callable[[str, float], None] | None = None,
) -> Conserved:
    """Find quantities H(x) that do not change along measured trajectories, such as an energy.

    Sums of few terms are sought whose values along each trajectory move by no more than the noise of the measurement
    makes them, also where their coefficients were not fitted. No derivative is taken and no law is needed.
    Several trajectories that begin at different values of a quantity say much more than one.

    Args:
        data: what `discover.load` takes or returns: a path, DataFrame, Dataset or dict of arrays, or a list of these.
        library: terms on offer, such as `Polynomial(2) + Terms("cos(theta)")`; None takes polynomials, the logarithm
            of what is positive, and sine and cosine of what stays within a few turns.
        terms: more terms on offer, such as ["1/sqrt(x**2 + y**2)"].
        most: quantities at most; None is one less than there are states.
        observe: told the step and the share done, for a progress bar.

    Raises:
        InputError: where data or settings cannot be used; the message says what to change.

    >>> import numpy as np, discover
    >>> t, rng = np.linspace(0.0, 12.0, 240), np.random.default_rng(0)
    >>> runs = [{"t": t, "x": a * np.cos(2 * t), "v": -2 * a * np.sin(2 * t)} for a in (1.0, 1.5, 2.0)]
    >>> for run in runs:
    ...     run["x"], run["v"] = run["x"] + 0.01 * rng.standard_normal(240), run["v"] + 0.01 * rng.standard_normal(240)
    >>> found = discover.conserved([discover.load(run, time="t") for run in runs])
    >>> found.verdict.word, found.require
    ('law', ['conserve: x**2 + 0.25*v**2'])
    """
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise SettingError(f"most must be a whole number from 1 on, got {most!r}.")
    if library is not None and not callable(getattr(library, "build", None)):
        raise SettingError(f'library must be one such as Polynomial(3) + Terms("sin(x)"), got {library!r}.')
    observe = observe or (lambda step, share: None)
    dataset = load(data)
    problem = formulate(dataset)
    if problem.space:
        raise DataError(
            "Conserved quantities are sought along trajectories; of a field over space, ask whether a total is kept "
            'with discover.dynamics(…, require="conserve: u").'
        )
    offered, tracks, left_out = _on_offer(problem, library, terms)
    sizes = [term.complexity + (0 if exponents(term) is not None else FUNCTION) for term in offered]
    plain = [exponents(term) is not None for term in offered]
    n_most = most or max(1, problem.n_states - 1)
    outcome = conserved_sums(tracks, sizes, plain, n_most, observe)
    found = outcome.found
    names, time = problem.names, problem.time
    quantities = tuple(
        quantity(f"H{k + 1}" if len(found) > 1 else "H", one, offered, tracks, names, time)
        for k, one in enumerate(found)
    )
    settings = {"library": library, "terms": list(terms) or None, "most": most}
    provenance = origin_of(dataset, problem, (*problem.notes, *left_out), settings, 0)
    command = provenance.command.replace("dynamics(", "conserved(", 1).replace(", seed=0)", ")")
    provenance = replace(provenance, command=command)
    return Conserved(
        Conservation(
            names=names,
            units=problem.units,
            time=time,
            time_unit=problem.time_unit,
            quantities=quantities,
            refused=tuple(quantity("H", one, offered, tracks, names, time) for one in outcome.refused),
            verdict=judged(quantities, len(tracks)),
            n_terms=len(offered),
            interrupted=outcome.interrupted,
            provenance=provenance,
        )
    )


def judged(quantities: Sequence[Quantity], n_trajectories: int) -> Verdict:
    """Return the verdict on what was found, with its reasons."""
    if not quantities:
        return Verdict("none", ("No sum of the terms on offer stays where it began to within the noise.",))
    doubts = []
    for one in quantities:
        if n_trajectories == 1:
            doubts.append(
                f"{one.name} was seen on one trajectory only: whatever is constant on that curve cannot be told from "
                "it. A second start with another value would tell."
            )
        elif not one.tells_levels:
            doubts.append(
                f"All trajectories have the same {one.name} to within its errors: a surface that they never leave "
                "cannot be told from a conserved quantity. A start with another value would tell."
            )
        chance = min(one.p_value, one.held_out)
        if chance < DOUBTFUL:
            doubts.append(
                f"{one.name} moves by what noise alone gives one time in {1.0 / chance:.0f}: it may stand for a "
                "conserved quantity that needs other terms."
            )
        if one.rivals:
            doubts.append(f"These data cannot tell {one.name} from {' or '.join(one.rivals)}.")
    reasons = tuple(
        f"{one.name} stays within {100 * one.drift:.2g} % of what its parts, measured at different times, would make "
        "it vary by (95 % bound)."
        for one in quantities
    )
    return Verdict("several" if doubts else "law", (*doubts, *reasons))


def _on_offer(
    problem: Problem, library: Library | None, extra: Sequence[str]
) -> tuple[list[Expr], list[Track], list[str]]:
    """Return terms with their tracks, and a note on those that were left out."""
    names = problem.names[: problem.n_states]
    usual = tuple(library.build(names)) if library is not None else _usual(problem)
    asked = [parse(term, names) for term in extra]
    offered = [term for term in dict.fromkeys((*usual, *asked)) if term.variables]
    if not offered:
        raise SettingError("library= has no term in it that depends on a state; offer some, such as Polynomial(2).")
    tracks = tracks_of(problem, offered)
    kept = usable(tracks)
    out = [text(term, names) for k, term in enumerate(offered) if k not in set(kept)]
    notes = [f"Left out, for they are not defined on all data or bent by the noise: {', '.join(out)}."] if out else []
    if not kept:
        raise DataError(
            "None of the terms on offer varies and is defined on all of the data; offer others with terms=."
        )
    return [offered[k] for k in kept], [track.of(kept) for track in tracks], notes


def _usual(problem: Problem) -> tuple[Expr, ...]:
    """Return polynomials of the highest degree that the data bear, and functions of what suits them."""
    names = problem.names[: problem.n_states]
    n_rows = problem.n_samples // 4
    offered: tuple[Expr, ...] = ()
    for degree in DEGREES:
        offered = Polynomial(degree).build(names)
        if len(offered) <= min(MOST_OFFERED, max(n_rows // ROWS_PER_TERM, 2 * len(names) + 1)):
            break
    return (*offered, *_functions(problem, names))


def _functions(problem: Problem, names: Sequence[str]) -> list[Expr]:
    low = np.min([block.X_smooth.min(axis=-1) for block in problem], axis=0)
    high = np.max([block.X_smooth.max(axis=-1) for block in problem], axis=0)
    found = []
    for v in range(len(names)):
        leaf = variable(v)
        found += [call("log", leaf)] if low[v] > 0.0 else []
        found += [call("cos", leaf), call("sin", leaf)] if high[v] - low[v] < TURNS else []
    return found
