"""Laws of every awkward kind, made by hand."""

from dataclasses import replace
from math import inf, nan

import numpy as np

from discover.equation import Equation, Evidence, Kind, Law, Patch, Stretch, Term, Verdict
from discover.export.specimen import specimen
from discover.expr import Expr, constant, derivative, parse, variable
from discover.front import Candidate, Front

Pair = tuple[Law, Front]

HOSTILE = ('<script>alert("1")</script>', "price & $x_1$ $y", 'a "quoted" \\ name', "line\nbreak\x1b[31m")


def renamed(pair: Pair, names: tuple[str, ...]) -> Pair:
    """Return the same law over other names."""
    law, front = pair
    old = dict(zip(law.names, names, strict=True))
    equations = tuple(replace(e, target=old[e.target], names=names) for e in law.equations)
    candidates = tuple(replace(c, target=old[c.target]) for c in front.candidates)
    law = replace(law, names=names, equations=equations)
    return law, replace(front, targets=tuple(old[t] for t in front.targets), candidates=candidates)


def one_state() -> Pair:
    """x' = 1.5 - 0.5 x, with a constant term and one row in the front."""
    names = ("x",)
    terms = (
        Term(constant(1.0), 1.5, 0.02, 1.46, 1.54, inclusion=1.0, share=0.0, drop=0.3),
        Term(variable(0), -0.5, 0.01, -0.52, -0.48, inclusion=1.0, share=0.99, drop=0.9),
    )
    time = np.linspace(0.0, 10.0, 200)
    x = (3.0 - 2.5 * np.exp(-0.5 * time))[None, :]
    evidence = Evidence((Stretch("0", time, x, x),), 50, 1.0, (0.01,))
    equation = Equation("x", "t", names, terms, 0.99, 0.98, 1.0)
    candidate = Candidate("x", tuple(t.expr for t in terms), (1.5, -0.5), (0.02, 0.01), 1.0, 12.0, 0.99)
    law = replace(specimen()[0], equations=(equation,), names=names, units=(None,), time="t", time_unit=None)
    return replace(law, evidence=evidence), Front(names, (candidate,), 4, 190)


def ten_states() -> Pair:
    """A chain of ten states, three stretches of which the third is short."""
    n = 10
    names = tuple(f"x{at + 1}" for at in range(n))
    equations, candidates = [], []
    for at in range(n):
        left, right = variable(at - 1 if at else n - 1), variable((at + 1) % n)
        exprs = (left * right, variable(at), constant(1.0))
        values, std = (1.0 + at / 10, -1.0, 8.0), (0.02, 0.03, 0.5)
        terms = tuple(
            Term(e, v, s, v - 2 * s, v + 2 * s, "1/s", 0.9, 0.3, 0.2)
            for e, v, s in zip(exprs, values, std, strict=True)
        )
        equations.append(Equation(names[at], "t", names, terms, 0.9, 0.85, 1.1))
        candidates += [
            Candidate(names[at], exprs[:k], values[:k], std[:k], 4.0 - k, 40.0 - 9 * k, 0.3 * k) for k in (1, 2, 3)
        ]
    rng = np.random.default_rng(0)
    stretches = []
    for label, length in (("run 1", 300), ("run 2", 300), ("run 3", 60), ("run 4", 20)):
        time = np.linspace(0.0, length / 50, length)
        wave = np.sin(time + np.arange(n)[:, None]) * 5
        stretches.append(Stretch(label, time, wave + rng.normal(0, 0.3, wave.shape), wave))
    law = replace(specimen()[0], equations=tuple(equations), names=names, units=("m",) * n, time="t", time_unit="s")
    law = replace(law, evidence=Evidence(tuple(stretches), 100, 1.02, (0.3,) * n))
    return replace(law, verdict=Verdict("several", ("Two rivals are close.",))), Front(
        names, tuple(candidates), 66, 600
    )


def nothing_found() -> Pair:
    """Verdict none: one equation without a term, one whose numbers are all unknown, and no simulation."""
    law, front = specimen()
    empty = replace(law.equations[0], terms=(), r2=0.0, held_out_r2=nan, loss=1.0)
    term = Term(variable(1), -0.8, nan, nan, nan)
    unknown = replace(law.equations[1], terms=(term, Term(variable(0), inf, 0.1, -inf, inf)), r2=nan)
    unmoved = tuple(replace(s, simulated=np.full_like(s.simulated, nan)) for s in law.evidence.stretches)
    evidence = replace(law.evidence, stretches=unmoved, trajectory_chi2=nan, segment=0)
    verdict = Verdict("none", ("Noise alone explains the data.",))
    law = replace(law, equations=(empty, unknown), verdict=verdict, evidence=evidence)
    odd = Candidate("hare", (), (), (), nan, nan, nan)
    worse = Candidate("hare", (variable(0),), (0.0,), (nan,), 0.0, inf, 0.0, refusal="it says so")
    return law, replace(front, candidates=(odd, worse), interrupted=True, notes=("Stopped early.",))


