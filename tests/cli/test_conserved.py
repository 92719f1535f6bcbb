"""`discover conserved`: a table in, quantities and their files out."""

import json

import numpy as np
import pytest


@pytest.fixture
def table(tmp_path):
    t, rng, lines = 0.05 * np.arange(200), np.random.default_rng(1), ["run,t,x,v"]
    for k, a in enumerate((0.8, 1.5)):
        x, v = a * np.cos(t) + 0.01 * rng.standard_normal(200), -a * np.sin(t) + 0.01 * rng.standard_normal(200)
        lines += [f"r{k},{row[0]},{row[1]},{row[2]}" for row in zip(t, x, v, strict=True)]
    path = tmp_path / "swing.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_json_is_one_document_with_what_to_require(program, table, tmp_path):
    saved, page = tmp_path / "kept.json", tmp_path / "page.html"
    options = ["--time", "t", "--group", "run", "--degree", "2", "--save", str(saved), "--report", str(page), "--json"]
    result = program("conserved", table, *options)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["require"] == ["conserve: x**2 + v**2"]
    assert document["files"] == {"quantities": str(saved), "report": str(page)}
    assert saved.exists()
    assert page.exists()


def test_nothing_conserved_is_exit_code_three(program, table):
    options = ["--time", "t", "--group", "run", "--library", "poly(1)"]
    result = program("conserved", table, *options)
    assert result.exit_code == 3, result.output
    assert "no conserved quantity" in result.stdout


def test_wrong_options_are_one_sentence(program, table):
    result = program("conserved", table, "--time", "t", "--group", "run", "--most", "0")
    assert result.exit_code == 2
    assert "must be a whole number" in result.stderr
