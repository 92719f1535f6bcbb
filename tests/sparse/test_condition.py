import numpy as np
import pytest

from discover.errors import SettingError
from discover.expr import parse
from discover.sparse.condition import MOST_TERMS, check_size, condition, library_notes, unit_gram

NAMES = ["x", "y"]


def notes_on(values, texts, n_rows=None):
    """Return the notes on columns with these values."""
    Z = np.asarray(values, dtype=float)
    terms = [parse(text, NAMES) for text in texts]
    return library_notes(Z @ Z.T, terms, n_rows or Z.shape[1], NAMES, ("t",))


def test_the_condition_is_that_of_the_columns_at_unit_norm():
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((4, 50)) * np.array([[1.0], [1e6], [1e-3], [5.0]])
    unit = Z / np.linalg.norm(Z, axis=1, keepdims=True)
    assert condition(unit_gram(Z @ Z.T, 4)) == pytest.approx(np.linalg.cond(unit.T), rel=1e-6)


def test_a_good_library_states_its_size_and_condition():
    rng = np.random.default_rng(1)
    (note,) = notes_on(rng.standard_normal((2, 100)), ["x", "y"])
    assert note.startswith("2 library terms; the condition number of their columns at unit norm is 1.")


def test_terms_that_are_alike_are_named():
    x, y = np.random.default_rng(2).standard_normal((2, 100))
    notes = notes_on([x, y, x + 1e-9 * y], ["x", "y", "sin(x)"])
    assert "nearly multiples of each other: x and sin(x)" in notes[1]


def test_combinations_are_named_where_no_pair_is_alike():
    a, b = np.random.default_rng(3).standard_normal((2, 100))
    notes = notes_on([a, b, a + b], ["x", "y", "x*y"])
    assert "nearly combinations of others" in notes[1]
    assert "beyond what double precision resolves" in notes[0] or "e+" in notes[0]


def test_fewer_rows_than_terms_is_said():
    notes = notes_on(np.random.default_rng(4).standard_normal((3, 2)), ["x", "y", "x*y"], n_rows=2)
    assert "The data have 2 rows for 3 terms" in notes[-1]


def test_a_column_without_any_value_harms_nothing():
    assert "beyond" in notes_on([[0.0, 0.0], [1.0, 2.0]], ["x", "y"])[0]


def test_a_library_larger_than_memory_is_one_sentence():
    check_size(MOST_TERMS, 3)
    with pytest.raises(
        SettingError, match=r"has 100000 terms, and at most 4000.*would take 80.0 GB\); lower the degree"
    ):
        check_size(100_000, 3)
