"""`discover run --target` with all that a user may ask of a formula."""

import json

import numpy as np
import pytest

from discover.cli.formulas import forms, operators, per_target
from discover.errors import SettingError

RNG = np.random.default_rng(0)


@pytest.fixture
def rates(tmp_path):
    T = np.linspace(250.0, 400.0, 70)
    k = 3.0 * np.exp(-700.0 / T) + 0.001 * RNG.standard_normal(70)
    path = tmp_path / "rates.csv"
    header = "T,k,q,s"
    np.savetxt(path, np.array([T, k, 2.0 * T, np.full(70, 0.001)]).T, delimiter=",", header=header, comments="")
    return path


def run(program, path, *more):
    return program("run", path, "--json", "--max-evals", "60", *more)


def test_a_form_with_errors_per_row(program, rates):
    done = run(program, rates, "--target", "k", "--columns", "T", "--sigma", "s", "--form", "a*exp(-b/T)")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["estimator"] == "weighted least squares"
    assert document["equations"][0]["terms"][0]["value"] == pytest.approx(3.0, rel=0.01)


def test_several_targets(program, rates):
    done = run(program, rates, "--target", "k,q", "--columns", "T", "--form", "q = a*T", "--sigma", "k=s,q=1")
    document = json.loads(done.stdout)
    assert [equation["target"] for equation in document["equations"]] == ["k", "q"]
    assert document["equations"][1]["text"] == "2*T"


def test_operators_size_loss_and_guesses(program, rates):
    asked = ("--operators", "+ * / exp", "--operators", "twice = 2*u", "--maxsize", "12", "--loss", "huber")
    done = run(program, rates, "--target", "k", "--columns", "T", *asked, "--guess", "a*exp(twice(b)/T)")
    document = json.loads(done.stdout)
    assert 'Formulas were fitted with the loss "huber".' in document["notes"]
    assert "sin" not in document["equations"][0]["text"]
    assert document["equations"][0]["held_out_r2"] > 0.99


def test_a_search_is_resumed(program, rates, tmp_path):
    for _ in range(2):
        done = run(program, rates, "--target", "k", "--columns", "T", "--resume", tmp_path / "a.state")
        assert done.exit_code in (0, 3), done.stderr
    done = run(program, rates, "--target", "k", "--columns", "q", "--resume", tmp_path / "a.state")
    assert done.exit_code == 2
    assert "is the state of a search with other data" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--target", "k", "--sigma", "S"), 'no column "S"'),
        (("--target", "k", "--loss", "hubert"), "Did you mean"),
        (("--target", "k", "--operators", "+ sinn"), 'got "sinn"'),
        (("--target", "k", "--form", "f(T) + g(T)"), "one at a time"),
        (("--target", "k", "--engine", "gplearn", "--maxsize", "9"), "--maxsize is for the symbolic engine"),
        (("--target", "k,q", "--form", "a*T"), 'it takes "k = …; …"'),
        (("--target", "k", "--order", "2"), "which --order has no part in"),
        (("--sigma", "s"), "--sigma is for a formula of a column"),
        (("--resume", "a.state"), "--resume is for a formula of a column"),
    ],
)
def test_wrong_input_is_one_sentence(program, rates, arguments, words):
    done = program("run", rates, *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_is_typed_is_read():
    assert operators(["+,*,sin", "half = x/2"]) == {
        "operators": {"half": "x/2"},
        "binary_operators": ("+", "*"),
        "unary_operators": ("sin",),
    }
    assert operators(["half = x/2"]) == {"operators": {"half": "x/2"}}
    assert per_target("--sigma", "s", ["y"]) == "s"
    assert per_target("--sigma", "a=b", ["y"]) == "a=b"
    assert forms(None, ["y"]) is None
    with pytest.raises(SettingError, match="of several targets it takes"):
        forms("q = a*x; x", ["k", "q"])
