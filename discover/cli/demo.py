"""`discover demo`: the whole way on measured data, without an argument."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from discover.cli.answer import deliver
from discover.cli.exits import ends_well
from discover.cli.progress import progress
from discover.errors import SettingError

if TYPE_CHECKING:
    from discover.expr import Library


@ends_well
def demo(
    name: Annotated[
        str, Option(metavar="NAME", help="Which of the shipped tables: pelts, pendulum or cooling.")
    ] = "pelts",
    output: Annotated[
        Path, Option(metavar="FOLDER", help="Folder that report.html and law.json are written to.")
    ] = Path("out"),
) -> int:
    """Find the law in a shipped table, and write a report."""
    with progress("reading") as observe:
        import discover

        data = discover.example(name)
        found = discover.dynamics(data, library=_library(name), observe=observe)
    _make(output)
    return deliver(found, report=output / "report.html", save=output / "law.json", as_json=False)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{folder} cannot be made a folder: {error.strerror}; name another with --output.") from None


def _library(name: str) -> "Library":
    """Every product up to degree two; a pendulum is offered the sine of its angle as well."""
    from discover.expr import Polynomial, Terms

    return Polynomial(2) + Terms("sin(theta)") if name == "pendulum" else Polynomial(2)
