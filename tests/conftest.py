"""What every test leans on: Hypothesis draws the same examples on every machine and in every run.

`pytest --hypothesis-profile=explore` draws fresh ones, and more of them.
"""

import signal

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_heard() -> None:
    """Put Ctrl-C back where it is ignored: in a background shell, tests of interrupts would wait for it in vain."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
