"""`discover run`: a table of measurements in, a law out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from discover.cli.answer import check_folders, deliver
from discover.cli.exits import ends_well
from discover.cli.progress import progress
from discover.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    from xarray import Dataset

    from discover.discovery import Discovery

FORMS = ("weak", "strong", "map", "stochastic")
DATA = "The measurements: a CSV, TSV, NetCDF, Parquet, Zarr, NPZ, MATLAB or HDF5 file."


@ends_well
def run(
    data: Annotated[Path, Argument(metavar="DATA", help=DATA)],
    time: Annotated[str | None, Option(metavar="NAME", help="The column that is the time.")] = None,
    group: Annotated[str | None, Option(metavar="NAME", help="The column that tells trajectories apart.")] = None,
    space: Annotated[
        list[str] | None,
        Option(metavar="NAMES", help="The coordinates of a field over space: x, or x,y or repeated."),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        Option(metavar="NAMES", help="Columns that drive the system and get no equation: u,v or repeated."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        Option(metavar="NAMES", help="The columns that are states, x,y or repeated; by default all others."),
    ] = None,
    units: Annotated[
        list[str] | None,
        Option(metavar="PAIRS", help='Units where the header has none: "x=m,v=m s-1" or repeated.'),
    ] = None,
    engine: Annotated[str, Option(metavar="NAME", help="Who searches: auto, sparse or pysindy.")] = "auto",
    degree: Annotated[
        int | None,
        Option(metavar="N", help="Highest degree of the polynomial terms; by default 3, from 5 states on 2."),
    ] = None,
    denominator: Annotated[
        int | None,
        Option(metavar="N", help="Divide by polynomials up to this degree: rational laws x' = p/q; by default none."),
    ] = None,
    terms: Annotated[
        list[str] | None, Option(metavar="TERM", help='One more term on offer, "sin(theta)"; may be repeated.')
    ] = None,
    form: Annotated[str, Option(metavar="NAME", help="What the rows are: weak, strong, map, or stochastic.")] = "weak",
    order: Annotated[
        list[str] | None,
        Option(
            metavar="N", help="1 explains x', 2 explains x'' from positions alone; x=2 for one state; may be repeated."
        ),
    ] = None,
    budget: Annotated[str | None, Option(metavar="TIME", help="Stop after this long: 60, 60s, 2min.")] = None,
    max_evals: Annotated[int | None, Option(metavar="N", help="Stop after so many candidates.")] = None,
    seed: Annotated[int, Option(metavar="N", min=0, help="The same seed gives the same answer.")] = 0,
    jobs: Annotated[int | None, Option(metavar="N", help="Threads; by default one for each equation.")] = None,
    report: Annotated[Path | None, Option(metavar="FILE", help="Write the report, one HTML page.")] = None,
    save: Annotated[Path | None, Option(metavar="FILE", help="Write the law, a JSON file.")] = None,
    as_json: Annotated[bool, Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> int:
    """Find the governing equations in a table of measurements.

    With --json the document holds: discover (version), verdict, reasons, interrupted, estimator,
    equations (each with target, time, space, kind, order, text, r2, held_out_r2, loss, terms and denominator,
    and each term with term, value, std, low, high, inclusion, share, unit, alternatives), notes, and files (what was
    written). A number that is not known is null.
    """
    check_folders(report, save)
    left = _order(order)
    settings: dict[str, Any] = {
        "engine": engine,
        "form": _form(form),
        "order": left,
        "budget": budget,
        "max_evals": max_evals,
    }
    with progress("reading") as observe:
        import discover

        dataset = discover.load(
            data,
            time=time,
            space=_items(space) or None,
            group=group,
            inputs=_items(inputs),
            columns=_items(columns) or None,
            units=_pairs(units) or None,
        )
        found: Discovery = discover.dynamics(
            dataset,
            library=_over(_library(degree, terms or [], dataset, left), denominator, dataset),
            seed=seed,
            n_jobs=jobs,
            observe=observe,
            **settings,
        )
    return deliver(found, report=report, save=save, as_json=as_json)


def _items(given: list[str] | None) -> list[str]:
    return [item.strip() for text in given or [] for item in text.split(",") if item.strip()]


def _pairs(given: list[str] | None) -> dict[str, str]:
    pairs = {}
    for item in _items(given):
        name, equals, unit = item.partition("=")
        if not equals:
            raise SettingError(f'--units got "{item}"; it takes name=unit pairs, such as "x=m,v=m s-1".')
        pairs[name.strip()] = unit.strip()
    return pairs


def _form(name: str) -> Any:
    if name not in FORMS:
        raise SettingError(f'--form got "{name}".{did_you_mean(name, FORMS)}')
    import discover

    forms = {"weak": discover.Weak, "strong": discover.Strong, "map": discover.Map, "stochastic": discover.Stochastic}
    return forms[name]()


def _order(given: list[str] | None) -> int | dict[str, int]:
    """Return an order for all states, or one for each of those named."""
    items = _items(given) or ["1"]
    named = {}
    for item in items:
        name, _, number = item.rpartition("=")
        if not number.strip().isdigit() or bool(name) != (len(items) > 1 or "=" in item):
            raise SettingError(f'--order got "{item}"; it takes 1 or 2, or name=number pairs such as "x=2".')
        named[name.strip()] = int(number)
    return named[""] if "" in named else named


def _library(degree: int | None, terms: list[str], dataset: "Dataset", order: int | dict[str, int]) -> Any:
    """None leaves the choice to the engine, which knows how many terms the data can tell apart."""
    if degree is None and not terms:
        return None
    from discover.expr import Polynomial, Terms, TimeDerivatives, default_library

    states = [str(name) for name, column in dataset.data_vars.items() if column.attrs.get("role") != "input"]
    polynomial = default_library(len(states)) if degree is None else Polynomial(degree)
    moving = tuple(name for name in states if (order if isinstance(order, int) else order.get(name)) == 2)
    usual = TimeDerivatives(polynomial, moving) if moving else polynomial
    return usual + Terms(*terms) if terms else usual


def _over(library: Any, denominator: int | None, dataset: "Dataset") -> Any:
    """Return a library of quotients, where a denominator was asked for."""
    if denominator is None:
        return library
    from discover.expr import Polynomial, Rational

    if denominator < 1:
        raise SettingError(f"--denominator takes a degree from 1 on, got {denominator}; leave it out for plain sums.")
    return Rational(_library(None, ["1"], dataset, 1) if library is None else library, Polynomial(denominator))
