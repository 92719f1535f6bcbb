"""The table of formulas that PySR writes while it runs: complexity, loss and formula of each, no pickle."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from discover.errors import DataError, ExpressionError
from discover.expr import Expr
from discover.peers.notation import read

TABLE = "hall_of_fame.csv"
BACKUPS = (f"{TABLE}.bak", f"{TABLE}.bkup")
COLUMNS = ("Complexity", "Loss", "Equation")
EARLIER = {"MSE": "Loss"}
"""What columns were called before PySR 0.7, whose tables are also parted by | instead of commas."""


@dataclass(frozen=True, slots=True)
class Fame:
    """One row.

    Attributes:
        complexity: as PySR counts.
        loss: as PySR measures.
        text: the formula as it stands there; `expr` the same in ours.
    """

    complexity: int
    loss: float
    text: str
    expr: Expr


def read_hall_of_fame(source: str | Path, names: Sequence[str]) -> tuple[list[Fame], tuple[str, ...]]:
    """Return the rows of a hall of fame over these names, and why others could not be read.

    Args:
        source: the table, or the folder of a run that holds it (or its backup).
        names: of the columns, as the formulas spell them.

    Raises:
        DataError: where there is no such table, or it has other columns.
    """
    path = _table(Path(source))
    rows, refused = [], []
    with path.open(encoding="utf-8", newline="") as file:
        heading = file.readline()
        delimiter = "|" if "|" in heading else ","
        columns = [
            EARLIER.get(name.strip(), name.strip()) for name in next(csv.reader([heading], delimiter=delimiter), [])
        ]
        if not set(COLUMNS) <= set(columns):
            raise DataError(f"{path} has the columns {', '.join(columns)}, and PySR's has {', '.join(COLUMNS)}.")
        table = csv.DictReader(file, columns, delimiter=delimiter)
        for row in table:
            try:
                expr = read(row["Equation"], names)
                rows.append(Fame(int(row["Complexity"]), float(row["Loss"]), row["Equation"], expr))
            except (ExpressionError, ValueError) as error:
                refused.append(str(error))
    return rows, tuple(refused)


def names_in(source: str | Path) -> list[str]:
    """Return x0, x1, … as far as the formulas of a table use them, its columns having no other names."""
    import re

    used = [int(number) for number in re.findall(r"\bx(\d+)\b", _table(Path(source)).read_text(encoding="utf-8"))]
    return [f"x{k}" for k in range(max(used, default=-1) + 1)]


def _table(path: Path) -> Path:
    if path.is_file():
        return path
    for name in (TABLE, *BACKUPS):
        if (path / name).is_file():
            return path / name
    deeper = sorted(path.glob(f"*/{TABLE}")) if path.is_dir() else []
    if len(deeper) == 1:
        return deeper[0]
    if deeper:
        raise DataError(f"{path} holds {len(deeper)} runs of PySR; name one of them, such as {deeper[-1].parent}.")
    dated = sorted(path.glob("hall_of_fame_*.csv")) if path.is_dir() else []  # one a target, or one a run of old
    if len(dated) == 1:
        return dated[0]
    if dated:
        raise DataError(f"{path} holds {len(dated)} tables, of several targets or runs; name one, such as {dated[0]}.")
    raise DataError(f"There is no {TABLE} in {path}; give the folder of a run of PySR.")
