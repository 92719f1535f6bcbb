import numpy as np
import pytest

from discover.expr import Polynomial
from discover.inference.chisquare import estimate
from discover.inference.menu import Menu
from discover.inference.rows import assemble
from discover.sparse import gram
from discover.sparse.groups import edges_of, group_supports, neighbours, reduced, search_groups
from discover.sparse.select import search_target
from tests.problems import problem_of, true_rows
from tests.reference import residual_of


@pytest.fixture(scope="module")
def lotka():
    problem = problem_of("lotka-volterra", n_samples=300)
    rows, supports, _ = true_rows("lotka-volterra", problem, Polynomial(2))
    return rows, gram(problem, rows.terms).sum(axis=0), supports


def test_forced_columns_are_projected_out():
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((6, 40))
    G, menu = Z @ Z.T, Menu(((0, 3), (1,)), forced=(2, 4))
    A = reduced(G, 5, 0, menu)
    before = residual_of(G, [2, 4], 5)
    assert A.shape == (4, 4)
    for chosen in [(0,), (1,), (0, 1)]:
        columns = [c for g in chosen for c in range(*edges_of(menu)[g : g + 2])]
        mine = residual_of(A, columns, 3) * before
        assert mine == pytest.approx(residual_of(G, menu.support(chosen), 5), rel=1e-9)


def test_a_menu_of_single_columns_finds_what_plain_search_finds(lotka):
    rows, G, supports = lotka
    menu = Menu(tuple((p,) for p in range(len(rows.terms))))
    for target in (0, 1):
        found = search_groups(rows, G, target, menu, 4)
        assert found.best() == supports[target] == search_target(rows, G, target, 4).best()
        assert found.price(found.best()) == search_target(rows, G, target, 4).price(found.best())


def test_what_must_be_in_is_in_every_candidate(lotka):
    rows, G, supports = lotka
    extra = next(p for p in range(len(rows.terms)) if p not in supports[0])
    free = tuple((p,) for p in range(len(rows.terms)) if p != extra)
    found = search_groups(rows, G, 0, Menu(free, forced=(extra,)), 4)
    assert all(extra in support for support in found.found)
    assert set(found.best()) == {*supports[0], extra}


def test_groups_come_and_go_whole(lotka):
    rows, G, supports = lotka
    odd = [p for p in range(len(rows.terms)) if p not in supports[0]]
    menu = Menu((supports[0], tuple(odd[:2]), tuple(odd[2:])))
    assert group_supports(G, len(rows.terms), 0, menu, 1) == [supports[0]]
    found = search_groups(rows, G, 0, menu, 3)
    assert found.best() == supports[0]
    assert all(set(group) <= set(s) or not set(group) & set(s) for s in found.found for group in menu.groups)
    assert found.price(supports[0]) < search_target(rows, G, 0, 3).price(
        supports[0]
    )  # one choice of three, not two of six


def test_neighbours_are_one_group_away(lotka):
    G = lotka[1]
    menu = Menu(((0,), (1, 2), (3,), (4, 5)))
    own = G[np.ix_([*range(6), 6], [*range(6), 6])]
    for chosen in neighbours(own, menu, (1, 2)):
        assert 1 <= len(set(chosen) ^ {1, 2}) <= 2


def test_nothing_to_choose_leaves_what_must_be_in(lotka):
    rows, G, supports = lotka
    found = search_groups(rows, G, 0, Menu((), forced=supports[0]), 3)
    assert list(found.found) == [supports[0]]
    assert found.found[supports[0]].chi2 == estimate(rows, 0, supports[0]).chi2
    assert len(assemble(rows.problem, rows.terms).terms) == len(rows.terms)
