"""Coverage and calibration from records whose figures can be read off."""

from benchmarks.coverage import equation_probabilities, intervals, term_probabilities

RECORD = {
    "missing": ["x: y"],
    "extra": ["x: y**2"],
    "reasons": ["The equation of x has probability 0.62; its nearest rival (0.31) has 3 terms and differs in 2. More"],
    "terms": [
        {"target": "x", "term": "x", "low": 0.9, "high": 1.1, "true": 1.0, "inclusion": 0.99},
        {"target": "x", "term": "y**2", "low": 0.2, "high": 0.4, "true": 0.0, "inclusion": 0.6},
        {"target": "y", "term": "y", "low": 1.1, "high": 1.3, "true": 1.0, "inclusion": 0.95},
    ],
}


def test_an_interval_of_a_false_term_should_hold_zero() -> None:
    assert intervals([RECORD]) == [True, False, False]


def test_probabilities_stand_beside_what_happened() -> None:
    assert term_probabilities([RECORD]) == [(0.99, True), (0.6, False), (0.95, True)]
    assert equation_probabilities([RECORD]) == [(0.62, False), (None, True)]


def test_the_judge_still_words_it_so() -> None:
    import inspect

    from discover.judge import verdict

    assert "has probability {mine[candidate]:.2f};" in inspect.getsource(verdict)
