"""Accuracy, simplicity, consistency: the engine ranks, only the judge chooses.

To add a question the judge asks, give it a function that returns reasons in words, and call it in
`verdict.verdict`; to add a measure of importance, put it beside `importance.shapley`.
"""

from discover.judge.carried import Released, carried
from discover.judge.cases import shared
from discover.judge.conclude import conclude
from discover.judge.contest import choose
from discover.judge.formulas import conclude_formula
from discover.judge.proofs import checked
from discover.judge.requirements import with_demands, with_formula_demands
from discover.judge.suggested import with_suggestions
from discover.judge.systems import Choice, Trial, cleaner, joined, on_all_data, settled
from discover.judge.verdict import misfit_limit

__all__ = [
    "Choice",
    "Released",
    "Trial",
    "carried",
    "checked",
    "choose",
    "cleaner",
    "conclude",
    "conclude_formula",
    "joined",
    "misfit_limit",
    "on_all_data",
    "settled",
    "shared",
    "with_demands",
    "with_formula_demands",
    "with_suggestions",
]
