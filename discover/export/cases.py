"""Laws of several cases: the law of one case alone, the form that all share, and the coefficients side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING, Any

from discover.equation import Contrast, Equation, Evidence, Law, Term
from discover.errors import DataError, SettingError, did_you_mean
from discover.expr import VARIABLE, Expr, Operator, call, constant, fold, multiply, simplify, substitute, variable
from discover.front import Candidate, Front

if TYPE_CHECKING:
    import xarray as xr

Named = Callable[[str, Expr], Expr]
"""(target, term) -> the term times the name of its coefficient."""

_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def n_measured(law: Law) -> int:
    """Return how many of a law's variables are no indicators."""
    return len(law.names) - len(law.cases)


def split(expr: Expr, law: Law) -> tuple[Expr, int | None]:
    """Return a term without its indicator, and the number of its case; None where it stands for all cases.

    >>> from discover.export.specimen import family
    >>> law, _ = family()
    >>> split(law.equations[0].terms[0].expr, law)
    (Expr(x0), 0)
    """
    n = n_measured(law)
    mine = [v for v in expr.variables if v >= n]
    if not mine:
        return simplify(expr), None
    leaves = [variable(v) if v < n else constant(1.0) for v in range(len(law.names))]
    return simplify(substitute(expr, leaves)), mine[0] - n


# --- one case ---------------------------------------------------------------------------------------------------------


def case_law(law: Law, label: str) -> Law:
    """Return the law of one case, with its own coefficients and its own data.

    R² and the verdict are those of all cases together; the share of a term is that of the term in all cases.

    Raises:
        SettingError: where there is no such case.
    """
    if label not in law.cases:
        known = did_you_mean(str(label), law.cases) if law.cases else " The law has no cases; ask for them with by=."
        raise SettingError(f'There is no case "{label}".{known}')
    number, n = law.cases.index(label), n_measured(law)
    return replace(
        law,
        equations=tuple(_case_equation(law, equation, number) for equation in law.equations),
        names=law.names[:n],
        units=law.units[:n],
        evidence=_case_evidence(law, number),
        provenance=replace(law.provenance, settings=(*law.provenance.settings, ("case", f"{law.by} = {label}"))),
        cases=(),
        by="",
        contrasts=(),
    )


def case_front(front: Front, law: Law, label: str) -> Front:
    """Return the candidates as they are in one case."""
    number = law.cases.index(label)
    return replace(front, candidates=tuple(_case_candidate(law, candidate, number) for candidate in front.candidates))


def _case_equation(law: Law, equation: Equation, number: int) -> Equation:
    terms = []
    for term in equation.terms:
        base, case = split(term.expr, law)
        if case in (None, number):
            kin = [other for other in equation.terms if split(other.expr, law)[0] == base]
            terms.append(replace(term, expr=base, share=sum(other.share for other in kin)))
    return replace(equation, names=law.names[: n_measured(law)], terms=tuple(terms))


def _case_candidate(law: Law, candidate: Candidate, number: int) -> Candidate:
    places = [split(term, law) for term in candidate.terms]
    kept = [k for k, (_, case) in enumerate(places) if case in (None, number)]
    return replace(
        candidate,
        terms=tuple(places[k][0] for k in kept),
        coefficients=tuple(candidate.coefficients[k] for k in kept),
        std=tuple(candidate.std[k] for k in kept),
        alternatives=tuple(candidate.alternatives[k] for k in kept) if candidate.alternatives else (),
    )


def _case_evidence(law: Law, number: int) -> Evidence:
    n = n_measured(law)
    stretches = tuple(
        replace(stretch, measured=stretch.measured[:n])
        for stretch in law.evidence.stretches
        if stretch.measured[n + number, 0] == 1.0
    )
    fields = tuple(
        replace(patch, measured=patch.measured[:n])
        for patch in law.evidence.fields
        if patch.measured[n + number].flat[0] == 1.0
    )
    return replace(law.evidence, stretches=stretches, fields=fields, noise=law.evidence.noise[:n])


