"""From settings to arguments."""

from pathlib import Path

from discover.batch.call import arguments, found_in, library_of, loaded
from discover.batch.plan import Job
from discover.expr import Polynomial, Terms
from tests.batch.conftest import decay


def test_each_setting_goes_where_it_belongs() -> None:
    settings = {"seed": 1, "threads": 2, "inputs": ["u"], "columns": "x", "memory_limit": "1 GB", "order": 2}
    assert arguments(settings, "load", "table") == {"inputs": ["u"], "columns": "x"}
    assert arguments(settings, "dynamics", "find") == {"seed": 1, "n_jobs": 2, "order": 2}


def test_libraries_are_put_together(tmp_path: Path) -> None:
    dataset = loaded(Job("a", (str(decay(tmp_path / "a.csv")),), {}))
    assert library_of({}, dataset) is None
    assert repr(library_of({"degree": 2, "terms": ["sin(x)"]}, dataset)) == repr(Polynomial(2) + Terms("sin(x)"))
    assert "Rational" in repr(library_of({"denominator": 1}, dataset))
    assert "TimeDerivatives" in repr(library_of({"degree": 2, "order": 2}, dataset))


def test_a_formula_is_found(tmp_path: Path) -> None:
    import numpy as np

    a, b = np.random.default_rng(0).uniform(1.0, 2.0, (2, 80))
    np.savetxt(tmp_path / "f.csv", np.c_[a, b, a * b], delimiter=",", header="a,b,c", comments="")
    settings = {"target": "c", "columns": ["a", "b"], "max_evals": 200, "engine": "auto"}
    found = found_in(Job("f", (str(tmp_path / "f.csv"),), settings), lambda step, share: None)
    assert dict(found.law.provenance.settings)["max_evals"] == "200"
    assert "budget" not in dict(found.law.provenance.settings)
    assert "a·b" in repr(found).splitlines()[0]
