"""The pictures of the report, each one function from a law to inline SVG text.

To add a picture: write `name(law) -> Picture | None` in a file of its own (None where the law has
nothing to show), and name it in `discover.export.report`.
"""

from discover.export.figures.cases import cases
from discover.export.figures.coefficients import forest, importance
from discover.export.figures.drawing import Picture
from discover.export.figures.functions import functions
from discover.export.figures.movie import movie
from discover.export.figures.parity import parity
from discover.export.figures.paths import paths
from discover.export.figures.portrait import portrait
from discover.export.figures.profiles import profiles
from discover.export.figures.returns import returns
from discover.export.figures.tradeoff import tradeoff
from discover.export.figures.trajectories import trajectories

__all__ = [
    "Picture",
    "cases",
    "forest",
    "functions",
    "importance",
    "movie",
    "parity",
    "paths",
    "portrait",
    "profiles",
    "returns",
    "tradeoff",
    "trajectories",
]