def with_input() -> Pair:
    """A forced oscillator: two states, one input."""
    names = ("x", "v", "u")
    texts = ((("v", 1.0),), (("sin(x)", -1.0), ("v", -0.1), ("u", 0.7)))
    equations = tuple(
        Equation(
            names[at],
            "time",
            names,
            tuple(Term(parse(t, names), c, 0.01, c - 0.02, c + 0.02, "1/s", 0.99, 0.3, 0.2) for t, c in row),
            0.95,
            0.94,
            1.0,
        )
        for at, row in enumerate(texts)
    )
    time = np.linspace(0, 20, 400)
    measured = np.stack([np.sin(time), np.cos(time), np.sign(np.sin(2 * time))])
    law = replace(specimen()[0], equations=equations, names=names, units=("rad", "rad/s", None), time="time")
    law = replace(law, evidence=Evidence((Stretch("a", time, measured, measured[:2]),), 0, nan, (0.1, 0.1, 0.0)))
    candidates = tuple(
        Candidate(
            e.target,
            tuple(t.expr for t in e.terms),
            tuple(t.value for t in e.terms),
            (0.01,) * len(e.terms),
            1.0,
            5.0,
            0.9,
        )
        for e in equations
    )
    return law, Front(names[:2], candidates, 20, 390)


def hostile() -> Pair:
    """Names, notes and reasons that would run, break out or garble if they were not escaped."""
    law, front = renamed(specimen(), HOSTILE[:2])
    provenance = replace(law.provenance, source=HOSTILE[0], notes=HOSTILE, settings=((HOSTILE[1], HOSTILE[2]),))
    provenance = replace(provenance, command=HOSTILE[3], versions=((HOSTILE[0], HOSTILE[0]),), fingerprint=HOSTILE[0])
    verdict = Verdict("several", HOSTILE)
    stretches = tuple(replace(s, trajectory=HOSTILE[0]) for s in law.evidence.stretches) * 2
    law = replace(law, provenance=provenance, verdict=verdict, time=HOSTILE[2], units=(HOSTILE[0], HOSTILE[3]))
    law = replace(law, equations=tuple(replace(e, time=HOSTILE[2]) for e in law.equations))
    law = replace(law, evidence=replace(law.evidence, stretches=stretches))
    return law, replace(front, notes=HOSTILE)


def long_names() -> Pair:
    """Names longer than any axis, and a term longer than any line."""
    name = "concentration_of_the_phosphorylated_kinase_in_the_cytoplasm_of_cell_"
    law, front = renamed(specimen(), (name + "1", name + "2"))
    return replace(law, units=("micromolar per milligram of protein and liter", None)), front


def without_data() -> Pair:
    """A law that carries no stretch at all, and an empty front."""
    law, front = specimen()
    return replace(law, evidence=Evidence((), 0, nan, ())), replace(front, candidates=())


def _equation(
    target: str,
    axes: tuple[str, ...],
    names: tuple[str, ...],
    terms: dict[Expr, float],
    kind: Kind = "derivative",
    order: int = 1,
) -> Equation:
    """Return an equation with errors of one percent."""
    known = tuple(
        Term(expr, value, abs(value) / 100, 0.98 * value, 1.02 * value, None, 0.99, 0.5, 0.4)
        for expr, value in terms.items()
    )
    return Equation(target, axes[0], names, known, 0.99, 0.98, 1.0, space=axes[1:], kind=kind, order=order)


def _law(equations: tuple[Equation, ...], evidence: Evidence) -> Pair:
    first = equations[0]
    candidates = tuple(
        Candidate(e.target, tuple(t.expr for t in e.terms[:k]), tuple(t.value for t in e.terms[:k]), (0.01,) * k,
                  4.0 - k, 40.0 - 9 * k, 0.3 * k)
        for e in equations for k in range(1, len(e.terms) + 1)
    )  # fmt: skip
    law = replace(
        specimen()[0], equations=equations, names=first.names, units=("m",) + (None,) * (len(first.names) - 1),
        time=first.time, time_unit="s", space=first.space, space_units=("m",) * len(first.space), evidence=evidence,
    )  # fmt: skip
    return law, Front(law.states, candidates, 12, 900)


def korteweg() -> Pair:
    """u_t = -6 u u_x - u_xxx, a soliton that the simulation follows."""
    u = variable(0)
    equation = _equation("u", ("t", "x"), ("u",), {u * derivative(u, (0, 1)): -6.0, derivative(u, (0, 3)): -1.0})
    t, x = np.linspace(0.0, 2.0, 31), np.linspace(-10.0, 10.0, 64, endpoint=False)
    wave = 0.5 / np.cosh(0.5 * (x - t[:, None])) ** 2
    noise = np.random.default_rng(0).normal(0.0, 0.01, wave.shape)
    patch = Patch("0", ("t", "x"), (t, x), (wave + noise)[None], wave[None])
    return _law((equation,), Evidence((), 0, nan, (0.01,), (patch,)))


