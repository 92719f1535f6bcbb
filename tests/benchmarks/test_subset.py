from benchmarks.subset import _by, _sizes
from discover.sparse import gram
from tests.problems import problem_of, true_rows


def test_sizes_up_to_the_truth_are_proven_and_a_miss_is_seen():
    """Of two terms swaps take the wrong pair here: one that only works together leaves a quarter of its residual."""
    problem = problem_of("van der pol", n_samples=500)
    rows, supports, _ = true_rows("van der pol", problem)
    lines = _sizes(gram(problem, rows.terms).sum(axis=0), len(rows.terms), 1, len(supports[1]))
    assert [line["size"] for line in lines] == list(range(1, 11))
    assert all(line["proven"] for line in lines if line["beyond"] <= 0)
    assert [line["missed"] for line in lines[:3]] == [False, True, False]


def test_a_table_counts_what_was_proven_and_missed():
    line = {"terms": 35, "size": 4, "beyond": 1, "proven": True, "missed": False, "less": 0.0, "seconds": 0.1}
    other = {**line, "beyond": 5, "proven": False, "missed": True, "less": 0.01, "seconds": 0.3}
    assert _by([line, other], "size").rows == (("35", "4", "1/2", "1", "1 %", "0.200"),)
    assert [row[1] for row in _by([line, other], "beyond").rows] == ["1", "3 or more"]
