"""The check of a whole plan: engines, columns and terms, before anything runs."""

import os
from pathlib import Path

import pytest

from discover.batch.check import LARGEST, checked
from discover.batch.mistakes import PlanError
from discover.find import ENGINES
from tests.batch.conftest import Write, decay, endless


@pytest.fixture(autouse=True)
def _data(tmp_path: Path) -> None:
    decay(tmp_path / "a.csv")
    (tmp_path / "broken.csv").write_text("t,x\n")


def told(path: Path) -> list[str]:
    with pytest.raises(PlanError) as caught:
        checked(path)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_plan_that_is_right_passes(write: Write) -> None:
    plan, notes = checked(write('[[jobs]]\ndata = "a.csv"\nterms = ["sin(x)", "cos(t)"]\nengine = "sparse"\n'))
    assert [job.name for job in plan.jobs] == ["a"]
    assert notes == ()


def test_text_engines_and_data_are_told_together(write: Write) -> None:
    sentences = told(
        write(
            '[[jobs]]\ndata = "a.csv"\nengine = "sparze"\ndegree = 0\n'
            '[[jobs]]\nname = "b"\ndata = "a.csv"\ntime = "s"\n'
            '[[jobs]]\nname = "c"\ndata = "a.csv"\nterms = ["sin(y)"]\n'
            '[[jobs]]\nname = "d"\ndata = "a.csv"\ntarget = "z"\nengine = "pysindy"\n'
            '[[jobs]]\ndata = "none.csv"\nengine = "zymbolic"\n'
        )
    )
    for line, piece in (
        (3, 'Did you mean "sparse"?'),
        (4, "from 1 on"),
        (8, 'no column "s" for time='),
        (12, 'no variable "y"'),
        (16, 'no column "z"'),
        (17, "for formulas"),
        (19, "no file"),
        (20, 'Did you mean "symbolic"?'),
    ):
        assert [s for s in sentences if s.startswith(f"line {line},") and piece in s], (line, sentences)
    assert len(sentences) == 8


def test_one_bad_file_among_many_is_a_note_and_no_mistake(write: Write) -> None:
    _, notes = checked(write('[[jobs]]\ndata = "*.csv"\n'))
    assert len(notes) == 1
    assert notes[0].startswith("broken will fail: ")
    assert "no rows below it" in told(write('[[jobs]]\ndata = "broken.csv"\n'))[0]


def test_a_mistake_in_how_to_load_is_not_told_twice(write: Write) -> None:
    sentences = told(write('[[jobs]]\ndata = "a.csv"\ntime = 3\n'))
    assert len(sentences) == 1


def test_a_column_that_no_file_has_is_told_a_few_times_only(write: Write, tmp_path: Path) -> None:
    for n in range(6):
        decay(tmp_path / f"many{n}.csv")
    sentences = told(write('[[jobs]]\ndata = "many*.csv"\ntime = "s"\n'))
    assert len(sentences) == 4
    assert any("3 more files" in sentence for sentence in sentences)


def test_large_files_only_have_to_be_there(write: Write, tmp_path: Path) -> None:
    assert os.path.getsize(endless(tmp_path / "large.csv")) > LARGEST
    _, notes = checked(write('[[jobs]]\ndata = "large.csv"\n'))
    assert notes == ()


