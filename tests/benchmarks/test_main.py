"""The command of the benchmarks."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import SCRIPTS, SUITES, main
from benchmarks.plan import Table

OPTIONS = ["nothing", "--seeds", "1", "--seed", "4", "--jobs", "1", "--only", "fixed point"]


def test_a_suite_leaves_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out.json"
    assert main([*OPTIONS, "--budget", "0.000001", "--output", str(output)]) == 0
    assert "| fixed point | unfinished |" in capsys.readouterr().out
    document = json.loads(output.read_text())
    assert document["seed"] == 4
    assert document["versions"]["numpy"]
    assert document["machine"]["cores"] >= 1
    assert document["suites"]["nothing"]["tables"][0]["rows"]


def test_a_run_resumes_with_its_own_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out.json"
    main([*OPTIONS, "--budget", "0.000001", "--output", str(output)])
    document = json.loads(output.read_text())
    known = {"verdict": "none", "seconds": 1.0, "n_samples": 400, "law": "", "kind": "fixed point"}
    document["suites"]["nothing"]["records"] = {"fixed point | seed 4": known}
    output.write_text(json.dumps(document))
    capsys.readouterr()
    again = ["nothing", "--seeds", "1", "--only", "fixed point", "--output", str(output), "--resume"]
    assert main([*again, "--budget", "0.000001"]) == 0
    assert "| fixed point | 0/1 | 0/1 | 1/1 |" in capsys.readouterr().out
    assert len(json.loads(output.read_text())["resumed"]) == 1


@pytest.mark.parametrize("wrong", [["nonsense"], ["--seeds", "0"], ["--jobs", "0"], ["--resume"], ["--tier", "slow"]])
def test_wrong_options_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(wrong)
    assert refusal.value.code == 2


def test_every_suite_is_a_file_with_a_sign() -> None:
    import ast

    import benchmarks

    folder = Path(benchmarks.__path__[0])
    for name in SUITES:
        source = (folder / f"{name}.py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        assert ast.get_docstring(tree)
        assert ('__name__ == "__main__"' if name in SCRIPTS else "def run(plan: Plan, campaign: Campaign)") in source


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        Table("T", ("a", "b"), (("1",),))


def test_markdown_escapes_bars() -> None:
    assert "a \\| b" in Table("T", ("k",), (("a | b",),)).markdown()
