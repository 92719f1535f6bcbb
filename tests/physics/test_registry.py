"""What every constraint must keep to: one list of checks, run over all words of the registry and all relations."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from discover.contract import Constraint, Wish
from discover.expr import Polynomial, parse
from discover.front import Candidate
from discover.inference.restriction import groups, restriction
from discover.inference.rows import assemble
from discover.inference.together import estimate_together
from discover.judge.obeying import fitted_obeying, limits_of
from discover.judge.systems import follow
from discover.physics import WORDS, read
from discover.sparse import Equalities, Sparse, stlsq
from discover.sparse.resampling import resampled
from discover.symbolic import Symbolic
from tests.physics.examples import EXAMPLES, problem_of

PROBLEMS = {name: problem_of(example.states, example.equations) for name, example in EXAMPLES.items()}
REQUIRED = {name: read(example.text, PROBLEMS[name]) for name, example in EXAMPLES.items()}
LIBRARY = Polynomial(2)
CHECKS = []


def check(function):
    """Add a check of (name of the example) to the list."""
    CHECKS.append(function)
    return function


def n_targets(name):
    return len(EXAMPLES[name].states)


def libraries_of(name):
    problem = PROBLEMS[name]
    wanted = [[term for c in REQUIRED[name] for term in c.wish(i).must] for i in range(n_targets(name))]
    return tuple(tuple(dict.fromkeys((*LIBRARY.build(problem.names), *mine))) for mine in wanted)


def off(constraints, libraries, values):
    """Return the largest violation of the equalities, relative to the size of what they add up."""
    worst = 0.0
    for rows in (c.rows(libraries) for c in constraints):
        if rows is not None:
            equal = rows.lower == rows.upper
            size = np.abs(rows.A[equal]) @ np.abs(values) + np.abs(rows.lower[equal])
            gap = np.abs(rows.A[equal] @ values - rows.lower[equal])
            worst = max(worst, np.max(gap / np.where(size > 0, size, 1.0), initial=0.0))
    return worst


def short(constraints, libraries, values):
    """Return the largest violation of the inequalities."""
    found = [0.0]
    for rows in (c.rows(libraries) for c in constraints):
        if rows is not None:
            reached = rows.A @ values
            found += (reached - np.clip(reached, rows.lower, rows.upper)).tolist()
    return np.abs(found).max()


@check
def it_is_a_constraint_that_is_a_value(name):
    for one, again in zip(REQUIRED[name], read(EXAMPLES[name].text, PROBLEMS[name]), strict=True):
        assert isinstance(one, Constraint)
        assert one == again
        assert hash(one) == hash(again)
        with pytest.raises(FrozenInstanceError):
            one.text = "another"
    assert EXAMPLES[name].text in {one.text for one in REQUIRED[name]}


@check
def it_answers_for_any_terms(name):
    """What it asks of some terms is what it asks of all, where the others are zero."""
    libraries = libraries_of(name)
    some = tuple(terms[::2] for terms in libraries)
    picked = np.concatenate(
        [np.arange(0, len(terms), 2) + sum(map(len, libraries[:i])) for i, terms in enumerate(libraries)]
    )
    whole, part = (restriction(REQUIRED[name], one) for one in (libraries, some))
    if part is not None and whole is not None:
        values = np.zeros(whole.n)
        values[picked] = part.full(np.random.default_rng(0).normal(size=part.n_free))
        assert off(REQUIRED[name], libraries, values) < 1e-9


@check
def its_equalities_are_a_linear_parametrisation(name):
    libraries = libraries_of(name)
    limits = restriction(REQUIRED[name], libraries)
    assert limits is not None
    values = limits.full(np.random.default_rng(1).normal(size=limits.n_free))
    assert off(REQUIRED[name], libraries, values) < 1e-10
    assert limits.full(limits.within(values)) == pytest.approx(values)


@check
def the_sparse_engine_keeps_it(name):
    front = Sparse(library=LIBRARY, n_jobs=1).search(PROBLEMS[name], REQUIRED[name])
    tied = {candidate.target for system in front.systems for candidate in system}
    assert all(front.of(target) for target in front.targets)
    for i, target in enumerate(front.targets):
        for candidate in front.of(target)[:4] if target not in tied else ():
            libraries = tuple(candidate.terms if k == i else () for k in range(n_targets(name)))
            mine = [c for c in REQUIRED[name] if c.speaks_of(i)]
            assert off(mine, libraries, np.array(candidate.coefficients)) < 1e-10
            assert short(mine, libraries, np.array(candidate.coefficients)) < 1e-9


@check
def systems_of_tied_equations_keep_it(name):
    problem = replace(PROBLEMS[name], constraints=REQUIRED[name])
    libraries = libraries_of(name)
    every = tuple(dict.fromkeys(term for terms in libraries for term in terms))
    rows = assemble(problem, every)
    for group in groups(problem.constraints, n_targets(name)):
        mine = [c for c in REQUIRED[name] if any(c.speaks_of(i) for i in group)]
        whole = estimate_together(rows, {i: [every.index(t) for t in libraries[i]] for i in group})
        assert whole is not None
        assert (
            off(mine, tuple(libraries[i] if i in group else () for i in range(n_targets(name))), whole.coefficients)
            < 1e-10
        )


@check
def it_holds_under_bootstrap(name):
    """Bagged Grams are fitted under the same equalities."""
    libraries = libraries_of(name)
    every = libraries[0] if len({*libraries}) == 1 else None
    if every is None:
        return  # one Gram serves all equations only where all have one library
    found = [rows for c in REQUIRED[name] if (rows := c.rows(libraries)) is not None]
    n = n_targets(name)
    A = np.concatenate([np.zeros((0, n * len(every))), *(rows.A[rows.lower == rows.upper] for rows in found)])
    b = np.concatenate([np.zeros(0), *(rows.lower[rows.lower == rows.upper] for rows in found)])
    equalities = Equalities(A.reshape(len(A), n, len(every)), b)
    from discover.sparse.gram import gram

    G = gram(PROBLEMS[name], every, 1)
    bag = resampled(G, n, lambda g, e: stlsq(g, n, [0.01], equalities=e)[0], n_models=5, equalities=equalities)
    for Xi in bag.models:
        assert off(REQUIRED[name], libraries, Xi.ravel()) < 1e-10


@check
def right_hand_sides_that_break_it_are_refused(name):
    example, problem = EXAMPLES[name], PROBLEMS[name]
    good, bad = (tuple(parse(text, example.states) for text in texts) for texts in (example.equations, example.broken))
    assert all(c.refuse(good, problem) is None for c in REQUIRED[name])
    assert all(isinstance(c.held(good, problem), str) for c in REQUIRED[name])
    if bad and not any(
        c.rows(libraries_of(name)) is not None and type(c).__name__ in NOT_TESTED for c in REQUIRED[name]
    ):
        reasons = [c.refuse(bad, problem) for c in REQUIRED[name]]
        assert any(reason and len(reason) > 10 for reason in reasons)


NOT_TESTED = ("Form", "Balance")
"""What is a matter of coefficients alone."""


@check
def the_symbolic_engine_takes_it_or_says_why_not(name):
    engine = Symbolic()
    if any(c.wish(i) != Wish() for c in REQUIRED[name] for i in range(n_targets(name))):
        from discover.errors import SettingError

        with pytest.raises(SettingError, match="sparse"):
            engine.search(PROBLEMS[name], REQUIRED[name])


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda function: function.__name__)
def test_constraint(check, name):
    check(name)


def test_every_word_has_an_example():
    assert set(WORDS) <= set(EXAMPLES)


@pytest.mark.parametrize("name", ["balance", "tie", "conserve", "symmetric", "form", "prior", "sign", "rotation"])
def test_it_holds_after_refinement_on_trajectories(name):
    """Shooting moves the free numbers alone, so equalities hold to rounding."""
    problem = replace(PROBLEMS[name], constraints=REQUIRED[name])
    equations = [parse(text, "xyz") for text in EXAMPLES[name].equations]
    system = tuple(_candidate(target, expr) for target, expr in zip("xyz", equations, strict=True))
    trial = follow(problem, system, lambda: False)
    assert trial.followed is not None
    libraries = tuple(candidate.terms for candidate in system)
    assert off(REQUIRED[name], libraries, trial.followed.coefficients) < 1e-10
    assert short(REQUIRED[name], libraries, trial.followed.coefficients) < 1e-9
    limits = limits_of(problem, system)
    assert np.linalg.matrix_rank(trial.followed.covariance, hermitian=True) <= limits.n_free


def _candidate(target, expr):
    from discover.expr.expansion import expand, monomial_expr

    terms = {monomial_expr(key): value for key, value in expand(expr).items()}
    n = len(terms)
    return Candidate(target, tuple(terms), tuple(terms.values()), (0.1,) * n, 1.0, 0.0, 0.9, ("",) * n)


def test_a_system_that_no_coefficients_make_obey_is_not_followed():
    problem = replace(PROBLEMS["coefficient"], constraints=read("x'[y] == 10", PROBLEMS["coefficient"]))
    system = tuple(_candidate(target, parse("x", "xyz")) for target in "xyz")
    assert fitted_obeying(lambda limits: None, problem, system) is None
