"""The door out: laws as text, SymPy, LaTeX, MathML, source code, law files and the report page.

To add an exporter: a function `name(law) -> str` in a file of its own, and a row in `formats.py`.
To add a picture to the report: a function in `figures/`, and its name in `report.py`.
"""

from discover.export.formats import EXPORTERS, export
from discover.export.importance import variable_shares
from discover.export.latex import latex
from discover.export.lawfile import load, save
from discover.export.source import python
from discover.export.symbols import to_sympy
from discover.export.text import choices_text, equation_text, law_text

__all__ = [
    "EXPORTERS",
    "choices_text",
    "equation_text",
    "export",
    "latex",
    "law_text",
    "load",
    "python",
    "save",
    "to_sympy",
    "variable_shares",
]
