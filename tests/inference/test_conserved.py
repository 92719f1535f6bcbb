"""Which sums are conserved: few terms, none twice, none where nothing is."""

import numpy as np
import pytest

import discover
from discover.data.formulate import formulate
from discover.expr import Polynomial, text
from discover.expr.monomials import exponents
from discover.inference.conserved import conserved_sums
from discover.inference.constancy import tracks_of, usable


def searched(runs, degree=2, most=2):
    """Return the supports that are conserved, as texts, and the outcome."""
    problem = formulate(discover.load([discover.load(run, time="t") for run in runs]))
    terms = [term for term in Polynomial(degree).build(problem.names) if term.variables]
    tracks = tracks_of(problem, terms)
    kept = usable(tracks)
    terms, tracks = [terms[k] for k in kept], [track.of(kept) for track in tracks]
    sizes, plain = [term.complexity for term in terms], [exponents(term) is not None for term in terms]
    outcome = conserved_sums(tracks, sizes, plain, most, lambda step, share: None)
    return [sorted(text(terms[k], problem.names) for k in one.chosen) for one in outcome.found], outcome


def oscillators(n=3, noise=0.01, seed=0):
    """Return runs of two oscillators that know nothing of each other."""
    t, rng, runs = 0.06 * np.arange(220), np.random.default_rng(seed), []
    for _ in range(n):
        (a, b), (f, g) = rng.uniform(0.6, 1.6, 2), rng.uniform(0.0, 6.0, 2)
        states = {"x": a * np.cos(t + f), "v": -a * np.sin(t + f)}
        states |= {"y": b * np.cos(1.7 * t + g), "w": -1.7 * b * np.sin(1.7 * t + g)}
        runs.append({"t": t, **{name: values + noise * rng.standard_normal(len(t)) for name, values in states.items()}})
    return runs


def test_both_energies_are_found_and_nothing_that_is_made_of_them():
    found, _ = searched(oscillators(), most=3)
    assert found == [["v**2", "x**2"], ["w**2", "y**2"]]


def test_powers_of_what_was_found_are_no_further_quantities():
    runs = [{name: run[name] for name in ("t", "x", "v")} for run in oscillators()]
    found, _ = searched(runs, degree=4, most=3)
    assert found == [["v**2", "x**2"]]


@pytest.mark.parametrize("kind", ["walk", "white"])
def test_nothing_is_claimed_of_what_has_no_law(kind):
    steps = np.random.default_rng(3).standard_normal((3, 2, 300))
    values = np.cumsum(steps, axis=2) if kind == "walk" else steps
    found, outcome = searched([{"t": 0.1 * np.arange(300), "x": x, "y": y} for x, y in values], degree=3)
    assert found == []
    assert all(one.refusal for one in outcome.refused)


def test_a_long_sum_on_one_level_is_refused():
    t = 0.06 * np.arange(300)
    x, y = np.cos(t), np.sin(t) + 0.3 * np.cos(2 * t) + 0.2 * np.sin(3 * t)
    rng = np.random.default_rng(0)
    found, _ = searched(
        [{"t": t, "x": x + 0.02 * rng.standard_normal(300), "y": y + 0.02 * rng.standard_normal(300)}], degree=4
    )
    assert found == []


def test_an_interrupt_keeps_what_was_found_before_it(monkeypatch):
    from discover.inference import conserved

    calls = []

    def interrupted(*given):
        calls.append(given)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return honest(*given)

    honest = conserved._next
    monkeypatch.setattr(conserved, "_next", interrupted)
    found, outcome = searched(oscillators(), most=3)
    assert outcome.interrupted
    assert len(found) == 1
