"""One trial: an experiment's file in, the law that was found beside the truth out.

`find` is the way of `discover run`: the data are written to a CSV and loaded from it.
"""

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import discover
from benchmarks.experiments import GROUP, TIME, Experiment
from benchmarks.metrics import Coefficients, extra, largest_error, missing
from benchmarks.plan import Record
from discover.expr import text

BUDGET = "180s"
"""Upper limit of one search, many times what it usually takes."""


def find(experiment: Experiment, noise: float, seed: int) -> Record:
    """Write a file, load it, search it in this process; return what was found beside the truth."""
    from discover import dynamics, load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        experiment.write(path, noise, seed)
        started = time.perf_counter()
        data = load(path, time=TIME, group=GROUP, inputs=list(experiment.system().inputs))
        library = experiment.library() if experiment.terms else None
        found = dynamics(data, library=library, seed=seed, budget=BUDGET, n_jobs=1)
        seconds = time.perf_counter() - started
    terms = [
        {
            "target": equation.target,
            "term": text(term.expr, equation.names),
            "value": term.value,
            "low": term.low,
            "high": term.high,
            "inclusion": term.inclusion,
        }
        for equation in found.law.equations
        for term in equation.terms
    ]
    reasons = list(found.verdict.reasons)
    return compared(experiment, noise, seed, terms, found.verdict.word, reasons, found.law.estimator, seconds)


def find_by_command(experiment: Experiment, noise: float, seed: int) -> Record:
    """Do the same through `discover run FILE --json` in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        experiment.write(path, noise, seed)
        started = time.perf_counter()
        answer = discover(["run", str(path), *experiment.options(), "--json", "--seed", str(seed)])
        seconds = time.perf_counter() - started
    document = json.loads(answer)
    terms = [
        {"target": equation["target"], **{key: term[key] for key in ("term", "value", "low", "high", "inclusion")}}
        for equation in document["equations"]
        for term in equation["terms"]
    ]
    verdict, reasons = document["verdict"], document["reasons"]
    return compared(experiment, noise, seed, terms, verdict, reasons, document["estimator"], seconds)


def compared(
    experiment: Experiment,
    noise: float,
    seed: int,
    terms: Sequence[Record],
    verdict: str,
    reasons: Sequence[str],
    estimator: str,
    seconds: float,
) -> Record:
    """Return the record of one answer: its terms, each beside its true value, and how right it is."""
    truth = experiment.truth()
    found = {(term["target"], term["term"]): term["value"] for term in terms}
    return {
        "experiment": experiment.key,
        "noise": noise,
        "seed": seed,
        "verdict": verdict,
        "reasons": list(reasons),
        "estimator": estimator,
        "seconds": round(seconds, 3),
        **score(found, truth),
        "terms": [{**term, "true": truth.get((term["target"], term["term"]), 0.0)} for term in terms],
    }


def score(found: Coefficients, truth: Coefficients) -> Record:
    """Return the exactness, the wrong terms and the largest relative error of an answer."""
    lost, spurious = missing(found, truth), extra(found, truth)
    return {
        "exact": not (lost or spurious),
        "missing": lost,
        "extra": spurious,
        "error": largest_error(found, truth),
    }
