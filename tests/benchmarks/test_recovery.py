"""What counts as right, and how misses are shown."""

from benchmarks.campaign import Campaign
from benchmarks.experiments import USUAL
from benchmarks.plan import Plan
from benchmarks.recovery import key, right, run
from benchmarks.trial import compared


def record(noise: float, factor: float, verdict: str = "law", lost: bool = False) -> dict:
    """Return the record of an answer whose coefficients are the true ones times `factor`."""
    truth = dict(USUAL[1].truth())
    if lost:
        truth.popitem()
    terms = [
        {"target": target, "term": term, "value": value * factor, "low": value, "high": value, "inclusion": 1.0}
        for (target, term), value in truth.items()
    ]
    return compared(USUAL[1], noise, 7, terms, verdict, ["because"], "trajectories", 1.0)


def test_the_noise_sets_what_is_near_enough() -> None:
    assert right(record(0.01, 1.009))
    assert not right(record(0.01, 1.011))
    assert right(record(0.05, 1.049))
    assert right(record(0.001, 1.009))
    assert not right(record(0.05, 1.0, lost=True))


def test_every_miss_is_listed_with_its_terms() -> None:
    experiment = USUAL[1]
    known = {
        key(experiment, 0.01, 7): record(0.01, 1.0, lost=True),
        key(experiment, 0.05, 7): {"error_text": "boom"},
        key(experiment, 0.01, 7, "command | "): record(0.01, 1.0),
    }
    plan = Plan(seed=7, n_seeds=1, only=experiment.key)
    usual, _, misses = run(plan, Campaign(records=known))
    assert [row[2] for row in usual.rows] == ["0/1 ✗", "0/1 (1 failed) ✗"]
    assert [row[3].split()[0] for row in misses.rows] == ["lacks", "boom"]
