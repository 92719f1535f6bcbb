from benchmarks.calibration import LENGTHS, NOISES, SYSTEMS, _reliability, _verdicts, drawn, judged


def test_draws_are_of_every_system_and_of_many_kinds():
    draws = [drawn(seed) for seed in range(90)]
    assert {experiment.name for experiment, _ in draws} == {name for name, _ in SYSTEMS}
    assert {noise for _, noise in draws} == set(NOISES)
    assert {experiment.n_samples for experiment, _ in draws} == set(LENGTHS)
    assert draws == [drawn(seed) for seed in range(90)]


def test_a_draw_is_judged():
    """Seed 7 is logistic growth: one equation, and soon done."""
    record = judged(7)
    assert len(record["exact"]) == len(record["probability"]) == 1
    assert record["verdict"] in ("law", "several", "none")
    assert 0.0 <= record["probability"][0] <= 1.0


def test_tables_set_what_was_stated_beside_what_was_true():
    done = [
        {"probability": [0.97, 0.6], "exact": [True, False], "verdict": "several", "experiment": "a", "noise": 0.1},
        {"probability": [0.98, 0.96], "exact": [True, True], "verdict": "law", "experiment": "b", "noise": 0.1},
        {"probability": [0.97], "exact": [False], "verdict": "law", "experiment": "c", "noise": 0.01},
    ]
    rows = {row[0]: row[1:] for row in _reliability(done).rows}
    assert rows["0.95–0.99"] == ("4", "0.970", "0.750")
    assert rows["0.5–0.7"] == ("1", "0.600", "0.000")
    verdicts = _verdicts(done)
    assert ("law", "2", "1") in verdicts.rows
    assert "c, noise 0.01" in verdicts.note
