"""The table of choices knows which row the law took."""

from dataclasses import replace

from discover.export.choices import choices, is_chosen
from discover.export.specimen import specimen
from discover.front import Front
from tests.export.laws import Pair


def test_rows_go_from_simple_to_complex_and_one_is_chosen() -> None:
    law, front = specimen()
    rows = [row for row in choices(law, front) if row.target == "lynx"]
    assert [row.candidate.n_terms for row in rows] == [1, 2, 3, 4]
    assert [row.chosen for row in rows] == [False, True, False, False]


def test_a_row_is_recognised_in_any_order_of_its_terms() -> None:
    law, front = specimen()
    candidate = front.of("hare")[0]
    turned = replace(candidate, terms=candidate.terms[::-1], coefficients=candidate.coefficients[::-1])
    assert is_chosen(law, turned)
    assert not is_chosen(law, replace(turned, target="lynx"))


def test_of_two_rows_with_the_same_terms_the_better_is_chosen() -> None:
    law, front = specimen()
    best = front.of("hare")[0]
    twins = Front(("hare",), (replace(best, score=best.score + 1), best), 6, 36)
    assert [row.candidate.score for row in choices(law, twins) if row.chosen] == [best.score]


def test_at_most_one_row_of_a_target_is_chosen(pair: Pair) -> None:
    law, front = pair
    for target in front.targets:
        assert sum(row.chosen for row in choices(law, front) if row.target == target) <= 1
