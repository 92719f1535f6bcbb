"""What the README tells a newcomer to type works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of the README in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[str]:
    """Return the shell lines of the README that call this program, without their comments."""
    lines = [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.split()[:1] == [program]]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder that reads like a clone, and in which files may be written."""
    (tmp_path / "discover").symlink_to(ROOT / "discover")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_lines_give_a_law_and_a_page(clone: Path) -> None:
    block = blocks("python")[0]
    lines = [line for line in block.splitlines() if line.strip()]
    assert len(lines) == 5
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "hare·lynx" in done.stdout
    assert (clone / "report.html").exists()


@pytest.mark.parametrize("number", range(1, len(blocks("python"))))
def test_the_other_python_lines_run(clone: Path, number: int) -> None:
    done = subprocess.run([sys.executable, "-c", blocks("python")[number]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "required:" in done.stdout


def test_the_terminal_lines_run_one_after_the_other(clone: Path) -> None:
    lines = commands("discover")
    assert len(lines) == 5
    bin_folder = Path(sys.executable).parent
    for line in lines:
        done = subprocess.run(f"{bin_folder}/{line}", shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout
    assert {path.name for path in clone.iterdir()} == {"discover", "out", "pelts.html", "law.json"}


def test_make_knows_what_the_readme_asks_of_it() -> None:
    wanted = {line.split()[1] for line in commands("make")} | set(re.findall(r"`make (\w+)`", README))
    assert {"demo", "test", "check"} <= wanted
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert wanted <= targets


def test_files_that_are_named_exist() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    named = re.findall(r"`((?:discover|kernels|tests|examples|benchmarks|\.ci)/[\w./-]*)`", README)
    assert len(links) > 2
    assert len(named) > 4
    missing = [path for path in (*links, *named) if not (ROOT / path).exists()]
    assert not missing


def test_long_options_exist() -> None:
    from typer.testing import CliRunner

    from discover.cli import app

    helps = "".join(
        CliRunner().invoke(app, [name, "--help"]).stdout for name in ("demo", "run", "batch", "export", "engines")
    )
    wanted = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - {"--hypothesis-profile"}
    assert len(wanted) > 5
    assert {option for option in wanted if option not in helps} == set()
