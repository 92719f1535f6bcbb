"""From a matplotlib figure to SVG that may stand inside a web page.

Text stays text (found by search, read aloud, escaped by the SVG writer); colours are handed to the
page's style sheet by name, so that one drawing serves light, dark and paper; nothing in the output
depends on the day or the machine's own matplotlib settings.
"""

import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.dom import minidom

from discover.export.rounding import power_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID, PAPER = "#1f2328", "#636b74", "#dfe3e8", "#fefefe"
LAW, ACCENT, THIRD = "#0072b2", "#d55e00", "#009e73"
"""Okabe and Ito's blue, vermilion and bluish green: told apart with any colour vision."""

_ROLES = {INK: "ink", MUTED: "muted", GRID: "grid", PAPER: "paper", LAW: "law", ACCENT: "accent", THIRD: "third"}

WIDTH = 9.0
"""Inches; one inch is 72 units of the drawing, and text is set for that width."""

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "discover",
    "text.parse_math": False,  # a column may be called "$x_1$", and means it
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One figure of the report.

    Attributes:
        svg: the drawing, safe to stand in a page as it is.
        caption: what is seen, for every reader, as plain text.
    """

    svg: str
    caption: str


@contextmanager
def style() -> "Iterator[None]":
    """Draw with the report's own settings, whatever the reader's matplotlib is set to."""
    from matplotlib import style as matplotlib_style

    with matplotlib_style.context(["default", _STYLE]), warnings.catch_warnings():
        # A sign that DejaVu lacks is still drawn by the browser, with a font that has it.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        yield


def canvas(height: float, width: float = WIDTH) -> "Figure":
    """Return an empty figure of `width` by `height` inches that makes room for its own labels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def plain(text: str, limit: int = 30) -> str:
    """Return `text` on one line, of signs that a picture can hold, its middle left out where it is long.

    >>> plain("a very long name that somebody gave to a column of a table")
    'a very long na…mn of a table'
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    half = (limit - 1) // 2
    return shown if len(shown) <= limit else f"{shown[:half]}…{shown[-(half - 1) :]}"


def label(name: str, unit: str | None) -> str:
    """Return the text of an axis: the name, and its unit where that is known.

    >>> label("hare", "thousand pelts"), label("lynx", None)
    ('hare (thousand pelts)', 'lynx')
    """
    return f"{plain(name)} ({plain(unit)})" if unit else plain(name)


def log_y(axes: "Axes") -> None:
    """Make the vertical axis logarithmic, its ticks written as text rather than mathtext."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(_power))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _power(value: float, _position: int | None = None) -> str:
    if value <= 0:
        return ""
    exponent = math.log10(value)
    if -2.5 < exponent < 3.5:
        return f"{value:g}"
    whole = round(exponent)
    return power_text(whole)[1:] if abs(exponent - whole) < 1e-9 else ""


def legend_above(axes: "Axes", n_columns: int = 4) -> None:
    """Put the legend over the panel, where it hides no data."""
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=n_columns, borderaxespad=0.2)


def draw(figure: "Figure", identity: str, caption: str) -> Picture:
    """Return the figure as a Picture; `identity` keeps its ids apart from other drawings of the page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    document = minidom.parseString(buffer.getvalue())
    root = document.documentElement
    assert root is not None
    _settle(root, identity)
    for name in ("width", "height"):
        root.removeAttribute(name)
    root.setAttribute("role", "img")
    root.setAttribute("aria-label", caption)
    return Picture(root.toxml(), caption)


def _settle(element: minidom.Element, identity: str) -> None:
    for name, value in list(element.attributes.items()):
        element.setAttribute(name, _attribute(name, value, identity))
    for child in list(element.childNodes):
        if isinstance(child, minidom.Comment) or child.nodeName == "metadata":
            element.removeChild(child)
        elif isinstance(child, minidom.Element):
            _settle(child, identity)


def _attribute(name: str, value: str, identity: str) -> str:
    if name == "id":
        return f"{identity}-{value}"
    if name.endswith("href") and value.startswith("#"):
        return f"#{identity}-{value[1:]}"
    value = value.replace("url(#", f"url(#{identity}-")
    if name in ("style", "fill", "stroke"):
        return _page_style(value)
    return value


def _page_style(value: str) -> str:
    """Colours by the names of the style sheet, and the page's font instead of the drawing's."""
    value = re.sub(r"font: ((?:\w+ )*)([\d.]+px) [^;]*", _font, value)
    for colour, role in _ROLES.items():
        value = value.replace(colour, f"var(--{role}, {colour})")
    return value


def _font(match: re.Match[str]) -> str:
    weight = "; font-weight: 600" if any(word in match[1] for word in ("bold", "600", "700")) else ""
    return f"font-size: {match[2]}{weight}"
