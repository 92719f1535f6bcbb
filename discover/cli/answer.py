"""What a finished search says: the law on standard output, its files on disk, its exit code."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.cli.exits import FOUND, INTERRUPTED, NOTHING_FOUND, say
from discover.errors import InputError, SettingError

if TYPE_CHECKING:
    from discover.discovery import Discovery
    from discover.equation import Demand, Equation, Law, Term


def check_folders(*files: Path | None) -> None:
    """Refuse a file that could not be written, before the search and not after it."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            raise SettingError(f"{file} cannot be written: there is no folder {file.parent}; make it first.")


def deliver(found: "Discovery", *, report: Path | None, save: Path | None, as_json: bool) -> int:
    """Write the files asked for, print the answer whatever becomes of them, and return the exit code."""
    files: dict[str, str] = {}
    failures: list[InputError] = []
    for what, path, write in (("law", save, found.save), ("report", report, found.report)):
        if path is not None:
            try:
                write(path)
                files[what] = str(path)
            except InputError as failure:
                failures.append(failure)
    if as_json:
        print(json.dumps(document(found, files), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        lines = [f"{what}: {path}" for what, path in files.items()]
        print("\n".join([answer(found), "", *lines] if lines else [answer(found)]))
    if failures:
        raise failures[0]
    if found.front.interrupted:
        say("discover: interrupted; this is the best so far.")
        return INTERRUPTED
    return NOTHING_FOUND if found.verdict.word == "none" else FOUND


def answer(found: "Discovery") -> str:
    """Return the equations with the verdict, the coefficients with their intervals, and the table of choices."""
    from discover.export import choices_text, law_text

    law = found.law
    parts = (law_text(law), "\n".join(_intervals(law)), choices_text(law, found.front))
    return "\n\n".join(part for part in parts if part)


def _intervals(law: "Law") -> list[str]:
    """Return one line a coefficient, under a heading; nothing where there is no coefficient."""
    from discover.export.importance import coefficients, label
    from discover.export.notation import left_text, written_names
    from discover.export.text import shown

    rows = [
        (
            f"{shown(left_text(equation))}: {label(term, equation, written_names(equation))}",
            f"{term.value:.4g}",
            f"{term.low:.4g} to {term.high:.4g}",
            shown(term.unit or ""),
            f"{term.inclusion:.2f}" if math.isfinite(term.inclusion) else "",
        )
        for equation in law.all_equations
        for term in coefficients(equation)
    ]
    heading = ("coefficient of", "value", "95 % interval", "unit", "probability")
    return _aligned([heading, *rows]) if rows else []


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def document(found: "Discovery", files: dict[str, str]) -> dict[str, Any]:
    """Return what `--json` prints, as dictionaries, lists, text and numbers."""
    from discover import __version__

    law = found.law
    return {
        "discover": __version__,
        "verdict": law.verdict.word,
        "reasons": list(law.verdict.reasons),
        "interrupted": found.front.interrupted,
        "estimator": law.estimator,
        "equations": [_equation(equation) for equation in law.all_equations],
        "cases": _cases(law),
        "requirements": [_requirement(one) for one in law.requirements],
        "suggestions": [
            {"text": one.text, "told": one.told, "p_value": _number(one.p_value), "note": one.note}
            for one in law.suggestions
        ],
        "groups": [{"name": one.name, "text": one.text} for one in law.groups],
        "notes": list(law.provenance.notes),
        "files": files,
    }


def _requirement(one: "Demand") -> dict[str, Any]:
    return {
        "text": one.text,
        "held": one.held,
        "contradicted": one.contradicted,
        "p_value": _number(one.p_value),
        "note": one.note,
    }


def _cases(law: "Law") -> list[dict[str, Any]]:
    """Return every coefficient in every case, and how surely it differs; nothing where there are no cases."""
    if not law.cases:
        return []
    from discover.export.cases import comparison_rows

    return [{k: _number(v) if isinstance(v, float) else v for k, v in row.items()} for row in comparison_rows(law)]


def _equation(equation: "Equation") -> dict[str, Any]:
    from discover.expr import text

    return {
        "target": equation.target,
        "time": equation.time,
        "space": list(equation.space),
        "kind": equation.kind,
        "order": equation.order,
        "text": text(equation.rhs, equation.names, equation.axes),
        "r2": _number(equation.r2),
        "held_out_r2": _number(equation.held_out_r2),
        "loss": _number(equation.loss),
        "probability": None if equation.probability is None else _number(equation.probability),
        "terms": [_term(term, equation) for term in equation.terms],
        "denominator": [_term(term, equation) for term in equation.denominator],
    }


def _term(term: "Term", equation: "Equation") -> dict[str, Any]:
    from discover.expr import text

    numbers = ("value", "std", "low", "high", "inclusion", "share")
    return {
        "term": text(term.expr, equation.names, equation.axes),
        **{name: _number(getattr(term, name)) for name in numbers},
        "unit": term.unit,
        "alternatives": list(term.alternatives),
    }


def _number(value: float) -> float | None:
    """JSON has no word for a number that is not known."""
    return value if math.isfinite(value) else None
