"""`discover show` and `discover export`: what a law file is good for."""

import json
from pathlib import Path

import pytest

from discover.export import EXPORTERS


def test_show_prints_law_verdict_and_origin(program, law_file: Path) -> None:
    result = program("show", law_file)
    assert result.exit_code == 0
    for words in ("hare' = ", "verdict: ", "95 % interval", "from ", "again: discover"):
        assert words in result.stdout


@pytest.mark.parametrize("to", sorted(EXPORTERS))
def test_export_prints_what_the_exporter_writes(program, law_file: Path, to: str) -> None:
    import discover

    result = program("export", law_file, "--to", to)
    assert result.exit_code == 0
    assert result.stdout.rstrip("\n") == EXPORTERS[to](discover.load_law(law_file).law).rstrip("\n")


def test_export_writes_a_file_and_prints_nothing(program, law_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "law.py"
    result = program("export", law_file, "--to", "python", "--output", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert output.read_text(encoding="utf-8") == program("export", law_file, "--to", "python").stdout


def test_every_format_is_named_in_the_help(program) -> None:
    told = program("export", "--help").stdout
    assert all(name in told for name in EXPORTERS)


def test_export_needs_a_format_and_knows_near_ones(program, law_file: Path) -> None:
    assert program("export", law_file).exit_code == 2
    result = program("export", law_file, "--to", "latx")
    assert result.exit_code == 2
    assert result.stderr == 'discover: There is no format "latx". Did you mean "latex"?\n'


def test_a_file_that_cannot_be_written_is_2(program, law_file: Path, tmp_path: Path) -> None:
    result = program("export", law_file, "--to", "c", "--output", tmp_path / "nowhere" / "law.c")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["show"], ["export", "--to", "c"]])
def test_files_that_are_no_law_are_2(program, law_file: Path, tmp_path: Path, command: list[str]) -> None:
    bad = tmp_path / "bad.json"
    document = json.loads(law_file.read_text(encoding="utf-8"))
    del document["law"]["equations"][0]["target"]
    for content in ("", "{", "[]", '{"schema": "other"}', json.dumps(document)):
        bad.write_text(content, encoding="utf-8")
        result = program(*command, bad)
        assert result.exit_code == 2
        assert "bad.json" in result.stderr
        assert result.stderr.count("\n") == 1
    assert program(*command, tmp_path / "missing.json").exit_code == 2
