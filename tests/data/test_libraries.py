"""What people say of the terms on offer."""

import pytest

from discover.data import example
from discover.data.libraries import asked_library
from discover.errors import InputError
from discover.expr import Polynomial, Rational, Terms, TimeDerivatives

PELTS = example("pelts")
SINE = Terms("sin(hare)")


@pytest.mark.parametrize(
    ("told", "library"),
    [
        ({}, None),
        ({"degree": 2}, Polynomial(2)),
        ({"terms": ["sin(hare)"]}, Polynomial(3) + SINE),
        ({"library": "poly(1)", "terms": ["sin(hare)"]}, Polynomial(1) + SINE),
        ({"library": "poly(1)", "order": 2}, Polynomial(1)),
        ({"degree": 1, "denominator": 2}, Rational(Polynomial(1), Polynomial(2))),
        ({"denominator": 1}, Rational(Polynomial(3) + Terms("1"), Polynomial(1))),
        ({"degree": 2, "order": 2}, TimeDerivatives(Polynomial(2), ("hare", "lynx"))),
        ({"degree": 2, "order": {"lynx": 2}}, TimeDerivatives(Polynomial(2), ("lynx",))),
        ({"degree": 2, "order": {"lynx": 1}}, Polynomial(2)),
    ],
)
def test_what_is_said_is_put_together(told, library):
    assert repr(asked_library(PELTS, **told)) == repr(library)


def test_text_that_is_no_library_is_refused():
    with pytest.raises(InputError, match=r'Did you mean "poly"'):
        asked_library(PELTS, library="pol(2)")
