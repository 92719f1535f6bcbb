"""Shares by variable sum to the shares by term."""

from dataclasses import replace

import pytest

from discover.export.importance import coefficients, term_rows, variable_rows, variable_shares
from discover.export.specimen import specimen
from tests.export.laws import Pair, one_state, ten_states


def test_shares_keep_their_sum() -> None:
    for equation in (*specimen()[0].equations, *ten_states()[0].equations):
        total = sum(term.share for term in equation.terms)
        assert sum(variable_shares(equation).values()) == pytest.approx(total)


def test_a_constant_term_belongs_to_no_variable() -> None:
    (equation,) = one_state()[0].equations
    assert set(variable_shares(equation)) == {"x", "1"}


def test_an_equation_without_terms_has_no_shares() -> None:
    equation = replace(specimen()[0].equations[0], terms=())
    assert variable_shares(equation) == {}


def test_one_row_for_every_term(pair: Pair) -> None:
    law, _ = pair
    assert len(term_rows(law)) == sum(len(coefficients(equation)) for equation in law.equations)
    assert {row["target"] for row in variable_rows(law)} <= set(law.states)
