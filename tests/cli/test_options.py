"""Options of `discover run` that say which terms there are, and which cases."""

import json
from pathlib import Path

import numpy as np
import pytest

import discover


def family(path: Path) -> Path:
    """Write two decays at different rates, with columns run, t, x."""
    t = np.arange(120) * 0.05
    rows = [
        f"{run},{time:.2f},{x:.6f}"
        for run, rate in (("slow", 0.5), ("fast", 1.5))
        for time, x in zip(t, 2.0 * np.exp(-rate * t) + 0.002 * np.cos(57.0 * t), strict=True)
    ]
    path.write_text("\n".join(["run,t,x", *rows]) + "\n", encoding="utf-8")
    return path


def test_one_form_by_the_labels_of_a_column(program, tmp_path: Path) -> None:
    data = family(tmp_path / "decays.csv")
    result = program("run", data, "--time", "t", "--by", "run", "--library", "poly(2)", "--save", tmp_path / "law.json")
    assert result.exit_code == 0, result.stderr
    assert "x' = c₁(run)·x" in result.stdout
    assert "the coefficient of x differs by run" in result.stdout
    law = discover.load_law(tmp_path / "law.json")
    assert law.case("fast").equations["x"].terms[0].value == pytest.approx(-1.5, abs=0.02)
    settings = dict(law.law.provenance.settings)
    assert settings["by"] == "run"
    again = program("run", data, "--time", "t", "--by", settings["by"], "--library", settings["library"], "--json")
    rows = json.loads(again.stdout)["cases"]
    assert [row["run"] for row in rows] == ["slow", "fast"]
    assert rows[1]["value"] == law.case("fast").equations["x"].terms[0].value


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--by", "run", "--library", "poli(2)"), 'There is no library "poli". Did you mean "poly"'),
        (
            ("--by", "run", "--library", "poly(2)", "--degree", 2),
            "--library says which terms there are, and --degree too",
        ),
        (("--by", "rum"), 'no column "rum" for --by. Did you mean "run"'),
        (("--group", "run", "--library", "poly(2) - terms('sin(x)')"), '"sin(x)" cannot be left out'),
        (("--group", "run", "--library", "poly(1) + forced('log(x-1)')"), '"log(x - 1)" must be in and cannot be'),
    ],
)
def test_libraries_and_labels_that_cannot_be_are_told(program, tmp_path: Path, options, sentence: str) -> None:
    result = program("run", family(tmp_path / "decays.csv"), "--time", "t", *options)
    assert result.exit_code == 2
    assert sentence in result.stderr