def indicators(law: Law, data: "xr.Dataset") -> "xr.Dataset":
    """Return data with the indicators of their cases, by the labels that `discover.load` gave them.

    Raises:
        DataError: where the data do not say which case they are of, or name one that the law does not know.
    """
    coordinate = next((name for name in ("case", "trajectory") if name in data.coords), None)
    if coordinate is None or law.by not in (coordinate, data[coordinate].attrs.get("long_name")):
        raise DataError(
            f"The data do not say which {law.by} they are of; load them with it, or take the law of one case: "
            f'found.case("{law.cases[0]}").'
        )
    labels = data[coordinate].astype(str)
    unknown = sorted(set(labels.values.ravel().tolist()) - set(law.cases))
    if unknown:
        raise DataError(f'The law knows no {law.by} "{unknown[0]}".{did_you_mean(unknown[0], law.cases)}')
    names = law.names[n_measured(law) :]
    return data.assign({name: (labels == label) * 1.0 for name, label in zip(names, law.cases, strict=True)})


# --- the form that all share ------------------------------------------------------------------------------------------


def form(law: Law) -> Law:
    """Return a law as people read it: a coefficient that differs is a name, such as c₁(run).

    A law without cases comes back as it is.

    >>> from discover.export.specimen import family
    >>> from discover.export.text import equation_text
    >>> equation_text(form(family()[0]).equations[0])
    "x' = c₁(run)·x − (0.5000 ± 0.0010) x·y"
    """
    if not law.cases:
        return law
    n, named = n_measured(law), _naming(law)
    names = (*law.names[:n], *coefficient_names(law), f"c({law.by})")
    equations = tuple(
        replace(equation, names=names, terms=tuple(_form_terms(law, equation, named))) for equation in law.equations
    )
    units = (*law.units[:n], *(None for _ in names[n:]))
    return replace(law, equations=equations, names=names, units=units, cases=(), by="", contrasts=())


def form_front(law: Law, front: Front) -> Front:
    """Return the front of a law as `form` writes the law."""
    if not law.cases:
        return front
    named = _naming(law)
    return replace(front, candidates=tuple(_form_candidate(law, one, named) for one in front.candidates))


def coefficient_names(law: Law) -> tuple[str, ...]:
    """Return what the coefficients that differ are called, in the order of the equations."""
    return tuple(f"c{str(at + 1).translate(_SUBSCRIPT)}({law.by})" for at in range(len(_numbers(law))))


def _naming(law: Law) -> Named:
    n, number = n_measured(law), _numbers(law)

    def named(target: str, base: Expr) -> Expr:
        name = variable(n + number.get((target, base), len(number)))
        return name if base.value == 1.0 else _times(name, base)

    return named


def _times(name: Expr, base: Expr) -> Expr:
    """Return the product with the name in front of the first factor, so that no brackets are needed."""

    def leaf(kind: int, value: Any) -> tuple[Expr, Expr]:
        one = variable(value) if kind == VARIABLE else constant(value)
        return one, multiply(name, one)

    def branch(row: Operator, argument: Any, children: tuple[tuple[Expr, Expr], ...]) -> tuple[Expr, Expr]:
        whole = call(row.name, *(plain for plain, _ in children), *row.arguments(argument))
        return whole, multiply(children[0][1], children[1][0]) if row.name == "mul" else multiply(name, whole)

    return fold(base, leaf, branch)[1]


def _numbers(law: Law) -> dict[tuple[str, Expr], int]:
    """Return the coefficients that differ, numbered through the equations."""
    found: dict[tuple[str, Expr], int] = {}
    for equation in law.equations:
        for term in equation.terms:
            base, case = split(term.expr, law)
            if case is not None:
                found.setdefault((equation.target, base), len(found))
    return found


def _form_terms(law: Law, equation: Equation, named: Named) -> list[Term]:
    found: dict[Expr, Term] = {}
    for term in equation.terms:
        base, case = split(term.expr, law)
        if case is None:
            found[base] = replace(term, expr=base)
        else:
            found.setdefault(base, Term(named(equation.target, base), 1.0, nan, nan, nan))
    return list(found.values())


