"""Plans: how they expand, what jobs are called, and what is wrong with them."""

from pathlib import Path

import pytest

from discover.batch.mistakes import PlanError
from discover.batch.plan import read_plan
from discover.errors import SettingError
from tests.batch.conftest import Write


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv", "deep/one.csv", ".hidden.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("t,x\n")


def names(path: Path) -> list[str]:
    return [job.name for job in read_plan(path).jobs]


def told(path: Path) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_every_file_and_every_value_of_a_matrix_is_a_job(write: Write) -> None:
    plan = write('[[jobs]]\nname = "a"\ndata = "*.csv"\nmatrix.engine = ["sparse", "pysindy"]\nmatrix.seed = [0, 1]\n')
    assert names(plan) == [
        f"a-{file}-{e}-seed{s}" for file in ("one", "two") for e in ("sparse", "pysindy") for s in (0, 1)
    ]


def test_names_come_from_files_and_tell_them_apart(write: Write) -> None:
    assert names(write('[[jobs]]\ndata = "**/*.csv"\n')) == [
        f"{Path(path).parent.name}_{Path(path).stem}"
        for path in sorted(map(str, (Path(write("").parent) / name for name in ("deep/one.csv", "one.csv", "two.csv"))))
    ]
    assert names(write('[[jobs]]\nname = "a b/c"\ndata = "one.csv"\n')) == ["a_b_c"]


def test_long_values_of_a_matrix_are_numbered(write: Write) -> None:
    plan = write('[[jobs]]\ndata = "one.csv"\nmatrix.library = ["poly(2)", "poly(3) + terms(\'sin(x)\')"]\n')
    assert names(plan) == ["one-library1", "one-library2"]


def test_defaults_hold_unless_a_job_says_otherwise(write: Write) -> None:
    plan = write(
        '[defaults]\nseed = 4\ndegree = 2\nform = "weak"\nmatrix.engine = ["sparse", "pysindy"]\n'
        '[[jobs]]\ndata = "one.csv"\nseed = 5\nengine = "auto"\n'
        '[[jobs]]\ndata = "two.csv"\ntarget = "x"\nengine = "auto"\n'
    )
    motion, formula = read_plan(plan).jobs
    assert motion.settings == {"seed": 5, "degree": 2, "form": "weak", "engine": "auto"}
    assert formula.settings == {"seed": 4, "target": "x", "engine": "auto"}, "a degree is nothing for a formula"


def test_one_law_for_all_files(write: Write) -> None:
    (job,) = read_plan(write('[[jobs]]\ndata = ["two.csv", "one.csv"]\ntogether = true\n')).jobs
    assert job.name == "two"
    assert [Path(file).name for file in job.data] == ["two.csv", "one.csv"]


def test_the_output_lies_beside_the_plan(write: Write) -> None:
    path = write('output = "res"\n[[jobs]]\ndata = "one.csv"\n')
    assert read_plan(path).output == path.parent / "res"


def test_all_mistakes_are_told_at_once_with_their_lines(write: Write) -> None:
    sentences = told(
        write(
            'outptu = "x"\n[defaults]\nmax_evals = 0\nname = "a"\n[[jobs]]\ndata = "on.csv"\nforn = "weak"\n'
            'matrix.engine = []\nmatrix.data = ["a"]\n[[jobs]]\nunits = 3\n[[jobs]]\ndata = "no/*.csv"\n'
            'target = "x"\nlibrary = "poly(2)"\n'
        )
    )
    for line, piece in (
        (1, 'Did you mean "output"?'),
        (3, "a whole number from 1 on, got 0"),
        (4, 'There is no key "name" here.'),
        (6, 'There is no file "on.csv". Did you mean "one.csv"?'),
        (7, 'Did you mean "form"?'),
        (8, "A matrix takes a list of values"),
        (9, 'A matrix has no key "data".'),
        (10, "It has no data"),
        (11, "It takes a table of texts, got 3."),
        (13, 'No file matches "no/*.csv"'),
        (15, "which library has no part in"),
    ):
        assert [s for s in sentences if s.startswith(f"line {line},") and piece in s], (line, piece, sentences)
    assert len(sentences) == 11


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("a = [", "TOML: "),
        ("", "A plan holds at least one [[jobs]]"),
        ('[jobs]\ndata = "one.csv"\n', "two brackets each"),
        ('jobs = [3]\n', "It takes a table of keys and values."),
        ('output = 3\n[[jobs]]\ndata = "one.csv"\n', "It takes the name of a folder."),
        ('seed = 3\n[[jobs]]\ndata = "one.csv"\n', "seed belongs into [defaults] or [[jobs]]."),
        ('[[jobs]]\ndata = "one.csv"\n[[jobs]]\ndata = "one.csv"\n', 'Two jobs are called "one"'),
        ('[[jobs]]\ndata = "one.csv"\nmatrix = 3\n', "It takes lists by key"),
        ('[[jobs]]\ndata = "none/one.csv"\n', "nor a folder"),
        ('[[jobs]]\ndata = "one.csv"\ndegree = 2\nlibrary = "poly(2)"\n', "leave one out"),
        ('[[jobs]]\ndata = "*.csv"\ntarget = "x"\ntogether = true\n', "join the files first"),
        ('[[jobs]]\ndata = "one.csv"\nform = "wek"\n', 'Did you mean "weak"?'),
        ('[[jobs]]\ndata = "one.csv"\nmatrix.form = ["map", "wek"]\n', 'Did you mean "weak"?'),
        ('[[jobs]]\ndata = "one.csv"\nguesses = ["x"]\n', "say which with target"),
        ('[[jobs]]\ndata = "one.csv"\nmatrix.degree = [0, 1]\n', "from 1 on, got 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(write: Write, text: str, piece: str) -> None:
    assert any(piece in sentence for sentence in told(write(text))), told(write(text))


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="discover batch --example"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match="not UTF-8"):
        read_plan(tmp_path / "binary.toml")
