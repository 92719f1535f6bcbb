"""`discover run`: from a file to a law, to its files, and to one sentence where it cannot be."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import discover
from discover.simulate import generate, known_system
from tests.noisy import logistic, measured, path

TIMES = np.arange(60) * 0.1


def table(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def circle(path: Path, change: Callable[[list[list[str]]], None] = lambda rows: None) -> Path:
    """Write t, x, y of a harmonic oscillator, after `change` has spoilt the rows."""
    rows = [[f"{t:.1f}", f"{np.cos(t):.6f}", f"{-np.sin(t):.6f}"] for t in TIMES]
    change(rows)
    return table(path, "t,x,y", [",".join(row) for row in rows])


def oscillators(path: Path, noise: float = 0.01) -> Path:
    """Write two trajectories of a forced oscillator, with columns run, t, x, v, u."""
    data = generate(known_system("forced oscillator"), n_trajectories=2, n_samples=300, noise=noise, seed=3)
    columns = [data[name].values for name in ("trajectory", "time", "x", "v", "u")]
    rows = [",".join(str(value) for value in row) for row in zip(*columns, strict=True)]
    return table(path, "run,t,x,v,u", rows)


def test_a_table_gives_a_law_and_its_files(program, pelts: Path, tmp_path: Path) -> None:
    report, law = tmp_path / "report.html", tmp_path / "law.json"
    result = program("run", pelts, "--time", "year", "--degree", 2, "--report", report, "--save", law)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    assert "hare' = " in result.stdout
    assert "hare·lynx" in result.stdout
    assert "95 % interval" in result.stdout
    assert "verdict: " in result.stdout
    assert result.stdout.splitlines()[-2:] == [f"law: {law}", f"report: {report}"]
    assert discover.load_law(law).law.provenance.source == "pelts.csv"
    assert report.read_text(encoding="utf-8").lower().startswith("<!doctype html")


def test_json_is_one_document_and_nothing_else(program, tmp_path: Path) -> None:
    law = tmp_path / "law.json"
    data = oscillators(tmp_path / "pushed.csv")
    options = (
        "--time",
        "t",
        "--group",
        "run",
        "--inputs",
        "u",
        "--degree",
        1,
        "--units",
        "x=m,v=m s-1",
        "--units",
        "t=s",
    )
    result = program("run", data, *options, "--save", law, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert list(document) == [
        "discover", "verdict", "reasons", "interrupted", "estimator", "equations", "cases", "requirements",
        "suggestions", "groups", "notes", "files",
    ]  # fmt: skip
    assert document["verdict"] in ("law", "several")
    assert document["interrupted"] is False
    assert document["files"] == {"law": str(law)}
    velocity = {term["term"]: term for term in document["equations"][1]["terms"]}
    assert set(velocity) == {"x", "v", "u"}
    assert velocity["x"]["low"] < -4.0 < velocity["x"]["high"]
    assert velocity["x"]["value"] == pytest.approx(-4.0, rel=0.02)
    assert velocity["v"]["unit"] == "1/s"
    assert [equation["target"] for equation in document["equations"]] == ["x", "v"]


def test_the_fields_of_the_document_stand_in_the_help(program, pelts: Path) -> None:
    document = json.loads(program("run", pelts, "--degree", 1, "--max-evals", 3, "--json").stdout)
    told = " ".join(program("run", "--help").stdout.split())
    equation = document["equations"][0]
    for field in (*document, *equation, *(equation["terms"][0] if equation["terms"] else ())):
        assert field in told


def test_terms_forms_and_seeds_reach_the_search(program, tmp_path: Path) -> None:
    data = generate(known_system("pendulum"), n_samples=300, noise=0.01, seed=2)
    path = tmp_path / "pendulum.csv"
    data.to_dataframe().reset_index().to_csv(path, index=False)
    law = tmp_path / "law.json"
    options = ("--terms", "sin(theta)", "--degree", 1, "--form", "strong", "--seed", 4, "--jobs", 1, "--save", law)
    result = program("run", path, *options)
    assert result.exit_code in (0, 3), result.stderr
    provenance = discover.load_law(law).law.provenance
    assert provenance.seed == 4
    assert "sin(theta)" in str(provenance.settings)
    assert "Strong" in str(provenance.settings)


def test_terms_without_a_degree_join_the_usual_polynomials(program, pelts: Path, tmp_path: Path) -> None:
    law = tmp_path / "law.json"
    assert program("run", pelts, "--terms", "hare/lynx", "--terms", "sqrt(hare)", "--save", law).exit_code in (0, 3)
    assert discover.load_law(law).front.n_library == 12


def test_columns_choose_the_states(program, pelts: Path) -> None:
    document = json.loads(program("run", pelts, "--columns", "lynx", "--inputs", "hare", "--json").stdout)
    assert [equation["target"] for equation in document["equations"]] == ["lynx"]


def heat(path: Path) -> Path:
    """Write t, x, u of u_t = 0.1 u_xx, one row for each point, by its decaying modes."""
    t, x = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 4, 60), np.linspace(0, 6, 64), indexing="ij"))
    modes = [(1.0, 1.0, 0.3), (0.6, 2.0, 1.1), (0.4, 3.0, 2.0)]
    u = sum(a * np.exp(-0.1 * k**2 * t) * np.cos(k * x + phase) for a, k, phase in modes)
    return table(
        path, "t,x,u", [f"{a!r},{b!r},{c!r}" for a, b, c in zip(t.tolist(), x.tolist(), u.tolist(), strict=True)]
    )


def test_space_makes_a_field_of_a_table(program, tmp_path: Path) -> None:
    data = heat(tmp_path / "heat.csv")
    result = program("run", data, "--time", "t", "--space", "x", "--json")
    assert result.exit_code == 0, result.stderr
    (equation,) = json.loads(result.stdout)["equations"]
    (term,) = equation["terms"]
    assert "x" in term["term"]
    assert term["value"] == pytest.approx(0.1, rel=1e-3)
    assert_refused(program("run", data, "--space", "y"), 'no column "y" for --space')
    assert_refused(program("run", data, "--time", "t"), '--space "x"')


def test_noise_alone_is_3_and_everything_is_written(program, tmp_path: Path) -> None:
    walk = np.cumsum(np.random.default_rng(7).standard_normal((300, 2)), axis=0)
    rows = [f"{t},{a},{b}" for t, (a, b) in enumerate(walk)]
    data = table(tmp_path / "walk.csv", "t,a,b", rows)
    law, report = tmp_path / "law.json", tmp_path / "report.html"
    result = program("run", data, "--save", law, "--report", report)
    assert result.exit_code == 3
    assert "verdict: none" in result.stdout
    assert discover.load_law(law).verdict.word == "none"
    assert report.exists()


def infinite(rows: list[list[str]]) -> None:
    rows[20][1] = "inf"


def word(rows: list[list[str]]) -> None:
    rows[20][1] = "broken"


def back_in_time(rows: list[list[str]]) -> None:
    rows[20], rows[21] = rows[21], rows[20]


def twice(rows: list[list[str]]) -> None:
    rows[21][0] = rows[20][0]


def still(rows: list[list[str]]) -> None:
    for row in rows:
        row[1] = "4.5"


def missing(rows: list[list[str]]) -> None:
    for row in rows:
        row[1] = ""


def few(rows: list[list[str]]) -> None:
    del rows[4:]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (infinite, ["x", "inf"]),
        (word, ["x", "broken", "22"]),
        (back_in_time, ["t", "back"]),
        (twice, ["t", "2"]),
        (still, ["x", "4.5"]),
        (missing, ["x"]),
        (few, ["4", "5"]),
    ],
)
def test_bad_data_are_told_in_a_sentence(program, tmp_path: Path, spoil, words: list[str]) -> None:
    result = program("run", circle(tmp_path / "spoilt.csv", spoil), "--time", "t")
    assert_refused(result, *words)


def assert_refused(result, *words: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("discover: ")
    assert result.stderr.count("\n") == 1
    for expected in words:
        assert expected in result.stderr


def test_bad_files_are_told_in_a_sentence(program, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "torn.nc").write_bytes(b"\x89HDF\r\n\x1a\nand then nothing")
    table(tmp_path / "words.csv", "a,b", ["x,y", "z,w"])
    table(tmp_path / "units.csv", "t [s],x [frobs/s]", [f"{t},{np.cos(t)}" for t in TIMES])
    assert_refused(program("run", tmp_path / "missing.csv"), "missing.csv")
    assert_refused(program("run", tmp_path), "folder")
    assert_refused(program("run", tmp_path / "empty.csv"), "empty.csv")
    assert_refused(program("run", tmp_path / "torn.nc"), "torn.nc")
    assert_refused(program("run", tmp_path / "words.csv"), "words.csv")
    assert_refused(program("run", tmp_path / "units.csv"), "frobs")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--time", "tt"], ['no column "tt" for --time. Did you mean "t"?']),
        (["--columns", "x", "--inputs", "x"], ['"x" is given by --inputs and by --columns;']),
        (["--group", "xx"], ["xx"]),
        (["--inputs", "yy"], ["yy"]),
        (["--columns", "x,zz"], ["zz"]),
        (["--units", "x"], ["--units", "name=unit"]),
        (["--units", "x=frob"], ["frob"]),
        (["--units", "xx=m"], ["xx"]),
        (["--engine", "spare"], ['"sparse"']),
        (["--form", "week"], ['"weak"']),
        (["--budget", "soon"], ["soon", "60s"]),
        (["--budget", "-3"], ["-3"]),
        (["--max-evals", "0"], ["--max-evals must", "0"]),
        (["--degree", "-1"], ["degree", "-1"]),
        (["--degree", "99"], ["degree", "99"]),
        (["--jobs", "0"], ["--jobs must", "0"]),
        (["--terms", "sin(x"], ["sin(x"]),
        (["--terms", "sine(x)"], ["sin"]),
        (["--terms", "sin(w)"], ["w"]),
        (["--report", "nowhere/report.html"], ["nowhere"]),
        (["--save", "nowhere/law.json"], ["nowhere"]),
    ],
)
def test_bad_options_are_told_in_a_sentence(program, tmp_path: Path, options: list[str], words: list[str]) -> None:
    assert_refused(program("run", circle(tmp_path / "circle.csv"), *options), *words)


INTERRUPTING = """
import os, signal, sys
from contextlib import contextmanager
import discover.cli.run
from discover.cli import main

