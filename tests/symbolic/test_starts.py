import numpy as np
import pytest

from discover.symbolic.skeletons import COLUMN, EXP, FUNCTION, LOG, POWER, SIN, SQRT, TANH, tape
from discover.symbolic.starts import INHERITED, N_STARTS, Starts

x = (COLUMN, 0, 2)
RNG = np.random.default_rng(1)
X = np.array([RNG.uniform(300.0, 900.0, 64)])


def drawn(which, *terms):
    made = tape((((FUNCTION, which, terms),),))
    return made, Starts(X, (5,)).of(made)[:, made.n_linear :]


@pytest.mark.parametrize("which", [SQRT, LOG, POWER])
def test_what_must_be_positive_begins_positive(which):
    _, c = drawn(which, (x,))
    assert (c[:, :1] + c[:, 1:2] * X > 0).all()


def test_coefficients_are_on_the_scale_of_the_data():
    _, c = drawn(EXP, (x,))
    reach = np.abs(c[:, 0]) * X.std()
    assert 0.2 < reach.min() < 1.0 < reach.max() < 10.0


def test_frequencies_cover_many_cycles():
    _, c = drawn(SIN, (x,))
    cycles = c[:, 1] * np.ptp(X) / (2 * np.pi)
    assert cycles.min() < 0.3
    assert cycles.max() > 7.0
    assert (np.diff(np.sort(cycles)) < 1.5).all()


def test_a_step_begins_within_the_data():
    _, c = drawn(TANH, (x,))
    middle = -c[:, 0] / c[:, 1]
    assert ((X.min() <= middle) & (middle <= X.max())).all()


def test_a_square_begins_as_a_peak_within_the_data():
    _, c = drawn(EXP, (x,), ((COLUMN, 0, 4),))
    middle = -c[::2, 0] / (2 * c[::2, 1])
    assert ((X.min() <= middle) & (middle <= X.max())).all()


def test_what_the_parent_had_is_inherited_and_what_is_new_begins_at_nothing():
    before = tape((((FUNCTION, SIN, ((x,),)),),))
    after = tape((((FUNCTION, SIN, ((x,), ((COLUMN, 0, 4),))),),))
    constants = np.array([9.0, 9.0, 0.3, 2.5])
    found = Starts(X, (5,)).of(after, (before, constants))
    assert found[0, after.n_linear :].tolist() == [0.3, 2.5, 0.0]
    assert found[1, after.n_linear + 1] != 2.5
    assert not np.isclose(found[INHERITED:, after.n_linear + 1], 2.5).any()


def test_two_of_a_kind_do_not_inherit_the_same():
    decay = ((FUNCTION, EXP, ((x,),)),)
    before, after = tape((decay,)), tape((decay, decay))
    found = Starts(X, (5,)).of(after, (before, np.array([1.0, 1.0, -0.01])))
    assert sorted(found[0, after.n_linear :] == -0.01) == [False, True]


def test_the_same_seed_draws_the_same():
    made = tape((((FUNCTION, SIN, ((x,),)),),))
    one, other = Starts(X, (5,)).of(made), Starts(X, (6,)).of(made)
    assert one.shape == (N_STARTS, made.n_free)
    assert np.array_equal(one, Starts(X, (5,)).of(made))
    assert not np.array_equal(one, other)
