"""The program, called in this process; and a law file to call it on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from discover.cli import app
from discover.discovery import Discovery
from discover.export.specimen import specimen

Program = Callable[..., Result]


@pytest.fixture
def program() -> Program:
    """Return a function that runs `discover` with these arguments."""
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def law_file(tmp_path: Path) -> Path:
    """Return the path of a law file of hares and lynxes."""
    path = tmp_path / "law.json"
    Discovery(*specimen()).save(path)
    return path


@pytest.fixture
def pelts() -> Path:
    """Return the path of the table of pelts that ships."""
    import discover.data

    return Path(discover.data.__file__).parent / "examples" / "pelts.csv"