def test_requirements_are_held_against_the_names_of_the_data(write: Write, tmp_path: Path) -> None:
    _, *rows = decay(tmp_path / "a.csv").read_text().splitlines()
    (tmp_path / "g.csv").write_text("\n".join(("t,x,g", *(f"{row},{case}" for case in "12" for row in rows))))
    good = '["positive: x", "dx/dt = a*x + b*x**2", "a = -1 ± 0.1"]'
    sentences = told(
        write(
            '[[jobs]]\ndata = "a.csv"\nrequire = ["positive: y", "possitive: x", "dx/dt + z == 0"]\n'
            f'[[jobs]]\nname = "b"\ndata = "a.csv"\nrequire = {good}\norder = {{y = 2}}\n'
            f'[[jobs]]\nname = "c"\ndata = "a.csv"\nrequire = {good}\n'
            '[[jobs]]\nname = "d"\ndata = "a.csv"\ntarget = "x"\nrequire = "increasing: x in s"\n'
            '[[jobs]]\nname = "e"\ndata = "a.csv"\nform = "stochastic"\nrequire = "positive: x"\n'
            '[[jobs]]\nname = "f"\ndata = "g.csv"\nby = "g"\nrequire = "positive: x"\n'
        )
    )
    for line, piece in (
        (3, "speaks of y"),
        (3, 'Did you mean "positive"?'),
        (3, "z"),
        (8, "order= names"),
        (17, "speaks of s"),
        (22, "stochastic"),
        (27, "one case at a time"),
    ):
        assert [s for s in sentences if s.startswith(f"line {line},") and piece in s], (line, sentences)
    assert len(sentences) == 7


def test_engines_that_no_requirement_reaches_are_named(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ENGINES["pysindy"], "missing", staticmethod(lambda: None))
    text = '[[jobs]]\ndata = "a.csv"\nrequire = "positive: x"\nmatrix.engine = ["sparse", "pysindy"]\n'
    _, notes = checked(write(text))
    assert len(notes) == 1
    assert "takes no requirements" in notes[0]


def test_a_requirement_may_speak_of_the_time_where_terms_do(write: Write) -> None:
    text = '[[jobs]]\ndata = "a.csv"\nrequire = "forbidden: cos(t) in dx/dt"\nterms = ["cos(t)", "x"]\n'
    assert checked(write(text))[1] == ()


def test_every_piece_that_is_wrong_is_told_at_its_key(write: Write) -> None:
    sentences = told(
        write(
            '[[jobs]]\ndata = "a.csv"\ncolumns = ["x", "z"]\nunits = {x = "furlongz"}\ninputs = "wind"\n'
            'augment = "x -> -w"\n'
            '[[jobs]]\nname = "b"\ndata = "a.csv"\nterms = ["sin(y)", "cos(x)", "q**2"]\nrequire = "positive: v"\n'
            '[[jobs]]\nname = "c"\ndata = "a.csv"\ntarget = "z"\ngroup = "x"\nloss = "cubic"\n'
            'unary_operators = ["sinn"]\n'
            '[[jobs]]\nname = "d"\ndata = "a.csv"\nterms = ["sin(x"]\n'
        )
    )
    for line, piece in (
        (3, 'columns: a.csv has no column "z"'),
        (4, "units: "),
        (5, 'inputs: a.csv has no column "wind"'),
        (6, 'augment: "symmetric: x -> -w"'),
        (10, 'no variable "y"'),
        (10, 'no variable "q"'),
        (11, "speaks of v"),
        (15, 'no column "z"'),
        (16, "group has no part in"),
        (17, "loss: "),
        (18, 'Did you mean "sin"?'),
        (22, "never closed"),
    ):
        assert [s for s in sentences if s.startswith(f"line {line},") and piece in s], (line, sentences)
    assert len(sentences) == 12


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('nondimensionalise = true\nrequire = "positive: x"\n', "require"),
        ('target = "x"\nengine = "gplearn"\nguesses = ["a*t"]\n', "guesses"),
        ('form = "stochastic"\naugment = "x -> -x"\n', "augment"),
        ('engine = "pysindy"\naugment = "x -> -x"\n', "augment"),
    ],
)
def test_keys_that_cannot_stand_together_are_told(write: Write, text: str, key: str) -> None:
    sentences = [s for s in told(write(f'[[jobs]]\ndata = "a.csv"\n{text}')) if "pip install" not in s]
    assert [s.partition(", ")[2].partition(":")[0] for s in sentences] == [key]
