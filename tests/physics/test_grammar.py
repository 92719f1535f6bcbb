"""Requirements as text: what is read, and what is refused with which sentence."""

import pytest

from discover.errors import SettingError
from discover.expr import parse
from discover.physics import Subject, statements
from discover.physics.balance import Balance
from discover.physics.coefficient import Coefficient
from discover.physics.form import Form
from discover.physics.positivity import Positivity
from discover.physics.shape import Shape
from discover.physics.soft import Soft

SIR = Subject(("S", "I", "R"), ("S", "I", "R"), "day")
FORMULA = Subject(("y", "x", "z"), ("y",), "row", formulation="algebraic")
MAP = Subject(("x", "y"), ("x", "y"), "n", formulation="discrete")
SECOND = Subject(("x", "v in"), ("x",), "t", orders=(2,))


def only(text, subject=SIR):
    (one,) = statements([text], subject)
    return one


@pytest.mark.parametrize(
    "text",
    ["dS/dt + dI/dt + dR/dt == 0", "d(S)/dday + d(I)/dday + d(R)/dday = 0", "S' + I' + R' == 0", "S' == -I' - R'"],
)
def test_sums_of_left_hand_sides(text):
    one = only(text)
    assert isinstance(one, Balance)
    assert set(one.weights) in ({1.0}, {-1.0})


def test_the_right_side_of_a_sum_may_be_an_expression():
    one = only("2*S' - I' == S*I + 1")
    assert one.weights == (2.0, -1.0, 0.0)
    assert set(one.needed()) == {parse("S*I", SIR.names), parse("1", SIR.names)}


@pytest.mark.parametrize(
    ("text", "low", "high", "strict"),
    [
        ("S'[S*I] < 0", float("-inf"), 0.0, True),
        ("coefficient of S*I in dS/dt <= 0", float("-inf"), 0.0, False),
        ("coefficient of S*I in S <= 0", float("-inf"), 0.0, False),
        ("0.1 <= I'[I] <= 0.5", 0.1, 0.5, False),
        ("I'[I] == 0.25", 0.0, 0.0, False),
    ],
)
def test_bounds_of_coefficients(text, low, high, strict):
    one = only(text)
    assert isinstance(one, Coefficient)
    assert (one.low, one.high, one.strict) == (low, high, strict)


def test_values_are_told_about_with_either_sign():
    for text in ("I'[I] = -0.25 ± 0.01", "I'[I] == -0.25 +/- 0.01", "I'[I] = -0.25 +- 0.01"):
        one = only(text)
        assert isinstance(one, Soft)
        assert (one.mean, one.std) == (-0.25, 0.01)


def test_a_constant_that_stands_twice_is_one():
    found = statements(["S' = -b*S*I", "I' = b*S*I - g*I + ...", "b > 0", "g = 0.1 ± 0.02"], SIR)
    forms = [one for one in found if isinstance(one, Form)]
    assert [form.is_open for form in forms] == [False, True]
    (tie,) = [one for one in found if one.text.startswith("one b")]
    assert tie.ties(3) == ((0, 1),)
    assert [one.text for one in found if isinstance(one, Soft)] == ["g = 0.1 ± 0.02"]


def test_words():
    assert isinstance(only("positive: S, I"), Positivity)
    assert isinstance(only("S > 0"), Positivity)
    assert only("Positive: S, I").targets == (0, 1)
    assert isinstance(only("dS/dt <= 0 for S in [0, 2], I in [0, 1]"), Shape)


def test_formulas():
    assert only("0 <= y <= 10", FORMULA).high == 10.0
    assert only("y > 0 for x in [0, 5]", FORMULA).box == ((1, 0.0, 5.0),)
    assert only("convex: y in x for x in [-1, 1]", FORMULA).by == (1, 1)
    assert only("positive: y", FORMULA).low == 0.0


def test_other_left_hand_sides():
    assert only("x[n+1] + y[n+1] == x + y", MAP).weights == (1.0, 1.0)
    assert only("x''[`v in`] > 0", SECOND).speaks_of(0)
    assert only("d2x/dt2 = -4*x + ...", SECOND).is_open


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A requirement is a text"),
        ("dS/dt +", "cannot be read"),
        ("dX/dt == 0", "X, which has no equation"),
        ("dS/dx == 0", "these data go along day"),
        ("S'' == 0", "the left-hand side of S is S'"),
        ("S[n+1] == S", "the left-hand side of S is S'"),
        ("S'*I' == 0", "sum of left-hand sides"),
        ("g > 0", "gets a name in a known form"),
        ("S'[Q] > 0", 'no variable "Q"'),
        ("S < 0", 'only "S > 0" can be required'),
        ("2 <= S'[S] <= 1", "cannot hold"),
        ("S' = exp(-k*S)", "inside a function"),
        ("S' = k*S + k*S*l", "product or inside"),
        ("g = 9.81 ± -1", "neither a number nor a coefficient|positive error"),
        ("S'[S] = 1 ± 0", "positive error"),
        ("S' != 0", "==, <, <=, > and >= only|cannot be read|may compare"),
        ("positiv: S", 'Did you mean "positive"'),
        ("hello", "is no requirement"),
        ("x" * 3000, "2000 characters"),
        ("__import__(os) == 0", "os, which|neither a number|is no requirement|cannot be read|not known"),
    ],
)
def test_what_is_no_requirement_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(SettingError, match=sentence):
        statements([text], SIR)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("conserve: x**2", "is not for formulas"),
        ("divergence-free", "is not for formulas"),
        ("hamiltonian", "is not for formulas"),
        ("reversible: x -> -x", "is for laws of motion"),
        ("positive: x", "x, which has no equation"),
        ("y[x] > 0", "coefficients of a formula cannot be required"),
    ],
)
def test_words_of_motion_are_not_for_formulas(text, sentence):
    with pytest.raises(SettingError, match=sentence):
        statements([text], FORMULA)
