"""The options of `discover run`, each with what its help says."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

DATA = "The measurements: CSV, TSV, NetCDF, Parquet, Zarr, NPZ, MATLAB or HDF5; several files are several recordings."

Data = Annotated[list[Path], Argument(metavar="DATA", help=DATA)]
Time = Annotated[str | None, Option(metavar="NAME", help="The column that is the time.")]
Group = Annotated[str | None, Option(metavar="NAME", help="The column that tells trajectories apart.")]
Space = Annotated[
    list[str] | None,
    Option(metavar="NAMES", help="The coordinates of a field over space: x, or x,y or repeated."),
]
Inputs = Annotated[
    list[str] | None,
    Option(metavar="NAMES", help="Columns that drive the system and get no equation: u,v or repeated."),
]
Columns = Annotated[
    list[str] | None,
    Option(metavar="NAMES", help="The columns that are states, x,y or repeated; by default all others."),
]
Units = Annotated[
    list[str] | None,
    Option(metavar="PAIRS", help='Units where the header has none: "x=m,v=m s-1" or repeated.'),
]
Target = Annotated[
    list[str] | None,
    Option(metavar="NAMES", help="Explain this column by a formula of the others, y = f(x); F,G or repeated for more."),
]
Engine = Annotated[
    str,
    Option(metavar="NAME", help="Who searches: auto, sparse or pysindy; with --target symbolic, operon or gplearn."),
]
Degree = Annotated[
    int | None,
    Option(metavar="N", help="Highest degree of the polynomial terms; by default 3, from 5 states on 2."),
]
Denominator = Annotated[
    int | None,
    Option(metavar="N", help="Divide by polynomials up to this degree: rational laws x' = p/q; by default none."),
]
Terms = Annotated[
    list[str] | None, Option(metavar="TERM", help='One more term on offer, "sin(theta)"; may be repeated.')
]
Library = Annotated[
    str | None, Option(metavar="TEXT", help="Terms on offer: \"poly(3) + fourier(2, of=theta) - terms('x*y')\".")
]
Require = Annotated[
    list[str] | None,
    Option(metavar="TEXT", help='What the law must obey: "dS/dt + dI/dt == 0", "positive: x, y"; may be repeated.'),
]
Augment = Annotated[
    list[str] | None,
    Option(metavar="TEXT", help='Add copies of the trajectories by a symmetry: "(x, y) -> (-x, -y)"; may be repeated.'),
]
Nondimensionalise = Annotated[
    bool, Option("--nondimensionalise", help="Seek the law between dimensionless groups; all units must be known.")
]
By = Annotated[
    str | None, Option(metavar="NAME", help="One form, coefficients of their own for each label in this column.")
]
Form = Annotated[
    str,
    Option(
        metavar="TEXT",
        help="What the rows are: weak, strong, map, or stochastic. With --target what the formula looks like: "
        '"a*exp(-b/T)", or "a*exp(-f(T))" with f unknown.',
    ),
]
Operators = Annotated[
    list[str] | None,
    Option(
        metavar="LIST",
        help='With --target, all that a formula may use: "+ - * / ** sin exp"; '
        'one of your own as "sigmoid = 1/(1 + exp(-x))"; may be repeated.',
    ),
]
Maxsize = Annotated[
    int | None, Option(metavar="N", help="With --target, most names, numbers and operators of a formula.")
]
Loss = Annotated[str | None, Option(metavar="NAME", help="With --target, auto, squared, huber, quantile(0.9), or log.")]
Guess = Annotated[
    list[str] | None,
    Option(metavar="TEXT", help='With --target, a formula to try first, "a*exp(-b/T)"; may be repeated.'),
]
Sigma = Annotated[
    str | None,
    Option(metavar="NAME", help="With --target, its standard error: a column or a number; F=s,G=0.1 for several."),
]
Weights = Annotated[str | None, Option(metavar="NAME", help="With --target, the column that says how much rows count.")]
Order = Annotated[
    list[str] | None,
    Option(metavar="N", help="1 explains x', 2 explains x'' from positions alone; x=2 for one state; may be repeated."),
]
Budget = Annotated[str | None, Option(metavar="TIME", help="Stop after this long: 60, 60s, 2min.")]
MaxEvals = Annotated[int | None, Option(metavar="N", help="Stop after so many candidates.")]
Seed = Annotated[int, Option(metavar="N", min=0, help="The same seed gives the same answer.")]
Jobs = Annotated[int | None, Option(metavar="N", help="Threads; by default one for each equation.")]
Report = Annotated[Path | None, Option(metavar="FILE", help="Write the report, one HTML page.")]
Save = Annotated[Path | None, Option(metavar="FILE", help="Write the law, a JSON file.")]
Resume = Annotated[
    Path | None,
    Option(metavar="FILE", help="With --target, keep the state of the search here, and go on from it where it is."),
]
AsJson = Annotated[bool, Option("--json", help="Print one JSON document and nothing else.")]
