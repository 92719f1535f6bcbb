"""`discover batch` and `discover summary`."""

from pathlib import Path

from tests.cli.conftest import Program


def test_an_example_is_printed(program: Program) -> None:
    done = program("batch", "--example")
    assert done.exit_code == 0
    assert "[[jobs]]" in done.stdout


def test_all_mistakes_of_a_plan_are_told_with_their_lines(program: Program, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('sead = 1\n[[jobs]]\ndata = "a.csv"\nengine = "sparze"\n')
    done = program("batch", plan)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0] == f"discover: {plan} has 3 mistakes, and nothing was run."
    assert "  line 1, sead: " in done.stderr
    assert "  line 3, jobs.data: " in done.stderr
    assert "  line 4, jobs.engine: " in done.stderr
    assert done.stdout == ""


def test_one_is_one(program: Program, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("")
    assert "has 1 mistake, and" in program("batch", tmp_path / "plan.toml").stderr


def test_a_job_that_fails_is_told_and_gives_a_code_of_its_own(program: Program, tmp_path: Path) -> None:
    for name in ("bad", "good"):
        (tmp_path / f"{name}.csv").write_text("t,x\n" + "".join(f"{n},{n % 7}\n" for n in range(30)))
    plan = tmp_path / "plan.toml"
    plan.write_text('[[jobs]]\ndata = "*.csv"\ntarget = "x"\nmax_evals = 20\ntime_limit = "0.01s"\n')
    done = program("batch", plan, "--output", tmp_path / "out", "--jobs", "2")
    assert done.exit_code == 4, done.stderr
    assert "2 jobs: 2 failed" in done.stdout
    assert "failed: bad: It took longer than its limit of 0.01 s" in done.stdout
    assert "2 jobs to do" in done.stderr
    assert "[2/2]" in done.stderr
    page = program("summary", tmp_path / "out")
    assert page.exit_code == 0
    assert (tmp_path / "out" / "summary.html").exists()
    again = program("batch", plan, "--output", tmp_path / "out")
    assert again.exit_code == 2
    assert "--resume" in again.stderr


def test_a_plan_has_to_be_named(program: Program, tmp_path: Path) -> None:
    assert "--example" in program("batch").stderr
    assert program("batch", tmp_path / "none.toml").exit_code == 2
    assert program("summary", tmp_path).exit_code == 2
