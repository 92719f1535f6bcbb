"""What each variable contributes to an equation."""

from discover.equation import Equation, Law
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
            "target": equation.target,
            "term": term_text(term.expr, equation.names, equation.axes),
            "coefficient": term.value,
            "std": term.std,
            "low": term.low,
            "high": term.high,
            "unit": term.unit,
            "inclusion": term.inclusion,
            "share": term.share,
            "drop": term.drop,
        }
        for equation in law.equations
        for term in equation.terms
    ]


def variable_rows(law: Law) -> list[dict[str, object]]:
    """Return one row for every variable of every equation."""
    return [
        {"target": equation.target, "variable": name, "share": share}
        for equation in law.equations
        for name, share in variable_shares(equation).items()
    ]
