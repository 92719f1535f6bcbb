"""Every exporter of the table turns every law into text."""

import pytest

from discover.errors import SettingError, UnavailableError
from discover.export import EXPORTERS, export
from tests.export.laws import Pair


@pytest.mark.parametrize("to", EXPORTERS)
def test_contract(to: str, pair: Pair) -> None:
    law, _ = pair
    if law.space and to in ("c", "julia", "matlab"):
        with pytest.raises(UnavailableError, match=r"in Python only, not in .*; export this one to python, latex"):
            export(law, to)
        return
    text = export(law, to)
    assert text.strip()
    assert text == export(law, to)


def test_an_unknown_format_is_answered_with_a_near_one() -> None:
    with pytest.raises(SettingError, match='no format "pyton"\\. Did you mean "python"'):
        export(None, "pyton")  # type: ignore[arg-type]
