import numpy as np
import pytest

from discover.symbolic.skeletons import (
    COLUMN,
    EXP,
    FREE_POWER,
    FUNCTION,
    INV,
    SIN,
    canonical,
    columns,
    functions,
    size,
)
from discover.symbolic.variation import Alphabet, Variation, at, paths, replaced, small
from tests.symbolic.skeletons import ALPHABET, random_sum

x, y = (COLUMN, 0, 2), (COLUMN, 1, 2)
FEW = Alphabet(1, frozenset({0}), frozenset(), (EXP, SIN))


def test_small_ones_come_in_order_each_once_and_canonical():
    found = list(small(ALPHABET, 4, 5000))
    assert [size(one) for one in found] == sorted(size(one) for one in found)
    assert len(set(found)) == len(found) > 4000
    assert all(canonical(one) == one for one in found)


def test_small_ones_are_all_there():
    """Counted by hand: x; x^(1/2), x², x^p, exp(x), sin(x)."""
    found = list(small(FEW, 2, 100))
    assert {one for one in found if size(one) == 1} == {((x,),)}
    expected = {(COLUMN, 0, 1), (COLUMN, 0, 4), (FREE_POWER, 0, 0), (FUNCTION, EXP, ((x,),)), (FUNCTION, SIN, ((x,),))}
    assert {one for one in found if size(one) == 2} == {((factor,),) for factor in expected}


def test_what_may_not_be_zero_is_not_divided_by_and_what_may_be_negative_has_no_root():
    either = Alphabet(1, frozenset(), frozenset({0}), ())
    assert set(either.exponents(0)) == {2, -4, -2, 4, 6}
    assert set(Alphabet(1, frozenset(), frozenset(), ()).exponents(0)) == {2, 4, 6}
    assert Alphabet(1, frozenset({0}), frozenset({0}), (), powers=False).exponents(0) == [2]


@pytest.mark.parametrize("seed", range(20))
def test_children_are_canonical_within_the_alphabet_and_the_size(seed):
    rng = np.random.default_rng(seed)
    variation = Variation(Alphabet(2, frozenset({0}), frozenset({0}), (EXP, INV)), rng, 9)
    body = ((x,), (y,))
    for _ in range(100):
        child = variation.child(body, body)
        if child is None:
            continue
        body = child
        assert canonical(body) == body
        assert size(body) <= 9
        assert columns(body) <= {0, 1}
        assert set(functions(body)) <= {EXP, INV}


def test_an_alphabet_without_functions_makes_polynomials():
    variation = Variation(Alphabet(2, frozenset(), frozenset(), ()), np.random.default_rng(0), 9)
    body = ((x,), (y,))
    for _ in range(300):
        body = variation.child(body, ((x, y),)) or body
        assert not list(functions(body))


@pytest.mark.parametrize("seed", range(10))
def test_sums_inside_are_found_and_replaced_by_their_paths(seed):
    body = random_sum(np.random.default_rng(seed), 8)
    for path in paths(body):
        assert replaced(body, path, at(body, path)) == body
        assert at(replaced(body, path, ((y, y),)), path) == ((y, y),)
    assert len(list(paths(body))) == 1 + len(list(functions(body)))


def test_the_same_generator_makes_the_same_children():
    def line(seed):
        variation, body = Variation(ALPHABET, np.random.default_rng(seed), 10), ((x,),)
        found = []
        for _ in range(50):
            body = variation.child(body, ((y,),)) or body
            found.append(body)
        return found

    assert line(3) == line(3) != line(4)
