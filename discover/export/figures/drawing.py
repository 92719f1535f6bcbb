"""From a matplotlib figure to SVG that may stand inside a web page.

Text stays text (found by search, read aloud, escaped by the SVG writer); colours are handed to the
page's style sheet by name, so that one drawing serves light, dark and paper; nothing in the output
depends on the day or the machine's own matplotlib settings.
"""

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from discover.export.rounding import number

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


def grid(n_rows: int, n_columns: int, row: float, gap: float, between: float) -> "Figure":
    """Return an empty figure for many panels, with fixed margins: measuring every label would take seconds.

    Args:
        n_rows, n_columns: panels.
        row: height of a panel, in inches; `gap` and `between` what parts rows and columns.
    """
    from matplotlib.figure import Figure

    top, bottom, left, right = 0.55, 0.5, 0.85, 0.12
    height = top + bottom + n_rows * row + (n_rows - 1) * gap
    column = (WIDTH - left - right - (n_columns - 1) * between) / n_columns
    figure = Figure(figsize=(WIDTH, height))
    figure.subplots_adjust(left / WIDTH, bottom / height, 1 - right / WIDTH, 1 - top / height)
    figure.subplots_adjust(wspace=between / column, hspace=gap / row)
    return figure


def legend_on_top(figure: "Figure", panels: Iterable["Axes"]) -> None:
    """Name every kind of mark once, above all panels, where the names hide no data."""
    named: dict[str, Any] = {}
    for axes in panels:
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(name, handle)
    place = "upper right" if figure.get_layout_engine() is None else "outside upper right"
    figure.legend(list(named.values()), list(named), loc=place, ncols=4)


def plain(text: str, limit: int = 30) -> str:
    """Return `text` on one line, of signs that a picture can hold, its middle left out where it is long.

    >>> plain("a very long name that somebody gave to a column of a table")
    'a very long na…mn of a table'
    """
    shown = "".join(_printable(sign) for sign in text).strip()
    half = (limit - 1) // 2
    return shown if len(shown) <= limit else f"{shown[:half]}…{shown[-(half - 1) :]}"


def _printable(sign: str) -> str:
    return sign if sign.isprintable() else " " if sign.isspace() else "\ufffd"


def label(name: str, unit: str | None, limit: int = 30, between: str = " ") -> str:
    """Return the text of an axis: the name, and its unit where that is known and says more than the name.

    >>> label("hare", "thousand pelts"), label("year", "year"), label("lynx", None)
    ('hare (thousand pelts)', 'year', 'lynx')
    """
    shown = plain(name, limit)
    return f"{shown}{between}({plain(unit, limit)})" if unit and unit != name else shown


def log_y(axes: "Axes", values: Sequence[float]) -> None:
    """Make the vertical axis logarithmic over `values`, its ticks written as text rather than mathtext."""
    from matplotlib.ticker import LogLocator

    axes.set_yscale("log")
    if max(values) < 30 * min(values):  # too short a range for powers of ten alone
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    _plain_ticks(axes)


def symlog_y(axes: "Axes", linear: float) -> None:
    """Make the vertical axis linear up to `linear` on either side of 0, and logarithmic beyond."""
    axes.set_yscale("symlog", linthresh=linear)
    _plain_ticks(axes)


def _plain_ticks(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: number(value, 1).removeprefix("1×")))
    axes.yaxis.set_minor_formatter(NullFormatter())


def draw(figure: "Figure", identity: str, caption: str) -> Picture:
    """Return the figure as a Picture; `identity` keeps its ids apart from other drawings of the page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = _ASIDE.sub("", buffer.getvalue())
    # Set for a page of 54rem, and never so narrow that its text cannot be read.
    inches = float(figure.get_figwidth())
    size = f"max-width: {6 * inches:.1f}rem; min-width: {min(4.2 * inches, 38):.1f}rem"
    opening = f'<svg role="img" aria-label="{escape(caption)}" style="{size}" viewBox="{_viewbox(svg)}">'
    body = svg[svg.index(">", svg.index("<svg")) + 1 :].strip()
    return Picture(opening + _TAG.sub(lambda tag: _settled(tag[0], identity), body), caption)


_ASIDE = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
# The SVG writer escapes < and > wherever text or a value holds them, so this finds tags and nothing else.
_TAG = re.compile(r"<[^>]*>")


def _viewbox(svg: str) -> str:
    return svg.split('viewBox="', 1)[1].split('"', 1)[0]


def _settled(tag: str, identity: str) -> str:
    """Return a tag with ids of its own, the page's colours and font, and positions to a hundredth of a point."""
    tag = tag.replace(' id="', f' id="{identity}-').replace("url(#", f"url(#{identity}-")
    tag = tag.replace('xlink:href="#', f'href="#{identity}-').replace('xlink:href="data:', 'href="data:')
    return _page_style(re.sub(r"(\.\d\d)\d+", r"\1", tag))


def _page_style(value: str) -> str:
    """Colours by the names of the style sheet, and the page's font instead of the drawing's."""
    value = re.sub(r"font: ((?:\w+ )*)([\d.]+px) [^;]*", _font, value)
    for colour, role in _ROLES.items():
        value = value.replace(colour, f"var(--{role}, {colour})")
    return value


def _font(match: re.Match[str]) -> str:
    weight = "; font-weight: 600" if any(word in match[1] for word in ("bold", "600", "700")) else ""
    return f"font-size: {match[2]}{weight}"