@contextmanager
def progress(first):
    steps = [{step!r}]
    def observe(step, share):
        if step in steps and share >= {share}:
            steps.remove(step)
            os.kill(os.getpid(), signal.SIGINT)
    yield observe

discover.cli.run.progress = progress
main()
"""


def interrupted(step: str, share: float, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `discover` in a process of its own, and press Ctrl-C once, when `share` of `step` is done."""
    return subprocess.run(
        [sys.executable, "-c", INTERRUPTING.format(step=step, share=share), *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a background shell ignores it
    )


@pytest.mark.parametrize(("step", "share"), [("candidates", 0.5), ("trajectories", 0.0), ("trajectories", 0.01)])
def test_an_interrupt_is_130_and_writes_the_best_so_far(pelts: Path, tmp_path: Path, step: str, share: float) -> None:
    law = tmp_path / "law.json"
    done = interrupted(step, share, "run", str(pelts), "--save", str(law), "--json")
    assert done.returncode == 130
    assert done.stderr == "discover: interrupted; this is the best so far.\n"
    assert json.loads(done.stdout)["interrupted"] is True
    found = discover.load_law(law)
    assert found.front.interrupted
    assert found.front.candidates


def test_an_interrupt_before_the_search_is_130(pelts: Path) -> None:
    done = interrupted("library", 0.0, "run", str(pelts))
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def swinging(path: Path, columns: str = "t,x") -> Path:
    """Write the positions of x'' = -x - 0.2 x' with 1 % of noise."""
    t = np.arange(0.0, 30.0, 0.06)
    x = np.exp(-0.1 * t) * np.cos(np.sqrt(0.99) * t) + 0.005 * np.random.default_rng(2).standard_normal(len(t))
    return table(path, columns, [f"{a:.2f},{b:.6f}" for a, b in zip(t, x, strict=True)])


@pytest.mark.parametrize("order", ["2", "x=2"])
def test_a_law_of_second_order_from_positions_alone(program, tmp_path: Path, order: str) -> None:
    data = swinging(tmp_path / "positions.csv")
    result = program("run", data, "--order", order, "--degree", 2, "--terms", "sin(t)", "--json")
    assert result.exit_code == 0, result.stderr
    (equation,) = json.loads(result.stdout)["equations"]
    assert equation["order"] == 2
    assert {term["term"] for term in equation["terms"]} == {"x", 'D(x, "t", 1)'}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--order", "3"), "order must be 1"),
        (("--order", "two"), '--order got "two"; it takes 1 or 2, or name=number pairs'),
        (("--order", "2,x=2"), '--order got "2"; it takes 1 or 2, or name=number pairs'),
        (("--order", "y=2"), '--order names "y", which is no state'),
        (("--terms", "D(x, t, 1)"), "with which no law runs forward"),
    ],
)
def test_orders_that_cannot_be_are_told_in_a_sentence(program, tmp_path: Path, options, sentence: str) -> None:
    result = program("run", swinging(tmp_path / "positions.csv"), *options)
    assert result.exit_code == 2
    assert sentence in result.stderr.replace("\n", " ")


