import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import Forced, Polynomial
from discover.sparse import Sparse, gram
from discover.sparse.proposals import PATHS, THRESHOLDS, proposed
from tests.problems import problem_of, true_rows


@pytest.fixture(scope="module")
def oscillator():
    problem = problem_of("van der pol", noise=0.01, n_samples=800)
    rows, supports, _ = true_rows("van der pol", problem)
    return problem, rows, supports, gram(problem, rows.terms).sum(axis=0)


@pytest.mark.parametrize("name", [name for name in PATHS if name != "evidence"])
def test_every_path_passes_the_truth(oscillator, name):
    """But for the evidence, which takes weak rows for independent and so their supports for too short."""
    _, rows, supports, G = oscillator
    for target, support in enumerate(supports):
        found, proven = proposed(name, G, len(rows.terms), target, 8, rows.n_rows)
        assert support in found
        assert len(set(found)) == len(found)
        assert all(0 < len(one) <= 8 and list(one) == sorted(set(one)) for one in found)
        assert bool(proven) is (name == "certified")


@pytest.mark.parametrize("name", PATHS)
def test_any_path_can_lead_the_engine(oscillator, name):
    problem = oscillator[0]
    front = Sparse(Polynomial(3), paths=(name,), n_jobs=1).search(problem)
    assert [front.of(target)[0].n_terms for target in front.targets] == [1, 3]


def test_the_front_says_what_is_proven(oscillator):
    problem = oscillator[0]
    (note,) = [note for note in Sparse(Polynomial(3)).search(problem).notes if "proven" in note]
    assert "x up to " in note
    assert "y up to " in note
    assert not any("proven" in n for n in Sparse(Polynomial(3), paths=("subset",)).search(problem).notes)


def test_paths_do_not_depend_on_units(oscillator):
    _, rows, _, G = oscillator
    scale = 2.0 ** np.random.default_rng(0).integers(-20, 20, len(G))
    for name in ("certified", "sr3", "forward", "evidence"):
        one, other = (proposed(name, M, len(rows.terms), 1, 6, rows.n_rows)[0] for M in (G, G * scale * scale[:, None]))
        assert one == other


@pytest.mark.parametrize("paths", [(), "certified", ["subset"], ("subset", "certifed")])
def test_paths_that_make_no_sense_are_told(paths):
    with pytest.raises(SettingError, match=r"paths must be a tuple|Did you mean \"certified\""):
        Sparse(paths=paths)


def test_forced_terms_know_no_other_paths(oscillator):
    with pytest.raises(SettingError, match="paths cannot be chosen"):
        Sparse(Polynomial(2) + Forced("x**2*y"), paths=("sr3",)).search(oscillator[0])


def test_thresholds_have_no_unit_and_reach_from_nothing_to_everything():
    assert THRESHOLDS[0] == pytest.approx(1e-3)
    assert THRESHOLDS[-1] == pytest.approx(1.0)
