"""The program `discover`: its commands, and nothing else."""

from typing import Annotated

import typer

from discover.cli.batch import batch, summary
from discover.cli.conserved import conserved
from discover.cli.demo import demo
from discover.cli.engines import engines
from discover.cli.law_files import export, show
from discover.cli.run import run

app = typer.Typer(
    name="discover",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (demo, run, conserved, show, export, batch, summary, engines):
    app.command()(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"discover {version('discover-equations')}")
        raise typer.Exit


@app.callback()
def discover(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Find the equations behind measurements, and say how sure we may be of them.

    Exit codes: 0 a law or several, 3 none (everything is still written), 2 wrong input,
    4 some jobs of a batch failed, 130 interrupted (the best so far is written).
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


def main() -> None:
    """Run the command that the command line names, and leave with its exit code."""
    app()
