"""What each variable contributes to an equation."""

from collections.abc import Sequence

from discover.equation import Equation, Inner, Law, Term
from discover.export.text import term_text


def variable_shares(equation: Equation) -> dict[str, float]:
    """Return how much of the explained variance each variable accounts for, largest first.

    A term's share is split evenly among the variables in it, so that the shares still sum to R²;
    terms without a variable go to "1". NaN where the share of a term is unknown.

    >>> from discover.export.specimen import specimen
    >>> {name: round(share, 3) for name, share in variable_shares(specimen()[0].equations[0]).items()}
    {'hare': 0.69, 'lynx': 0.23}
    """
    shares: dict[str, float] = {}
    for term in equation.terms:
        names = [equation.names[index] for index in term.expr.variables] or ["1"]
        for name in names:
            shares[name] = shares.get(name, 0.0) + term.share / len(names)
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def term_rows(law: Law) -> list[dict[str, object]]:
    """Return one row for every additive term of every equation."""
    return [
        {
            "target": equation.key,
            "term": label(term, equation),
            "coefficient": term.value,
            "std": term.std,
            "low": term.low,
            "high": term.high,
            "unit": term.unit,
            "inclusion": term.inclusion,
            "share": term.share,
            "drop": term.drop,
        }
        for equation in law.all_equations
        for term in coefficients(equation)
    ]


def coefficients(equation: Equation) -> tuple[Term, ...]:
    """Return the terms whose coefficients were fitted, those of the denominator last and without its reference."""
    return (*equation.terms, *(term for term in equation.denominator if not term.is_reference))


def inside(law: Law) -> list[tuple[str, str, Inner]]:
    """Return (target, the term it stands in, the constant) of every fitted constant inside a term."""
    return [
        (equation.target, term_text(term.expr, equation.names, equation.axes), one)
        for equation in law.all_equations
        for term in (*equation.terms, *equation.denominator)
        for one in term.inner
    ]


def label(term: Term, equation: Equation, names: Sequence[str] | None = None) -> str:
    """Return a term as text, one of the denominator marked as such; `names` are those of the equation where None.

    >>> from discover.equation import Term
    >>> from discover.expr import variable
    >>> from discover.export.specimen import specimen
    >>> label(specimen()[0].equations[0].terms[0], specimen()[0].equations[0])
    'hare'
    """
    written = term_text(term.expr, equation.names if names is None else names, equation.axes)
    return f"denominator: {written}" if any(term is below for below in equation.denominator) else written


def variable_rows(law: Law) -> list[dict[str, object]]:
    """Return one row for every variable of every equation."""
    return [
        {"target": equation.key, "variable": name, "share": share}
        for equation in law.all_equations
        for name, share in variable_shares(equation).items()
    ]
