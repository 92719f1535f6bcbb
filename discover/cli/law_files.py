"""`discover show` and `discover export`: what can be done with a law that was kept."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from discover.cli.answer import answer
from discover.cli.exits import FOUND, ends_well

LawFile = Annotated[Path, Argument(metavar="LAW.json", help="A law file, as --save writes it.", show_default=False)]


@ends_well
def show(law: LawFile) -> int:
    """Print a saved law, its verdict and its origin."""
    import discover

    found = discover.load_law(law)
    origin = found.law.provenance
    print(answer(found))
    print(f"\nfrom {origin.source}: {origin.n_samples} samples, {origin.n_trajectories} trajectories, {origin.created}")
    print(f"again: {origin.command}")
    for note in origin.notes:
        print(f"note: {note}")
    return FOUND


@ends_well
def export(
    law: LawFile,
    to: Annotated[str, Option(help="latex, mathml, python, c, julia, matlab or sympy.", show_default=False)],
    output: Annotated[Path | None, Option(help="Write to this file instead of standard output.")] = None,
) -> int:
    """Write a saved law as source code or mathematics."""
    import discover
    from discover.export import export as exported
    from discover.export.atomic import write_text

    text = exported(discover.load_law(law).law, to).rstrip("\n") + "\n"
    if output is None:
        print(text, end="")
    else:
        write_text(output, text)
    return FOUND