def _form_candidate(law: Law, candidate: Candidate, named: Named) -> Candidate:
    found: dict[Expr, tuple[Expr, float, float]] = {}
    for term, value, std in zip(candidate.terms, candidate.coefficients, candidate.std, strict=True):
        base, case = split(term, law)
        if case is None:
            found[base] = (base, value, std)
        else:
            found.setdefault(base, (named(candidate.target, base), 1.0, nan))
    rows = list(found.values())
    return replace(
        candidate,
        terms=tuple(term for term, _, _ in rows),
        coefficients=tuple(value for _, value, _ in rows),
        std=tuple(std for _, _, std in rows),
        alternatives=(),
    )


# --- side by side -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """One coefficient of the form, in every case.

    Attributes:
        equation: where it stands; `expr` the term without an indicator.
        terms: of each case, in the law's order; the same one for all where it is shared.
        contrast: whether the cases differ, None where nobody asked.
    """

    equation: Equation
    expr: Expr
    terms: tuple[Term, ...]
    contrast: Contrast | None

    @property
    def is_shared(self) -> bool:
        """Whether all cases have one number."""
        return len(set(map(id, self.terms))) == 1


def comparisons(law: Law) -> tuple[Comparison, ...]:
    """Return the coefficients of all cases side by side, equation by equation.

    >>> from discover.export.specimen import family
    >>> [one.is_shared for one in comparisons(family()[0])]
    [False, True, True, True]
    """
    known = {(one.target, one.expr): one for one in law.contrasts}
    found = []
    for equation in law.equations:
        mine: dict[Expr, dict[int | None, Term]] = {}
        for term in equation.terms:
            base, case = split(term.expr, law)
            mine.setdefault(base, {})[case] = term
        for base, by_case in mine.items():
            terms = tuple(by_case.get(case, by_case.get(None)) for case in range(len(law.cases)))
            known_terms = tuple(term for term in terms if term is not None)
            found.append(Comparison(equation, base, known_terms, known.get((equation.target, base))))
    return tuple(found)


def comparison_rows(law: Law) -> list[dict[str, object]]:
    """Return one row for every coefficient and case."""
    from discover.export.notation import written_names
    from discover.export.text import term_text

    return [
        {
            "target": one.equation.target,
            "term": term_text(one.expr, written_names(one.equation), one.equation.axes),
            law.by: label,
            "value": term.value,
            "std": term.std,
            "low": term.low,
            "high": term.high,
            "unit": term.unit,
            "shared": one.is_shared,
            "probability": nan if one.contrast is None else one.contrast.probability,
            "p_value": nan if one.contrast is None else one.contrast.p_value,
        }
        for one in comparisons(law)
        for label, term in zip(law.cases, one.terms, strict=False)
    ]


def statements(law: Law) -> list[str]:
    """Return a sentence on each coefficient: whether it differs between the cases, and how surely.

    >>> from discover.export.specimen import family
    >>> statements(family()[0])[0]
    "x': the coefficient of x differs by run (probability 1.00, p < 1e-12)."
    """
    from discover.export.notation import left_text, written_names
    from discover.export.text import term_text

    said = []
    for one in comparisons(law):
        if one.contrast is None:
            continue
        name = term_text(one.expr, written_names(one.equation), one.equation.axes)
        chance = "p < 1e-12" if one.contrast.p_value < 1e-12 else f"p = {one.contrast.p_value:.2g}"
        what = "the constant" if one.expr.value == 1.0 else f"the coefficient of {name}"
        sure = f"probability {one.contrast.probability:.2f}, {chance}"
        told = f"is one for all (that it differs has {sure})" if one.is_shared else f"differs by {law.by} ({sure})"
        said.append(f"{left_text(one.equation)}: {what} {told}.")
    return said


def label_numbers(labels: Sequence[str]) -> list[float] | None:
    """Return labels as numbers where all are, else None.

    >>> label_numbers(["20", "25.5"]), label_numbers(["a", "1"])
    ([20.0, 25.5], None)
    """
    try:
        return [float(label) for label in labels]
    except ValueError:
        return None
