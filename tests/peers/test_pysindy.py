import sys

import numpy as np
import pytest

import discover
from discover.contract import Budget
from discover.errors import DataError, SettingError
from discover.expr import Polynomial, Terms, text
from discover.inference.rows import assemble
from discover.peers import PySINDy
from discover.peers.pysindy import INSTALL, proposals
from tests.problems import problem_of, table_of

needs_pysindy = pytest.mark.skipif(PySINDy.missing() is not None, reason=f"pysindy: {PySINDy.missing()}")
LIBRARY = Polynomial(2)


@pytest.fixture(scope="module")
def lorenz():
    return problem_of("lorenz", noise=0.01, n_samples=800)


def leading(front, problem):
    return [{text(term, problem.names) for term in front.of(target)[0].terms} for target in front.targets]


@needs_pysindy
@pytest.mark.parametrize("optimizer", ["STLSQ", "SR3", "SSR"])
def test_what_it_proposes_is_judged_like_our_own(lorenz, optimizer):
    front = PySINDy(LIBRARY, optimizer).search(lorenz)
    truth = [{"x", "y"}, {"x", "y", "x*z"}, {"z", "x*y"}]
    for target, terms in zip(front.targets, truth, strict=True):
        best = front.of(target)[0]
        assert {text(term, lorenz.names) for term in best.terms} >= terms
        assert 0.5 < best.loss < 2.0
    assert any(f"by {optimizer}" in note for note in front.notes)


@needs_pysindy
def test_frols_proposes_supports_of_growing_size(lorenz):
    rows = assemble(lorenz, LIBRARY.build(lorenz.names))
    found = proposals(PySINDy(LIBRARY, "FROLS"), rows, 0, range(10), Budget())
    assert len({len(support) for support in found}) > 3


@needs_pysindy
def test_a_threshold_given_is_that_of_pysindy_itself(lorenz):
    import pysindy

    rows = assemble(lorenz, LIBRARY.build(lorenz.names))
    Theta = np.concatenate(rows.theta, axis=1).T
    y = np.concatenate([block.Y[1] for block in rows.blocks])
    expected = pysindy.STLSQ(threshold=0.5).fit(Theta, y[:, None]).coef_[0]
    found = proposals(PySINDy(LIBRARY, threshold=0.5), rows, 1, range(10), Budget())
    assert tuple(np.flatnonzero(expected).tolist()) in found


@needs_pysindy
def test_a_configured_optimizer_is_run_as_it_is_and_left_alone(lorenz):
    import pysindy

    bag = pysindy.EnsembleOptimizer(pysindy.STLSQ(threshold=0.3), bagging=True, n_models=5)
    first, again = (PySINDy(LIBRARY, bag).search(lorenz, seed=1) for _ in range(2))
    assert first == again
    assert not hasattr(bag, "coef_")


@needs_pysindy
def test_terms_without_a_value_are_not_proposed(lorenz):
    odd = LIBRARY + Terms("0*x")
    front = PySINDy(odd).search(lorenz)
    assert leading(front, lorenz)[0] == {"x", "y"}


@needs_pysindy
def test_an_equation_is_offered_its_own_part_of_the_library(lorenz):
    rows = assemble(lorenz, LIBRARY.build(lorenz.names))
    found = proposals(PySINDy(LIBRARY), rows, 0, (1, 2, 5), Budget())
    assert (1, 2) in found
    assert all(set(support) <= {1, 2, 5} for support in found)


@needs_pysindy
def test_by_name_it_ends_in_a_judged_law():
    found = discover.dynamics(
        table_of("van der pol", noise=0.01, n_samples=800), engine="pysindy", library=LIBRARY + Terms("x**2*y")
    )
    assert found.verdict.word == "law"
    assert any("pysindy" in note for note in found.law.provenance.notes)
    assert {text(term.expr, ("x", "y")) for term in found.equations["y"].terms} == {"x", "y", "x**2*y"}


@needs_pysindy
def test_an_optimizer_whose_solver_is_missing_says_so(lorenz, monkeypatch):
    monkeypatch.setitem(sys.modules, "gurobipy", None)
    monkeypatch.setattr("discover.peers.pysindy.find_spec", lambda name: None if name == "gurobipy" else object())
    assert PySINDy(LIBRARY, "MIOSR").supports(lorenz) == "MIOSR needs gurobipy, which is not installed"


def test_where_pysindy_is_missing_it_says_what_to_install(lorenz, monkeypatch):
    monkeypatch.setattr("discover.peers.pysindy.find_spec", lambda name: None)
    assert PySINDy.missing() == INSTALL
    with pytest.raises(DataError, match=r"pip install \"discover-equations\[peers\]\""):
        discover.dynamics(table_of("van der pol", n_samples=200), engine="pysindy")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"optimizer": "STLQS"}, 'optimizer got "STLQS". Did you mean "STLSQ"'),
        ({"optimizer": 3}, "optimizer must be a name or an optimiser of pysindy, got 3"),
        ({"threshold": -1.0}, "threshold must be positive, got -1.0"),
        ({"optimizer": "SSR", "threshold": 0.1}, "SSR passes through all sizes and takes no threshold"),
    ],
)
def test_settings_that_make_no_sense_are_told(settings, told):
    with pytest.raises(SettingError, match=told.replace("?", r"\?")):
        PySINDy(**settings)


@needs_pysindy
def test_forced_terms_are_not_for_peers(lorenz):
    from discover.expr import Forced

    with pytest.raises(SettingError, match="sums of free terms only"):
        PySINDy(LIBRARY + Forced("x")).search(lorenz)
