import math

import pytest

from discover.errors import SettingError
from discover.expr import Exponential, Fourier, Functions, Power, Trigonometric, evaluate, text

NAMES = ["a", "b"]


def written(library, names=NAMES):
    return [text(term, names) for term in library.build(names)]


def test_fourier_is_a_sine_and_a_cosine_for_each_frequency_and_variable():
    assert written(Fourier(2)) == [
        "sin(a)", "cos(a)", "sin(b)", "cos(b)", "sin(2*a)", "cos(2*a)", "sin(2*b)", "cos(2*b)",
    ]  # fmt: skip


@pytest.mark.parametrize("period", [0.5, 3.0, 24.0])
def test_a_period_is_that_of_the_slowest(period):
    sine, cosine = Fourier(1, of="a", period=period).build(NAMES)
    for x in (0.1, 0.7):
        now, later = evaluate(sine, [[x, x + period], [0, 0]])
        assert now == pytest.approx(later)
        assert now == pytest.approx(math.sin(2 * math.pi * x / period))
        assert evaluate(cosine, [[x], [0]])[0] == pytest.approx(math.cos(2 * math.pi * x / period))
    assert Fourier(1, fundamental=2 * math.pi / period).build(NAMES)[0] == Fourier(1, period=period).build(NAMES)[0]


def test_differences_of_angles_are_offered_when_asked_for():
    assert written(Trigonometric()) == ["sin(a)", "cos(a)", "sin(b)", "cos(b)"]
    assert written(Trigonometric(differences=True))[4:] == ["sin(a - b)", "cos(a - b)"]


def test_exponentials_powers_and_functions_by_name():
    assert written(Exponential("a", rates=(1, -2.5))) == ["exp(a)", "exp(-2.5*a)"]
    assert written(Power((0.5, -1, -2, 3, 1.5), of="a")) == ["sqrt(a)", "1/a", "1/a**2", "a**3", "a**1.5"]
    assert written(Functions("tanh", "log", of=["b"])) == ["tanh(b)", "log(b)"]


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Fourier(0), "whole number from 1 to 100, got 0"),
        (lambda: Fourier(True), "whole number from 1 to 100, got True"),
        (lambda: Fourier(1, period=-2.0), r"Fourier\(period=…\) must be a positive number, got -2.0"),
        (lambda: Fourier(1, fundamental=math.inf), r"Fourier\(fundamental=…\) must be a positive number"),
        (lambda: Fourier(1, period=1.0, fundamental=1.0), "period= or fundamental=.*not both"),
        (lambda: Fourier(1, of=["a", 3]), r"Fourier\(of=…\) takes names of variables"),
        (lambda: Exponential(rates=(0.0,)), "numbers other than 0"),
        (lambda: Power("x"), "numbers other than 0"),
        (lambda: Functions(), "takes names of functions"),
        (lambda: Functions("tanj"), 'no function "tanj". Did you mean "tan"'),
        (lambda: Fourier(1, of="c").build(NAMES), r'Fourier\(of=…\) has no variable "c"'),
    ],
)
def test_bad_input_is_told_in_a_sentence(make, complaint):
    with pytest.raises(SettingError, match=complaint):
        make()
