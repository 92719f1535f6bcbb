"""`discover demo`: the shipped tables, found without being told the form."""

import re
from pathlib import Path

import pytest

import discover


def terms_of(law: Path) -> dict[str, set[str]]:
    found = discover.load_law(law)
    names = found.law.names
    from discover.expr import text

    return {target: {text(term.expr, names) for term in equation.terms} for target, equation in found.equations.items()}


def test_the_demo_finds_hares_and_lynxes(program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = program("demo")
    assert result.exit_code == 0, result.stderr
    assert terms_of(tmp_path / "out" / "law.json") == {"hare": {"hare", "hare*lynx"}, "lynx": {"lynx", "hare*lynx"}}
    assert re.search(r"verdict: (law|several)", result.stdout)
    assert "95 % interval" in result.stdout
    assert result.stdout.rstrip().endswith(f"report: {Path('out') / 'report.html'}")
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000


def test_another_table_and_another_folder(program, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    result = program("demo", "--name", "cooling", "--output", folder)
    assert result.exit_code in (0, 3), result.stderr
    assert {path.name for path in folder.iterdir()} == {"report.html", "law.json"}
    assert list(terms_of(folder / "law.json")) == ["T"]


def test_the_pendulum_is_offered_a_sine(program, tmp_path: Path) -> None:
    assert program("demo", "--name", "pendulum", "--output", tmp_path).exit_code in (0, 3)
    assert "sin(theta)" in terms_of(tmp_path / "law.json")["omega"]


def test_every_shipped_table_is_named_in_the_help(program) -> None:
    told = program("demo", "--help").stdout
    assert all(name in told for name in discover.example_names())


def test_an_unknown_table_is_2(program, tmp_path: Path) -> None:
    result = program("demo", "--name", "pelt", "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert '"pelts"' in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_2(program, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    result = program("demo", "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
