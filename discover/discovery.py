"""Discovery: what a scientist holds in the hand; a facade of methods over a law and its front."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from discover.data.given import numbers
from discover.equation import Equation, Law, Verdict
from discover.errors import SettingError, did_you_mean
from discover.front import Front

if TYPE_CHECKING:
    import pandas as pd
    import sympy
    import xarray as xr

    from discover.simulate import Boundary

Array = NDArray[np.float64]
Table = Any
"""A Dataset, a DataFrame or an array."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Discovery:
    """A law, and the front of choices that it was taken from.

    >>> from discover.export.specimen import specimen
    >>> found = Discovery(*specimen())
    >>> print(repr(found).splitlines()[0])
    hare' = (0.547 ± 0.063) hare − (0.0277 ± 0.0041) hare·lynx
    """

    law: Law
    front: Front

    def __post_init__(self) -> None:
        """Let the front know the law, so that it can be shown by its names."""
        object.__setattr__(self, "front", replace(self.front, law=self.law))

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same values; unknown numbers (NaN) count as equal."""
        from discover.export.lawfile import document

        if not isinstance(other, Discovery):
            return NotImplemented
        return document(self.law, self.front) == document(other.law, other.front)

    def __repr__(self) -> str:
        from discover.export.text import choices_text, law_text

        return f"{law_text(self.law)}\n\n{choices_text(self.law, self.front)}"

    def _repr_html_(self) -> str:
        from discover.export.card import card

        return card(self.law, self.front)

    @property
    def verdict(self) -> Verdict:
        """How sure we may be: its `word` is "law", "several" or "none", its `reasons` are sentences."""
        return self.law.verdict

    @property
    def equations(self) -> dict[str, Equation]:
        """The equation of every state."""
        return {equation.target: equation for equation in self.law.equations}

    @property
    def cases(self) -> "dict[str, Discovery]":
        """The law of every case with coefficients of its own; empty where dynamics was not asked for any by `by=`."""
        return {label: self.case(label) for label in self.law.cases}

    def case(self, label: str) -> "Discovery":
        """Return the law of one case alone, which simulates and exports like any other.

        Raises:
            SettingError: where there is no such case.

        >>> from discover.export.specimen import family
        >>> print(repr(Discovery(*family()).case("b")).splitlines()[0])
        x' = (1.4000 ± 0.0020) x − (0.5000 ± 0.0010) x·y
        """
        from discover.export.cases import case_front, case_law

        return Discovery(case_law(self.law, label), case_front(self.front, self.law, label))

    def groups(self) -> dict[str, str]:
        """Return the dimensionless groups that the law was sought in, by what they stand for; empty where none was.

        `law.dimensionless` are the equations between them.
        """
        return {one.name: one.text for one in self.law.groups}

    def comparison(self) -> "pd.DataFrame":
        """Return every coefficient in every case, and how surely it differs: one row a coefficient and case."""
        import pandas as pd

        from discover.export.cases import comparison_rows

        return pd.DataFrame(comparison_rows(self.law))

    def table(self) -> "pd.DataFrame":
        """Return every candidate as a row: target, complexity, n_terms, loss, score, r2, equation, chosen, refused."""
        import pandas as pd

        from discover.export.cases import form, form_front
        from discover.export.choices import choices, equation_of
        from discover.export.notation import left_text
        from discover.export.text import candidate_text

        law, front = form(self.law), form_front(self.law, self.front)
        equations = {target: equation_of(law, target) for target in front.targets}
        rows = [
            {
                "target": row.target,
                "complexity": row.candidate.complexity,
                "n_terms": row.candidate.n_terms,
                "loss": row.candidate.loss,
                "score": row.candidate.score,
                "r2": row.candidate.r2,
                "equation": f"{left_text(equations[row.target])} = {candidate_text(row, equations[row.target])}",
                "chosen": row.chosen,
                "refused": row.candidate.refusal or "",
            }
            for row in choices(law, front)
        ]
        return pd.DataFrame(rows, columns=_CHOICE_COLUMNS)

    def choose(self, target: str, complexity: int) -> "Discovery":
        """Return a Discovery whose equation for `target` is the best candidate of that complexity.

        Its coefficients and errors are the search's own, not refined; the verdict says that it was chosen by hand.

        Raises:
            SettingError: for a target that has no equation, or a complexity that the front does not hold.

        >>> from discover.export.specimen import specimen
        >>> Discovery(*specimen()).choose("hare", 3).verdict.word
        'several'
        """
        from discover.revision import revise

        return Discovery(revise(self.law, self.front, target, complexity), self.front)

    def relative_to(self, target: str, term: str) -> "Discovery":
        """Return the same law with a rational equation written relative to another term of its denominator.

        V x/(1 + b x) relative to "x" is (V/b) x/(1/b + x): the form with K; intervals follow to first order.

        Raises:
            SettingError: for a target without a rational equation, or a term that its denominator lacks.
        """
        from discover.revision import relative_to

        return Discovery(relative_to(self.law, target, term), self.front)

    def sympy(self) -> "dict[sympy.Basic, sympy.Expr]":
        """Return the right-hand side of every state by the state's symbol, or by its function, such as u(t, x)."""
        from discover.export.symbols import to_sympy

        return to_sympy(self.law)

    def latex(self) -> str:
        """Return the equations as a LaTeX block."""
        from discover.export.latex import latex

        return latex(self.law)

    def python(self) -> str:
        """Return the source of a Python function of the law that needs NumPy alone."""
        from discover.export.source import python

        return python(self.law)

    def function(self) -> "Callable[..., Array]":
        """Return the compiled law: f(states (n, n_states)[, inputs (n, n_inputs)]) -> rates (n, n_states).

        For a map these are its next values, for a law of second order the second derivatives. An algebraic law
        is f(variables (n, n_variables)) -> target (n, 1). It raises DataError for arrays of another shape.

        Raises:
            UnavailableError: where the law differentiates on its right-hand side, and so is no function of
                the values at one sample alone.

        >>> from discover.export.specimen import specimen
        >>> Discovery(*specimen()).function()([[30.0, 4.0]]).round(3)
        array([[13.086, -0.308]])
        """
        from discover.prediction import function

        return function(self.law)

    def predict(self, data: Table) -> Table:
        """Return the left side of every equation at every sample, in the shape and kind of `data`.

        That is the rate of change of each state, its second derivative for a law of second order, its next
        value for a map, and the target itself for an algebraic law, whose own column need not be there. Derivatives on
        the right-hand side are taken from the samples around, and noise in
        these with them; so such a law needs a Dataset with the dimensions that it differentiates along.

        Args:
            data: a Dataset or a DataFrame with the law's variables, or an array (n, n_variables), states first;
                several recordings, as `load` returns them or in a list of Datasets, are predicted each.

        Raises:
            DataError: where a variable or an axis is missing, or the shape is another.
            UnavailableError: where the law differentiates and the data are no Dataset.
            UnitError: where a variable of a Dataset comes in another unit than the law's.
        """
        from discover.prediction import predict

        return predict(self.law, data)

    def simulate(
        self,
        x0: "ArrayLike | Mapping[str, ArrayLike] | xr.Dataset",
        t: ArrayLike,
        inputs: "Mapping[str, ArrayLike] | None" = None,
        *,
        space: "Sequence[ArrayLike] | None" = None,
        boundary: "Boundary | Sequence[Boundary] | None" = None,
        measured: "Mapping[str, ArrayLike] | xr.Dataset | None" = None,
        seed: int | None = None,
        n_paths: int | None = None,
    ) -> "xr.Dataset":
        """Run the law forward from `x0`, and return its states at the times `t`.

        Args:
            x0: initial states, shape (n_states,) in the order of the law, or by name; states of second order
                start at rest unless their velocities follow (by name: x'). Over space fields, shape (n_states,
                n_x, …), or a Dataset, of whose times the first is taken.
            t: increasing times, shape (n_samples,); the first is that of x0. A map goes one step for each.
            inputs: values of each input at these times, and over space.
            space: coordinates along each space axis; a Dataset brings its own.
            boundary: "periodic", "measured" or "zero-gradient", or one of these for each space axis; None for what
                x0 looks like.
            measured: fields over time and space, whose edges the simulation follows where they are "measured".
            seed: of the noise of a stochastic law; 0 where None.
            n_paths: how many paths of a stochastic law start from x0; None for one, with a note that says so.

        Raises:
            SettingError: where x0, t, the inputs or the space do not fit the law.
        """
        from discover.simulate import movie_of, simulate, start_of

        if self.law.kind == "algebraic":
            raise SettingError("An algebraic law has no time to run in; found.predict gives its target for values.")
        if self.law.cases and not inputs:
            one = f'found.case("{self.law.cases[0]}").simulate(…)'
            raise SettingError(f"The law has coefficients by {self.law.by}; run one case, such as {one}.")
        start, own = start_of(self.law, x0)
        driven = {name: numbers(values, name) for name, values in (inputs or {}).items()}
        return simulate(
            self.law,
            numbers(start, "x0"),
            numbers(t, "t"),
            driven,
            space=own if space is None else space,
            boundary=boundary,
            measured=movie_of(self.law, measured),
            seed=seed,
            n_paths=n_paths,
        )

    def importance(self, by: str = "term") -> "pd.DataFrame":
        """Return what each additive term, or each variable, contributes.

        Args:
            by: "term" (target, term, coefficient, std, low, high, unit, inclusion, share, drop) or
                "variable" (target, variable, share: a term's share split evenly among its variables).

        Raises:
            SettingError: for any other `by`.
        """
        import pandas as pd

        from discover.export.importance import term_rows, variable_rows

        tables = {"term": term_rows, "variable": variable_rows}
        if by not in tables:
            raise SettingError(f'by must be "term" or "variable", got "{by}".{did_you_mean(by, tables)}')
        columns = _TERM_COLUMNS if by == "term" else ["target", "variable", "share"]
        return pd.DataFrame(tables[by](self.law), columns=columns)

    def report(self, path: str | os.PathLike[str]) -> None:
        """Write one self-contained web page with the law, its figures and its provenance.

        Raises:
            InputError: if the file cannot be written.
        """
        from discover.export.report import report

        report(self.law, self.front, path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a law file, which `discover.load_law` reads back to an equal Discovery.

        Raises:
            InputError: if the file cannot be written.
        """
        from discover.export.lawfile import save

        save(self.law, self.front, path)


def load_law(path: str | os.PathLike[str]) -> Discovery:
    """Read what `Discovery.save` wrote.

    Raises:
        InputError: if the file is missing, is no law file, is of a newer version, or is damaged.

    >>> import tempfile
    >>> from discover.export.specimen import specimen
    >>> found = Discovery(*specimen())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found.save(folder + "/law.json")
    ...     load_law(folder + "/law.json") == found
    True
    """
    from discover.export.lawfile import load

    return Discovery(*load(path))


_CHOICE_COLUMNS = ["target", "complexity", "n_terms", "loss", "score", "r2", "equation", "chosen", "refused"]
_TERM_COLUMNS = ["target", "term", "coefficient", "std", "low", "high", "unit", "inclusion", "share", "drop"]
