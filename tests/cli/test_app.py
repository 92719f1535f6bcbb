"""The program as a whole: help, version, unknown commands, and what a shell sees of it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from discover.cli import main; main()"]


def shell(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False, **options)


def test_without_arguments_it_helps(program) -> None:
    assert program().exit_code == 0
    assert program().stdout == program("--help").stdout
    assert "Exit codes" in program("-h").stdout


def test_every_command_explains_itself(program) -> None:
    listed = [
        line.split()[0] for line in program("--help").stdout.partition("Commands:")[2].splitlines() if line.strip()
    ]
    assert listed == ["demo", "run", "conserved", "show", "export", "batch", "summary", "engines"]
    for command in listed:
        result = program(command, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith("Usage:")
        first = result.stdout.splitlines()[2].strip()
        assert first.endswith("."), f"{command} has no sentence of its own"


def test_version(program) -> None:
    assert program("--version").stdout.split()[0] == "discover"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["rum"], "run"),
        (["run", "data.csv", "--degre", "2"], "--degree"),
        (["engines", "--warmm"], "--warm"),
        (["run"], "DATA"),
        (["run", "data.csv", "--degree", "two"], "--degree"),
        (["run", "data.csv", "--seed", "-1"], "--seed"),
        (["run", "data.csv", "--spac", "x"], "--space"),
        (["run", "data.csv", "--resume"], "--resume"),
    ],
)
def test_wrong_usage_is_2_with_a_hint(program, arguments: list[str], hint: str) -> None:
    result = program(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert hint in result.stderr
    assert "Traceback" not in result.stderr


def test_a_shell_sees_the_exit_code_and_one_sentence() -> None:
    done = shell("run", "missing.csv")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("discover: ")
    assert done.stderr.count("\n") == 1


def test_the_installed_program_is_this_one() -> None:
    program = Path(sys.executable).with_name("discover")
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == shell("--version").stdout


def test_a_reader_that_leaves_early_is_no_fault(law_file: Path) -> None:
    """`discover show law.json | head -0` must not end in a traceback."""
    with subprocess.Popen(
        [*PROGRAM, "show", str(law_file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert "Traceback" not in child.stderr.read()
