"""A small law with its front, to try an exporter on: the Hudson Bay pelts and their published fit.

The coefficients and their errors are the posterior of Carpenter (2018), "Predator-prey population
dynamics: the Lotka-Volterra model in Stan"; the pelts are Elton and Nicholson's (1942,
doi:10.2307/1358), in thousands. Everything else is made up for the purpose.
"""

from dataclasses import replace

import numpy as np

from discover.equation import Contrast, Equation, Evidence, Law, Provenance, Stretch, Term, Verdict
from discover.expr import Expr, evaluate, parse
from discover.front import Candidate, Front

NAMES = ("hare", "lynx")
HARE = (30.0, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22.0, 25.4, 27.1)
LYNX = (4.0, 6.1, 9.8, 35.2, 59.4, 41.7, 19.0, 13.0, 8.3, 9.1, 7.4)

_FITTED = {
    "hare": (("hare", 0.547, 0.063, "1/year"), ("hare*lynx", -0.0277, 0.0041, "1/(thousand_pelts year)")),
    "lynx": (("lynx", -0.800, 0.089, "1/year"), ("hare*lynx", 0.0241, 0.0035, "1/(thousand_pelts year)")),
}


def specimen() -> tuple[Law, Front]:
    """Return the law of hares and lynxes, and the front that it was chosen from.

    >>> law, front = specimen()
    >>> law.states, len(front.candidates)
    (('hare', 'lynx'), 8)
    """
    equations = tuple(_equation(target) for target in NAMES)
    law = Law(
        equations=equations,
        names=NAMES,
        units=("thousand pelts", "thousand pelts"),
        time="year",
        time_unit="year",
        estimator="trajectories",
        verdict=Verdict("law", ("Simulated trajectories follow the data (chi-square 1.04 per degree of freedom).",)),
        evidence=_evidence(equations),
        provenance=_provenance(),
    )
    candidates = tuple(candidate for target in NAMES for candidate in _candidates(target))
    return law, Front(NAMES, candidates, n_library=6, n_rows=36)


def family() -> tuple[Law, Front]:
    """Return a law of two runs, whose prey multiply at different rates and share all else, and its front.

    >>> family()[0].cases
    ('a', 'b')
    """
    names = ("x", "y", "[run = a]", "[run = b]")
    fitted = {
        "x": (("x*`[run = a]`", 1.0, 0.002), ("x*`[run = b]`", 1.4, 0.002), ("x*y", -0.5, 0.001)),
        "y": (("y", -1.0, 0.002), ("x*y", 0.5, 0.001)),
    }
    equations = tuple(
        Equation(target, "t", names, tuple(_own_term(names, *row) for row in rows), r2=0.99, held_out_r2=0.99, loss=1.0)
        for target, rows in fitted.items()
    )
    time, law, _ = np.linspace(0.0, 4.0, 9), *specimen()
    stretches = []
    for case, label in enumerate("ab"):
        start = np.array([2.0, 1.0, *(float(case == other) for other in range(2))])
        still = [equation.rhs for equation in equations] + [parse("0*x", names)] * 2
        states = _followed(still, start, time)
        stretches.append(Stretch(label, time, states, states[:2]))
    law = replace(
        law,
        equations=equations,
        names=names,
        units=(None, None, "1", "1"),
        time="t",
        time_unit=None,
        evidence=Evidence(tuple(stretches), len(time), 1.0, (0.02, 0.02, 0.0, 0.0)),
        provenance=replace(law.provenance, settings=(("by", "run"),), notes=()),
        cases=("a", "b"),
        by="run",
        contrasts=(
            Contrast("x", parse("x", names), False, 1.0, 0.0, 4000.0, 1),
            Contrast("x", parse("x*y", names), True, 0.05, 0.6, 0.3, 1),
        ),
    )
    candidates = tuple(
        Candidate(
            equation.target,
            tuple(term.expr for term in equation.terms),
            tuple(term.value for term in equation.terms),
            tuple(term.std for term in equation.terms),
            loss=1.0,
            score=60.0,
            r2=0.99,
        )
        for equation in equations
    )
    return law, Front(("x", "y"), candidates, n_library=10, n_rows=60)


def _own_term(names: tuple[str, ...], written: str, value: float, std: float) -> Term:
    return Term(parse(written, names), value, std, value - 1.96 * std, value + 1.96 * std, inclusion=1.0, share=0.33)


def _term(written: str, value: float, std: float, unit: str) -> Term:
    return Term(
        expr=parse(written, NAMES),
        value=value,
        std=std,
        low=value - 1.96 * std,
        high=value + 1.96 * std,
        unit=unit,
        inclusion=0.97,
        share=0.46,
        drop=0.81,
        alternatives=("lynx**2",) if written == "lynx" else (),
    )


def _equation(target: str) -> Equation:
    terms = tuple(_term(*row) for row in _FITTED[target])
    return Equation(target, "year", NAMES, terms, r2=0.92, held_out_r2=0.88, loss=1.02)


def _candidates(target: str) -> list[Candidate]:
    """Return nested candidates of one to four terms, the second of which is the law's own."""
    first, second = _FITTED[target]
    rows = [first, second, ("hare**2", 0.001, 0.002, ""), ("1", 0.3, 2.1, "")]
    found = []
    for count, loss in zip((1, 2, 3, 4), (21.0, 1.02, 1.01, 1.0), strict=True):
        terms = tuple(parse(row[0], NAMES) for row in rows[:count])
        values, errors = tuple(row[1] for row in rows[:count]), tuple(row[2] for row in rows[:count])
        refusal = "hare would fall below zero" if count == 4 else None
        found.append(
            Candidate(target, terms, values, errors, loss, 36 * loss + 6.0 * count, 1 - loss / 22, refusal=refusal)
        )
    return found


def _evidence(equations: tuple[Equation, ...]) -> Evidence:
    time = np.arange(1900.0, 1900.0 + len(HARE))
    measured = np.array([HARE, LYNX])
    simulated = _followed([equation.rhs for equation in equations], measured[:, 0], time)
    return Evidence((Stretch("Hudson Bay", time, measured, simulated),), len(time), 1.04, (4.1, 3.2))


def _followed(rhs: list[Expr], start: np.ndarray, time: np.ndarray, n_steps: int = 20) -> np.ndarray:
    """Follow the equations by the midpoint rule, shape (n_states, n_samples)."""

    def rates(x: np.ndarray) -> np.ndarray:
        return np.array([evaluate(expr, x[:, None])[0] for expr in rhs])

    states = [start]
    for span in np.diff(time):
        x, step = states[-1], span / n_steps
        for _ in range(n_steps):
            x = x + step * rates(x + 0.5 * step * rates(x))
        states.append(x)
    return np.array(states).T


def _provenance() -> Provenance:
    return Provenance(
        source="pelts.csv",
        fingerprint="sha256:" + "0" * 64,
        n_samples=len(HARE),
        n_trajectories=1,
        settings=(("engine", "sparse"), ("library", "Polynomial(degree=2)")),
        seed=0,
        versions=(("discover-equations", "0.1.0"), ("numpy", "2.4.0")),
        command="discover run pelts.csv --time year",
        notes=("1 of 11 samples has no neighbour on one side.",),
        created="2026-01-01T00:00:00+00:00",
    )
