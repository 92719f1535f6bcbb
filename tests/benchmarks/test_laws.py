import csv
import json

import numpy as np
import pytest

from benchmarks import laws
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan
from discover.expr import parse
from discover.inference.forms import Form

VARIABLES = [{"name": "x", "low": 1.0, "high": 3.0}, {"name": "b", "low": 1.0, "high": 2.0}]
LAW = {"formula": "x**2/(4*pi*b)", "variables": VARIABLES}


@pytest.fixture
def folder(tmp_path):
    with (tmp_path / laws.FILE).open("w", newline="") as out:
        writer = csv.DictWriter(out, ["set", "id", "formula", "variables"])
        writer.writeheader()
        writer.writerow({"set": "feynman", "id": "A.1", "formula": LAW["formula"], "variables": json.dumps(VARIABLES)})
        writer.writerow({"set": "bonus", "id": "B.1", "formula": "x", "variables": json.dumps(VARIABLES)})
    return tmp_path


@pytest.mark.parametrize(
    ("form", "start", "equal"),
    [
        ("a*x**2/b", (1.0,), True),
        ("x/(a*b/x)", (1.0,), True),
        ("a*x**2/b + c*x", (1.0, 0.5), True),  # the superfluous constant is fitted to nothing
        ("a*x/b", (1.0,), False),
        ("0.08*x**2/b", (), False),
    ],
)
def test_the_scorer_knows_equal_forms_from_others(form, start, equal):
    names = ["x", "b", *"ac"[: len(start)]]
    assert laws.is_form_of(Form(parse(form, names), 2, start), LAW, np.random.default_rng(0)) is equal


def test_a_law_is_solved_and_tabulated(folder):
    tables = laws.run(Plan(data=folder, seed=5), Campaign())
    assert tables[0].rows[0][:3] == ("0 %", "1/1", "1/1")


def test_without_data_it_says_what_it_needs(tmp_path):
    with pytest.raises(SystemExit, match="--data DIR"):
        laws.run(Plan(), Campaign())
    with pytest.raises(SystemExit, match=laws.FILE):
        laws.run(Plan(data=tmp_path), Campaign())
