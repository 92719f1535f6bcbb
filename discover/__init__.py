"""discover finds the equations behind measurements, and says how sure we may be of them.

Every public name is listed below with the room it lives in, and a room is imported only when a name
of it is asked for: `import discover` and `discover --help` load neither NumPy nor Numba.

>>> import discover
>>> discover.example_names()
('cooling', 'pelts', 'pendulum')
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from discover.errors import (
    DataError,
    DiscoverError,
    ExpressionError,
    InputError,
    SettingError,
    UnavailableError,
    UnitError,
    did_you_mean,
)

if TYPE_CHECKING:
    from discover.adopt import from_pysindy, from_pysr
    from discover.batch.run import run_batch
    from discover.batch.summary import summary
    from discover.conservation import Conserved, conserved, load_conserved
    from discover.data import example, example_names, load
    from discover.data.increments import Stochastic
    from discover.data.stencils import Strong, Weak
    from discover.data.steps import Map
    from discover.discovery import Discovery, load_law
    from discover.equation import Equation, Evidence, Law, Provenance, Term, Verdict
    from discover.expr import (
        Derivatives,
        Exponential,
        Expr,
        Forced,
        Fourier,
        Functions,
        PerEquation,
        Polynomial,
        Power,
        Rational,
        Terms,
        TimeDerivatives,
        Trigonometric,
        Varying,
        parse,
    )
    from discover.find import dynamics, law
    from discover.peers import PySINDy, PySR
    from discover.sparse import Sparse
    from discover.symbolic import Symbolic

__all__ = [
    "Conserved",
    "DataError",
    "Derivatives",
    "DiscoverError",
    "Discovery",
    "Equation",
    "Evidence",
    "Exponential",
    "Expr",
    "ExpressionError",
    "Forced",
    "Fourier",
    "Functions",
    "InputError",
    "Law",
    "Map",
    "PerEquation",
    "Polynomial",
    "Power",
    "Provenance",
    "PySINDy",
    "PySR",
    "Rational",
    "SettingError",
    "Sparse",
    "Stochastic",
    "Strong",
    "Symbolic",
    "Term",
    "Terms",
    "TimeDerivatives",
    "Trigonometric",
    "UnavailableError",
    "UnitError",
    "Varying",
    "Verdict",
    "Weak",
    "conserved",
    "dynamics",
    "example",
    "example_names",
    "from_pysindy",
    "from_pysr",
    "law",
    "load",
    "load_conserved",
    "load_law",
    "parse",
    "run_batch",
    "summary",
]

_ROOMS = {
    "discover.adopt": ("from_pysindy", "from_pysr"),
    "discover.batch.run": ("run_batch",),
    "discover.batch.summary": ("summary",),
    "discover.conservation": ("Conserved", "conserved", "load_conserved"),
    "discover.data": ("example", "example_names", "load"),
    "discover.data.increments": ("Stochastic",),
    "discover.data.stencils": ("Strong", "Weak"),
    "discover.data.steps": ("Map",),
    "discover.discovery": ("Discovery", "load_law"),
    "discover.equation": ("Equation", "Evidence", "Law", "Provenance", "Term", "Verdict"),
    "discover.expr": (
        "Derivatives",
        "Exponential",
        "Expr",
        "Forced",
        "Fourier",
        "Functions",
        "PerEquation",
        "Polynomial",
        "Power",
        "Rational",
        "Terms",
        "TimeDerivatives",
        "Trigonometric",
        "Varying",
        "parse",
    ),
    "discover.find": ("dynamics", "law"),
    "discover.peers": ("PySINDy", "PySR"),
    "discover.sparse": ("Sparse",),
    "discover.symbolic": ("Symbolic",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("discover-equations")
    hint = "" if name.startswith("_") else did_you_mean(name, __all__)
    raise AttributeError(f'discover has no "{name}".{hint}')


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOM_OF, "__version__"])