def spirals() -> Pair:
    """Two fields over two dimensions with long names, the second equation conservative and mixed."""
    names, axes = ("u", "price & <b>"), ("time", "east", "north")
    u, v = variable(0), variable(1)
    diffusion = {derivative(u, (0, 2)): 0.1, derivative(u, (0, 0, 2)): 0.1, u - u**3: 1.0}
    drift = {derivative(v**2, (0, 1)): -0.5, derivative(v, (0, 1, 1)): 0.2, derivative(v, (0, 1)) ** 2: 0.3}
    equations = (_equation("u", axes, names, diffusion), _equation(names[1], axes, names, drift))
    grid = (np.linspace(0.0, 1.0, 6), np.linspace(0.0, 1.0, 12), np.linspace(-1.0, 1.0, 9))
    t, x, y = np.meshgrid(*grid, indexing="ij")
    measured = np.stack([np.cos(3 * x - t) * np.cos(y), np.sin(3 * y + t)])
    measured[:, 2, 3:5, 3:5] = nan
    lost = measured.copy()
    lost[:, 4:] = nan
    patch = Patch(HOSTILE[0], axes, grid, measured, lost)
    return _law(equations, Evidence((), 0, nan, (0.01, 0.02), (patch, patch)))


def second_order() -> Pair:
    """x'' = -x - 0.1 x' + 0.05 (x^3)'."""
    x = variable(0)
    equation = _equation(
        "x", ("t",), ("x",), {x: -1.0, derivative(x, (1,)): -0.1, derivative(x**3, (1,)): 0.05}, order=2
    )
    time = np.linspace(0.0, 20.0, 300)
    values = np.cos(time)[None]
    return _law((equation,), Evidence((Stretch("a", time, values, values),), 0, 1.0, (0.01,)))


def logistic() -> Pair:
    """x[n+1] = 3.9 x[n] - 3.9 x[n]^2 beside a second state, driven from outside."""
    names = ("x", "y_1", "u")
    x, y, u = variable(0), variable(1), variable(2)
    equations = (
        _equation("x", ("n",), names, {x: 3.9, x**2: -3.9}, "map"),
        _equation("y_1", ("n",), names, {y: 0.5, u: 1.0}, "map"),
    )
    n = np.arange(30.0)
    measured = np.stack([np.sin(n) ** 2, np.cos(n), np.ones(30)])
    return _law(equations, Evidence((Stretch("a", n, measured, measured[:2]),), 5, 1.0, (0.0, 0.0, 0.0)))


def rational() -> Pair:
    """x' = -1.2 x / (1 + 0.5 x) of an enzyme, and y' = (2 - y) / x, whose denominator has no constant."""
    names = ("x", "y")

    def term(text: str, value: float, std: float) -> Term:
        return Term(parse(text, names), value, std, value - 2 * std, value + 2 * std, inclusion=0.99, share=0.4)

    enzyme = Equation(
        "x",
        "t",
        names,
        (term("x", -1.2, 0.02),),
        0.99,
        0.98,
        1.0,
        denominator=(Term(constant(1.0), 1.0, 0.0, 1.0, 1.0), term("x", 0.5, 0.01)),
        covariance=((4e-4, 0.0, -1.9e-4), (0.0, 0.0, 0.0), (-1.9e-4, 0.0, 1e-4)),
    )
    hyperbola = replace(
        enzyme,
        target="y",
        terms=(term("1", 2.0, 0.1), term("y", -1.0, 0.2)),
        denominator=(Term(variable(0), 1.0, 0.0, 1.0, 1.0),),
        covariance=(),
    )
    time = np.linspace(0.0, 5.0, 100)
    measured = np.stack([3.0 * np.exp(-time), 2.0 - np.exp(-time)])
    law = replace(specimen()[0], equations=(enzyme, hyperbola), names=names, units=(None, None), time="t")
    law = replace(
        law, time_unit=None, evidence=Evidence((Stretch("1", time, measured, measured),), 20, 1.0, (0.1, 0.1))
    )
    candidates = tuple(
        Candidate(
            e.target,
            tuple(t.expr for t in e.terms),
            tuple(t.value for t in e.terms),
            tuple(t.std for t in e.terms),
            1.0,
            5.0,
            0.9,
            denominator=tuple(t.expr for t in e.denominator),
            divisors=tuple(t.value for t in e.denominator),
            divisor_std=tuple(t.std for t in e.denominator),
        )
        for e in law.equations
    )
    return law, Front(names, candidates, 12, 300)


LAWS = {
    build.__name__: build
    for build in (
        specimen,
        one_state,
        ten_states,
        nothing_found,
        with_input,
        rational,
        hostile,
        long_names,
        without_data,
        korteweg,
        spirals,
        second_order,
        logistic,
    )
}
