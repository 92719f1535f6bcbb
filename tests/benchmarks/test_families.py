"""The suite of families: what is drawn is what is compared, and a family can be run through."""

import numpy as np
import pytest

from benchmarks import families
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan


@pytest.mark.parametrize("kind", families.FORMS)
def test_shared_coefficients_are_the_same_in_every_case_and_others_are_not(kind):
    form = families.FORMS[kind]
    for seed in range(5):
        cases, shared = families.drawn(form, np.random.default_rng(seed))
        assert 3 <= len(cases) <= 5
        assert len(shared) < len(cases[0])
        for name in cases[0]:
            values = {case[name] for case in cases}
            assert len(values) == (1 if name in shared else len(cases))


@pytest.mark.parametrize("kind", families.FORMS)
def test_usual_systems_can_be_run(kind):
    form = families.FORMS[kind]
    usual = {(target, term): value for target, terms in form.terms.items() for term, value in terms.items()}
    X = families.trajectory(form, usual)
    assert X.shape == (len(form.terms), form.n_samples)
    assert np.isfinite(X).all()


def test_a_family_goes_through_the_suite():
    table, failed = families.run(Plan(seed=3, n_seeds=1, only="populations | noise 0.01", jobs=1), Campaign())
    assert [row[:3] for row in table.rows] == [("populations", "1 %", "1/1")]
    assert failed.rows == ()
