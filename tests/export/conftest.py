"""Every test of the door out may ask for a law of every awkward kind in turn."""

import pytest

from tests.export.laws import LAWS, Pair


@pytest.fixture(params=LAWS)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Every kind of law in turn, with its front."""
    return LAWS[request.param]()