def test_a_denominator_makes_the_law_rational(program, tmp_path: Path) -> None:
    data = table(tmp_path / "decay.csv", "t,x", [f"{t},{x}" for t, x in hyperbolic()])
    result = program("run", data, "--time", "t", "--degree", 1, "--denominator", 1, "--json")
    assert result.exit_code == 0, result.stderr
    (equation,) = json.loads(result.stdout)["equations"]
    assert [term["term"] for term in equation["terms"]] == ["x"]
    assert [term["term"] for term in equation["denominator"]] == ["1", "x"]
    assert equation["denominator"][1]["low"] < 2.0 < equation["denominator"][1]["high"]


def hyperbolic() -> list[tuple[float, float]]:
    """Return samples of x' = -4 x / (1 + 2 x) with a little noise."""
    from scipy.special import lambertw

    t = np.linspace(0.0, 3.0, 150)
    x = 0.5 * lambertw(2.0 * 2.0 * np.exp(2.0 * 2.0 - 4.0 * t)).real
    return list(zip(t, x + 0.005 * np.random.default_rng(1).standard_normal(150), strict=True))


def test_a_denominator_of_no_degree_is_answered(program, pelts: Path) -> None:
    result = program("run", pelts, "--time", "year", "--denominator", 0)
    assert result.exit_code == 2
    assert "--denominator takes a degree from 1 on" in result.stderr


def test_a_map_and_a_stochastic_equation_are_forms_too(program, tmp_path: Path) -> None:
    jumps = table(tmp_path / "map.csv", "n,x", [f"{n},{v:.6f}" for n, v in enumerate(measured(logistic(), 0.01))])
    result = program("run", jumps, "--time", "n", "--form", "map", "--json")
    assert result.exit_code == 0, result.stderr
    assert [equation["kind"] for equation in json.loads(result.stdout)["equations"]] == ["map"]
    rows = [f"{0.05 * k:.2f},{v:.6f}" for k, v in enumerate(path()[0])]
    kicked, law = table(tmp_path / "well.csv", "t,x", rows), tmp_path / "law.json"
    result = program("run", kicked, "--time", "t", "--form", "stochastic", "--save", law)
    assert result.exit_code == 0, result.stderr
    assert "x³] dt + g_x dW" in result.stdout
    assert "g_x²: 1" in result.stdout
    assert discover.load_law(law).law.diffusion[0].target == "x"
